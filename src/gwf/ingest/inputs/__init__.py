"""How other systems' own ways of telling become events: adapters that make CloudEvents of what comes."""
