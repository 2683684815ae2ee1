"""Silences: times in which some alerts are not told, now or planned, and what they would hold back."""
