"""Which settings change while the process runs; every other one needs a restart."""

from __future__ import annotations

from gwf.core.settings.compare import Place

HOT: tuple[Place, ...] = (
    ("env_file",),
    ("log",),
    ("api", "token"),
    ("api", "allowed_hosts"),
    ("api", "allow_env"),
    ("legacy_api",),
    ("stores",),
    ("agent", "hostname"),
    ("agent", "labels"),
    ("agent", "actions"),
    ("agent", "watch"),
    ("agent", "rules"),
    ("agent", "reconcile_interval"),
    ("agent", "transfer"),
    ("agent", "retry"),
    ("agent", "breaker"),
    ("agent", "high_water"),
    ("agent", "receive"),
    ("agent", "logs"),
)
"""Places whose values the running process takes over. A new setting belongs here once something follows it."""


def is_hot(place: Place) -> bool:
    """Tell whether the value at `place` may change while the process runs."""
    return any(place[: len(hot)] == hot for hot in HOT)


def is_hot_key(key: str) -> bool:
    """Return the same for a key as the reference writes it: `agent.watch[].silence`."""
    return is_hot(tuple(key.replace("[]", "").split(".")))
