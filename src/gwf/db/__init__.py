"""SQL adapters of the areas' stores, on SQLite and PostgreSQL."""
