"""kill -9 of the real centre while rules decide: each event is decided once, by what was in force."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gwf.core.faults import RULE_POINTS
from gwf.testing.centre_server import CentreServer
from tests.agent.waiting import until
from tests.app.test_ingest_kills import batch, send_until_killed, stored


def sent(centre: CentreServer, path: str, body: object) -> Any:
    return centre.call("POST", path, json.dumps(body).encode(), Content_Type="application/json").json


@pytest.mark.slow
def test_a_kill_while_rules_decide_leaves_no_event_out_and_decides_none_twice(tmp_path: Path) -> None:
    centre = CentreServer(tmp_path / "centre", "sqlite")
    try:
        centre.start()
        credential = centre.enrol("host-1")
        rule = {"name": "inbox", "when": {"type": "gwf.file.done"}, "then": []}
        made = sent(centre, "/api/v1/rules", {"rule": rule})
        assert sent(centre, f"/api/v1/rules/{made['rule_id']}:publish", {})["published_version"] == 1
        centre.stop()
        acked = 0
        for point in RULE_POINTS:
            centre.start(kill_at=f"{point}:1")
            acked = send_until_killed(centre, credential, acked)
            assert centre.was_killed()
        centre.start()
        acked = centre.send(credential, batch(acked + 1)).json["acked_seq"]
        files, _ = stored(centre)
        assert len(files) == acked * 9 // 10

        def hits() -> int:
            count: int = centre.call("GET", f"/api/v1/rules/{made['rule_id']}").json["hits_7d"]
            return count

        until(lambda: hits() >= len(files))
        assert hits() == len(files)
    finally:
        centre.stop()
