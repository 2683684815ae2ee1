"""HTTP endpoints of a process: probes, metrics, legacy and versioned API."""
