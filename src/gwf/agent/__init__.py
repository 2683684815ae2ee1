"""The edge: watch, settle, journal, transfer, report."""
