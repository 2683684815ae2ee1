"""Batches of file events as agents send them: made and packed before anything is measured."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

EVENTS = 2_000  #: in one batch


def packed_batch(agent: int, number: int) -> bytes:
    """Return one batch of an agent, as gzip."""
    return gzip.compress(json.dumps(batch(agent, number)).encode(), 1)


def batch(agent: int, number: int) -> dict[str, Any]:
    """Return the batch after `number` others: one event in twenty is a failed attempt."""
    chance = random.Random(agent * 100_003 + number)
    return {"epoch": "e1", "events": list(_events(agent, number * EVENTS, chance))}


def _events(agent: int, after: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    began = datetime.now(UTC) - timedelta(hours=2)
    for seq in range(after + 1, after + EVENTS + 1):
        name = f"app/d{chance.randrange(50)}/file-{seq:08d}.log"
        body: dict[str, Any] = {
            "path": f"/var/log/{name}", "store": "main", "key": f"host{agent}/{name}", "attempt": 1,
            "size_bytes": chance.randrange(10**6), "duration_ms": chance.randrange(5_000), "reason": None,
        }  # fmt: skip
        failed = chance.random() < 0.05
        if failed:
            body |= {"error_class": "network", "error_code": "timeout", "message": "no answer (status=504)"}
        else:
            body |= {"etag": f"{chance.getrandbits(128):032x}", "sha256": f"{chance.getrandbits(256):064x}"}
        at = (began + timedelta(milliseconds=chance.randrange(7_200_000))).isoformat(timespec="milliseconds")
        yield {
            "seq": seq, "at": at.replace("+00:00", "Z"), "kind": "file.failed" if failed else "file.done",
            "file": {"id": seq, "gen": 1}, "body": body,
        }  # fmt: skip
