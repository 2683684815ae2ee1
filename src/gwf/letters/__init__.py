"""Dead letters of the centre: everything that failed for good, its causes, and the way back."""
