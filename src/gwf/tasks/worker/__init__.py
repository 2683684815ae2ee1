"""Workers of the centre: what they can do, and how they do it."""
