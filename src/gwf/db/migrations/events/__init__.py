"""Revisions of the tables of events and their sums."""
