"""A file goes from a person through a centre and a remote agent into a store, on record and by nobody else's hand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.agent.waiting import until
from tests.api.conftest import Answer
from tests.app.remote import RemoteHost, Server, serving

PIECE = 1024 * 1024
WHOLE = bytes(range(256)) * 5_000  # more than one piece
SHA256 = hashlib.sha256(WHOLE).hexdigest()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path / "centre") as server:
        yield server


def begun(server: Server, incoming: str, order: dict[str, Any]) -> Any:
    """Begin a file, once the agent listens."""
    return until(lambda: answer.json if (answer := server.ask(incoming, order)).status == 200 else None)


def test_a_file_put_at_the_centre_reaches_the_store_of_a_remote_host(server: Server, tmp_path: Path) -> None:
    host = RemoteHost(tmp_path / "host", server, receive={"enabled": True})
    with host.running():
        incoming, tree = f"/agents/{until(server.agent)['agent_id']}/incoming", str(host.place.tree)
        order = {"directory": tree, "name": "数据.bin", "size_bytes": len(WHOLE), "reason": "补传"}
        state = begun(server, incoming, order)
        at = f"{incoming}/{state['incoming_id']}"
        assert (state["received_bytes"], state["piece_bytes"]) == (0, PIECE)
        first = server.send("PUT", at, WHOLE[:PIECE], offset=0)
        assert (first.status, first.json["received_bytes"]) == (200, PIECE)
        assert server.ask(incoming, order).json["received_bytes"] == PIECE
        assert server.send("PUT", at, WHOLE[PIECE:], offset=PIECE).status == 200
        end = {"path": state["path"], "size_bytes": len(WHOLE), "sha256": SHA256}
        assert server.ask(f"{at}:finish", end, key="finish-0001").json["sha256"] == SHA256
        assert server.ask(f"{at}:finish", end, key="finish-0001").status == 200
        until(lambda: host.place.stored() == {"数据.bin": SHA256})
        begin = ("agent.file_put", {"directory": tree, "name": "数据.bin", "size_bytes": len(WHOLE)})
        assert server.actions()[:3] == [("agent.file_put_finish", end), begin, begin]
        by = server.ask("/audit", action="agent.file_put_finish").json["items"][0]
        assert (by["actor"]["kind"], by["resource"]["kind"]) == ("operator", "agent")


def test_a_refused_and_a_cancelled_file_are_on_record(server: Server, tmp_path: Path) -> None:
    host = RemoteHost(tmp_path / "host", server, receive={"enabled": True})
    host.place.write("there.log")
    with host.running():
        incoming, tree = f"/agents/{until(server.agent)['agent_id']}/incoming", str(host.place.tree)
        state = begun(server, incoming, {"directory": tree, "name": "a.log", "size_bytes": 3})
        at = f"{incoming}/{state['incoming_id']}"
        taken = server.ask(incoming, {"directory": tree, "name": "there.log", "size_bytes": 3})
        assert (taken.status, taken.json["code"], taken.json["params"]["kind"]) == (409, "file_exists", "file")
        assert server.ask(f"{at}:cancel", {"path": state["path"]}).json["path"] == state["path"]
        assert server.send("PUT", at, b"abc", offset=0).json["code"] == "incoming_gone"
        assert [action for action, _ in server.actions()[:3]] == [
            "agent.file_put_cancel", "agent.file_put_failed", "agent.file_put",
        ]  # fmt: skip
        assert [path.name for path in host.place.tree.iterdir()] == ["there.log"]
        level = server.ask(f"/agents/{until(server.agent)['agent_id']}/files", path=tree).json
        assert level["incoming"] == {"state": "open", "max_bytes": 5 * 1024**3}


@pytest.mark.parametrize(
    ("rights", "receive", "code"),
    [("act", {}, "receive_off"), ("read", {"enabled": True}, "remote_files_off")],
)
def test_the_host_decides_whether_it_takes_files(
    server: Server, tmp_path: Path, rights: Any, receive: dict[str, Any], code: str
) -> None:
    host = RemoteHost(tmp_path / "host", server, rights=rights, receive=receive)
    with host.running():
        incoming = f"/agents/{until(server.agent)['agent_id']}/incoming"
        order = {"directory": str(host.place.tree), "name": "a.log", "size_bytes": 3}

        def answered() -> Answer | None:
            answer = server.ask(incoming, order)
            return None if answer.status == 503 else answer

        refusal = until(answered)
        assert refusal is not None
        assert (refusal.status, refusal.json["code"]) == (403, code)
        assert list(host.place.tree.iterdir()) == []
