"""Alerts as they run in the centre: events are read once, what came of them is kept and told."""
