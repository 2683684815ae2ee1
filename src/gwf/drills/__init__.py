"""Drills: failures made on purpose on a scratch instance, measured and judged."""
