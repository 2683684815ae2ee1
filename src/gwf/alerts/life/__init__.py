"""The life of alerts: seen, grouped, held back, told, escalated, acknowledged, resolved. Pure."""
