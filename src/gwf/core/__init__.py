"""What every area may use: errors, clock, units, logs, metrics, settings, limits."""
