"""The configuration by which the platform of a demo works. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gwf.demo.place import DemoPlan

HEARTBEAT_S = 3.0
OFFLINE_S = 12.0
CONFIRM_S = 1.0  #: trial of a configuration, at simulated agents and at the real edge
CHANNEL = "oncall-robot"  #: by which people on call are told
GOOD_WORKERS, POISON_WORKERS = 6, 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Addresses of the two made-up object stores, and of the business beyond."""

    #: refuses for a while now and then
    partner: str
    #: confirms wrong checksums for some files
    vault: str
    #: hears webhooks, and what people on call are told
    business: str


def document(plan: DemoPlan, stores: Endpoints) -> dict[str, object]:
    """Return the configuration: real trees, one store on disk, two over HTTP, quick thresholds."""
    root = plan.directory
    s3 = {"region": "demo", "access_key": "made-up-key", "secret_key": "made-up-secret", "path_style": True}
    quick = {"connect_timeout": "1s", "read_timeout": "3s"}

    def watch(tree: str, store: str) -> dict[str, object]:
        return {"path": str(root / "in" / tree), "store": store, "silence": "1s", "settle": "300ms"}

    return {
        "data_dir": str(root / "data"),
        "listen": plan.listen,
        "log": {"format": "json", "file": str(root / "gwf.log"), "stderr": False},
        "stores": {
            "archive": {"url": f"file://{root / 'objects'}"},
            "partner": {"url": "s3://partner", "endpoint": stores.partner, **s3, **quick},
            "vault": {"url": "s3://vault", "endpoint": stores.vault, **s3, **quick},
        },
        "agent": {
            "hostname": "demo-edge",
            "labels": {"demo": "true", "env": "prod", "site": "sh", "line": "archive"},
            "watch": [watch("orders", "partner"), watch("logs", "archive"), watch("reports", "vault")],
            "retry": {"base": "2s", "cap": "8s", "max_attempts": 2},
            "breaker": {"open_for": "5s", "open_cap": "20s"},
            "receive": {"enabled": True, "max_size": "64MiB"},
        },
        "server": {
            "enabled": True,
            "agents": {"heartbeat": HEARTBEAT_S, "offline_after": OFFLINE_S, "recover_after": 5},
            # the made-up business is on this host
            "webhooks": {"allow_networks": ["127.0.0.0/8"]},
            "channels": {CHANNEL: {"kind": "webhook", "url": f"{stores.business}/oncall", "per_minute": 60}},
        },
    }
