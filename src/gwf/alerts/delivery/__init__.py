"""From notices to messages that arrive: who is told by which channel, when, folded with what, and what became of it."""
