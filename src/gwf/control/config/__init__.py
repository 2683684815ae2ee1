"""Configuration of a fleet: versions, layers, and what they amount to for one agent."""
