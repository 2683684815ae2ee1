"""How a configuration reaches agents in waves, and how it is taken back."""
