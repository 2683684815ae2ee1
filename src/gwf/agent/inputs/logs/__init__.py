"""Follows logs as they grow: what was read is known over rotations and restarts."""
