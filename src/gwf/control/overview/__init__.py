"""The fleet at one look: what is wrong first, what changed, how work flows."""
