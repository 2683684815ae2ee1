"""Real servers on loopback for tests, drills and benchmarks; their faults are switched on purpose."""
