"""Many simulated agents in one process, for measuring a centre."""
