"""Given-up files of a real agent at the desk of a real centre: probed, sent again, dropped, sent elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.agent.waiting import until
from tests.app.remote import RemoteHost, Server, serving


def letters(server: Server, **query: Any) -> list[dict[str, Any]]:
    return list(server.ask("/dlq", **query).json["items"])


def state_of(server: Server, name: str) -> str:
    found = letters(server, text=name, state=["open", "queued", "replaying", "resolved", "dropped"])
    return str(found[0]["state"]) if found else ""


def test_given_up_files_are_probed_sent_again_moved_and_dropped(tmp_path: Path) -> None:
    with serving(tmp_path / "centre", heartbeat=1) as server:
        host = RemoteHost(tmp_path / "host", server)
        document = json.loads(host.file.read_text())
        document["agent"]["retry"] = {"max_attempts": 1}
        host.file.write_text(json.dumps(document))
        for name in ("again.log", "moved.log", "dropped.log"):  # nothing can be written where a directory is
            (host.place.objects / name / "in the way").mkdir(parents=True)
        with host.running():
            host.place.write("again.log", "moved.log", "dropped.log")
            until(lambda: len(letters(server)) == 3, within_s=60)
            group = server.ask("/dlq/groups").json["items"]
            assert [(one["kind"], one["letters"]) for one in group] == [("upload", 3)]
            probe = server.ask("/dlq:probe", {"cause_id": group[0]["cause_id"]}).json
            assert probe["verdict"] in {"gone", "unknown"}, probe
            assert "default" in probe["findings"][0]
            found = {Path(one["about"]).name: one["letter_id"] for one in letters(server)}

            moved = {"ids": [found["moved.log"]], "edit": {"key": "else/where.log"}}
            rehearsed = server.ask("/dlq:replay?dry_run=true", moved).json["rehearsal"]
            assert [(one["pointer"], one["after"]) for one in rehearsed["changes"]] == [("/key", "else/where.log")]
            assert server.ask("/dlq:replay", moved).status == 200
            until(lambda: state_of(server, "moved.log") == "resolved", within_s=60)
            assert (host.place.objects / "else" / "where.log").is_file()

            assert server.ask("/dlq:drop", {"ids": [found["dropped.log"]], "reason": "not needed"}).status == 200
            until(lambda: state_of(server, "dropped.log") == "dropped", within_s=60)

            order = {"ids": [found["again.log"]], "reason": "first"}
            assert server.ask("/dlq:replay", order).status == 200  # still in the way: it fails again
            until(lambda: [one["poison"] for one in letters(server)] == [True], within_s=60)
            (host.place.objects / "again.log" / "in the way").rmdir()
            (host.place.objects / "again.log").rmdir()
            for _ in range(3):
                server.ask("/dlq:replay", order)
            until(lambda: state_of(server, "again.log") == "resolved", within_s=60)
            done = server.ask("/file-events", status="done", text="again.log").json["items"]
            assert len(done) == 1
        actions = {item["action"] for item in server.ask("/audit", limit=100).json["items"]}
        assert {"dead_letters.replay", "dead_letters.drop", "agent.letters_replay", "agent.letters_drop"} <= actions
