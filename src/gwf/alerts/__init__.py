"""Alerts: what people are told, once, and why."""
