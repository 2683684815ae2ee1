"""Carrying files to their destinations."""
