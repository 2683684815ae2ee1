"""What people decide about alerts, kept in versions: rules, chains, schedules, inhibitions."""
