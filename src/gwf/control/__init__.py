"""Decisions about agents: who they are, what they work by, what they are offered next."""
