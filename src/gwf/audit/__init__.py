"""The record of who changed what, and the proof that nobody changed the record."""
