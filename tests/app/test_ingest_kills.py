"""kill -9 of the real centre while it takes events, on both databases: each is there exactly once afterwards."""

from __future__ import annotations

import http.client
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from gwf.core.faults import INGEST_POINTS
from gwf.db.address import DatabaseAddress
from gwf.testing.centre_server import CentreServer

BATCH = 50
BATCHES = 6


@pytest.fixture(params=["sqlite", "postgresql"])
def centre(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CentreServer]:
    database = "sqlite"
    if request.param == "postgresql":
        address: DatabaseAddress = request.getfixturevalue("postgres_address")
        assert address.url is not None
        database = address.url.set(drivername="postgresql").render_as_string(hide_password=False)
    server = CentreServer(tmp_path / "centre", database)
    yield server
    server.stop()


def batch(first: int) -> dict[str, object]:
    return {
        "epoch": "e1",
        "events": [
            {
                "seq": seq, "at": "2026-01-02T03:04:05.678Z", "kind": "alert.raised" if seq % 10 == 0 else "file.done",
                "file": None if seq % 10 == 0 else {"id": seq, "gen": 1}, "body": {"path": f"/in/{seq}"},
            }
            for seq in range(first, first + BATCH)
        ],
    }  # fmt: skip


def stored(centre: CentreServer) -> tuple[list[str], list[str]]:
    """Return the paths of all file events and the ids of all alarms."""
    query = "?since=2026-01-01T00:00:00Z&limit=1000"
    files = centre.call("GET", f"/api/v1/file-events{query}").json["items"]
    alarms = centre.call("GET", f"/api/v1/events{query}&type=gwf.alert.raised").json["items"]
    return [item["path"] for item in files], [item["id"] for item in alarms]


def send_until_killed(centre: CentreServer, credential: str, acked: int) -> int:
    """Send batch after batch; return up to where they were acknowledged."""
    while centre.alive:
        try:
            answer = centre.send(credential, batch(acked + 1))
        except (OSError, http.client.HTTPException):
            return acked
        assert answer.status == 200, answer.body
        acked = answer.json["acked_seq"]
    return acked


@pytest.mark.slow
@pytest.mark.parametrize("point", INGEST_POINTS)
def test_a_kill_while_a_batch_is_stored_loses_and_doubles_nothing(centre: CentreServer, point: str) -> None:
    centre.start()
    credential = centre.enrol("host-1")
    centre.stop()
    acked = 0
    for nth in (1, 3):
        centre.start(kill_at=f"{point}:{nth}")
        acked = send_until_killed(centre, credential, acked)
        assert centre.was_killed()
    centre.start()
    while acked < BATCHES * BATCH:  # one of them was perhaps stored and not acknowledged
        acked = centre.send(credential, batch(acked + 1)).json["acked_seq"]
    total = acked
    files, alarms = stored(centre)
    assert Counter(files) == Counter(f"/in/{seq}" for seq in range(1, total + 1) if seq % 10)
    assert Counter(alarms) == Counter(f"e1:{seq}" for seq in range(10, total + 1, 10))
    facets = centre.call("GET", "/api/v1/file-events/facets?since=2026-01-01T00:00:00Z").json
    assert {item["value"]: item["count"] for item in facets["statuses"]} == {"done": len(files)}
