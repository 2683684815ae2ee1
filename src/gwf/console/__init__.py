"""Serves the built browser console."""
