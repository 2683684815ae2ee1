"""Syslog: framing, both formats of messages, events made of them, and the listener."""
