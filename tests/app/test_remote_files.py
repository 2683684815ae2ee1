"""Files of a remote agent through a real centre: asked, told, refused; the agent away, silent, cut off; two servers."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from gwf.control.asks import desk, model
from gwf.db.address import DatabaseAddress
from tests.agent.waiting import until
from tests.api.conftest import Answer
from tests.app.remote import SECRET, RemoteHost, Server, serving


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path / "centre") as server:
        yield server


def test_a_person_sees_reads_and_acts_on_files_of_a_remote_host(server: Server, tmp_path: Path) -> None:
    host = RemoteHost(tmp_path / "host", server)
    host.place.write("app/a.log", content=b"INFO one\nERROR two\n")
    with host.running():
        until(host.place.is_carried)
        files = f"/agents/{until(server.agent)['agent_id']}/files"
        tree = str(host.place.tree)
        assert [node["path"] for node in server.ask(files).json["items"]] == [tree], server.ask(files).json
        level = until(lambda: found if (found := server.ask(files, path=f"{tree}/app").json)["items"] else {})
        assert [(node["name"], node["on_disk"]) for node in level["items"]] == [("a.log", True)]
        log = f"{tree}/app/a.log"
        life = until(lambda: one if (one := server.ask(f"{files}/life", path=log).json)["sha256"] else {})
        assert {stage["name"] for stage in life["stages"] if stage["state"] == "done"} >= {"queued", "uploaded"}
        for _ in range(2):
            content = server.ask(f"{files}/content", path=log, q="error").json
            assert [(line["number"], line["text"]) for line in content["lines"]] == [(2, "ERROR two")]
        assert (
            server.ask(f"{files}:auto-upload", {"path": tree, "enabled": False, "reason": "quiet"}).json["path"] == tree
        )
        host.place.write("b.log")
        until(lambda: server.ask(files, path=tree, state="skipped").json["items"])
        assert server.ask(f"{files}:upload", {"path": f"{tree}/b.log"}).status == 200
        until(host.place.is_carried)
        refused = server.ask(f"{files}:upload", {"path": "/etc/passwd"})
        assert (refused.status, refused.json["code"]) == (400, "outside_watch")
        assert server.actions() == [
            ("agent.file_upload_failed", {"path": "/etc/passwd", "outcome": "outside_watch", "certain": True}),
            ("agent.file_upload", {"path": "/etc/passwd"}),
            ("agent.file_upload", {"path": f"{tree}/b.log"}),
            ("agent.file_switch", {"path": tree, "enabled": False}),
            ("agent.file_read", {"path": log, "q": "error"}),
        ]


def test_a_file_is_taken_away_whole_and_on_record(server: Server, tmp_path: Path) -> None:
    host = RemoteHost(tmp_path / "host", server)
    whole = bytes(range(256)) * 9_000  # more than one piece
    host.place.write("数据 1.bin", content=whole)
    host.place.write("empty.bin", content=b"")
    with host.running():
        files, tree = f"/agents/{until(server.agent)['agent_id']}/files", str(host.place.tree)
        taken = server.ask(f"{files}/download", path=f"{tree}/数据 1.bin")
        assert (taken.status, taken.body) == (200, whole)
        assert taken.headers["Content-Disposition"] == (
            "attachment; filename=\"__ 1.bin\"; filename*=UTF-8''%E6%95%B0%E6%8D%AE%201.bin"
        )
        assert server.ask(f"{files}/download", path=f"{tree}/empty.bin").body == b""
        assert server.ask(f"{files}/download", path="/etc/passwd").json["code"] == "outside_watch"
        assert server.actions()[0][0] == "agent.file_download_failed"
        assert ("agent.file_download", {"path": f"{tree}/empty.bin"}) in server.actions()


def test_an_order_that_comes_twice_is_given_once(server: Server, tmp_path: Path) -> None:
    host = RemoteHost(tmp_path / "host", server)
    host.place.write("a.log")
    with host.running():
        order, tree = f"/agents/{until(server.agent)['agent_id']}/files:auto-upload", str(host.place.tree)
        wish = {"path": tree, "enabled": False}
        first = server.ask(order, wish, key="order-0001")
        again = server.ask(order, wish, key="order-0001")
        assert (first.status, again.json, again.headers["Idempotency-Replayed"]) == (200, first.json, "true")
        assert server.ask(order, wish | {"enabled": True}, key="order-0001").json["code"] == "idempotency_key_reused"
        assert server.actions() == [("agent.file_switch", {"path": tree, "enabled": False})]
        effect = server.ask(f"{order}?dry_run=true", wish | {"enabled": True}).json
        assert (effect["undo"]["how"], len(effect["agents"]), len(server.actions())) == ("opposite", 1, 1)


def test_each_refusal_has_a_code_of_its_own(server: Server, tmp_path: Path) -> None:
    host = RemoteHost(tmp_path / "host", server, rights="names")
    host.place.write("a.log")
    with host.running():
        files = f"/agents/{until(server.agent)['agent_id']}/files"
        tree = str(host.place.tree)

        def code(where: str, body: object = None, /, **query: Any) -> tuple[int, str]:
            answer = server.ask(where, body, **query)
            return answer.status, answer.json["code"]

        assert server.ask(files, path=tree).status == 200
        assert code(f"{files}/content", path=f"{tree}/a.log") == (403, "remote_files_off")
        assert code(f"{files}:upload", {"path": f"{tree}/a.log"}) == (403, "remote_files_off")
        assert code(files, path="/etc") == (400, "outside_watch")
        assert code(files, path=f"{tree}/nothing") == (404, "file_gone")
        assert code(files, path=f"{tree}/a.log") == (400, "not_a_directory")
        assert code(files, cursor="no", path=tree) == (400, "invalid_cursor")
        assert code("/agents/nobody/files") == (404, "not_found")
        assert code(files, path=tree, sort="colour") == (422, "invalid_request")


def test_an_agent_that_is_away_is_told_with_what_it_said_last(tmp_path: Path) -> None:
    with serving(tmp_path / "centre", heartbeat=1, offline_after=2, degraded_after=1.5) as server:
        host = RemoteHost(tmp_path / "host", server)
        host.place.write("a.log")
        with host.running():
            agent_id = until(server.agent)["agent_id"]
            files, tree = f"/agents/{agent_id}/files", str(host.place.tree)
            before = until(lambda: found if (found := server.ask(files, path=tree).json)["items"] else {})
            assert before["stale"] is False
        until(lambda: server.agent()["state"] == "offline")
        after = server.ask(files, path=tree).json
        assert (after["stale"], after["as_of"], after["items"]) == (True, before["as_of"], before["items"])
        refused = server.ask(f"{files}/content", path=f"{tree}/a.log")
        assert (refused.status, refused.json["code"]) == (503, "agent_offline")
        server.ask(f"/agents/{agent_id}:revoke", {"reason": "test"})
        assert server.ask(files, path=tree).json["code"] == "agent_revoked"


def test_a_silent_agent_is_waited_for_no_longer_than_said(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "PATIENCE_S", dict.fromkeys(model.AskKind, 0.3))
    token = server.ask("/enrolment-tokens", {"name": "test", "max_uses": 1}).json["secret"]
    credential = enrolled(server, token)
    agent_id = server.agent()["agent_id"]
    answer = server.ask(f"/agents/{agent_id}/files:upload", {"path": "/a"})
    assert (answer.status, answer.json["code"]) == (503, "agent_silent")
    assert server.actions()[0] == (
        "agent.file_upload_failed",
        {"path": "/a", "outcome": "agent_silent", "certain": False},
    )
    assert own_asks(server, credential) == {"asks": [], "gone": []}


def test_who_goes_away_ends_the_question_and_too_many_are_refused(server: Server) -> None:
    token = server.ask("/enrolment-tokens", {"name": "test", "max_uses": 1}).json["secret"]
    credential = enrolled(server, token)
    files = f"/agents/{server.agent()['agent_id']}/files"
    with ExitStack() as clients:
        waiting = [clients.enter_context(asking(server, files)) for _ in range(desk.MOST_PER_AGENT)]
        asks = until(lambda: got if len(got := known(server, credential)) == desk.MOST_PER_AGENT else set())
        busy = server.ask(files)
        assert (busy.status, busy.json["code"]) == (429, "agent_busy")
        waiting[0].close()
        gone = until(lambda: own_asks(server, credential)["gone"])
    assert len(gone) == 1
    assert gone[0] in asks
    late = reply(server, credential, gone[0], {"body": {}})
    assert late == (200, {"wanted": False})


_KNOWN: dict[str, set[str]] = {}


def known(server: Server, credential: str) -> set[str]:
    """Return all questions that were fetched so far."""
    found = _KNOWN.setdefault(credential, set())
    found |= {ask["id"] for ask in own_asks(server, credential)["asks"]}
    return found


def test_an_answer_of_another_form_is_not_passed_on(server: Server) -> None:
    token = server.ask("/enrolment-tokens", {"name": "test", "max_uses": 1}).json["secret"]
    credential = enrolled(server, token)
    files = f"/agents/{server.agent()['agent_id']}/files"
    for body, code in (
        ({"body": {"items": "none"}}, "answer_not_understood"),
        ({"problem": {"family": "denied", "code": "path_closed", "message": "no"}}, "path_closed"),
    ):
        answers: list[Answer] = []
        person = threading.Thread(target=lambda: answers.append(server.ask(files)))  # noqa: B023
        person.start()
        ask = until(lambda: own_asks(server, credential)["asks"])[0]
        assert (ask["kind"], ask["body"]) == ("files.level", {})
        assert reply(server, credential, ask["id"], {"body": 1, "problem": 2})[0] == 400
        assert reply(server, credential, ask["id"], body) == (200, {"wanted": True})
        person.join(20)
        assert answers[0].json["code"] == code


def test_two_servers_pass_questions_and_answers_to_each_other(
    postgres_address: DatabaseAddress, tmp_path: Path
) -> None:
    assert postgres_address.url is not None
    url = postgres_address.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with serving(tmp_path / "one", url) as one, serving(tmp_path / "two", url) as two:
        host = RemoteHost(tmp_path / "host", one)
        host.place.write("a.log", content=b"INFO one\n")
        with host.running():
            agent_id = until(two.agent)["agent_id"]
            files, log = f"/agents/{agent_id}/files", f"{host.place.tree}/a.log"
            for server in (two, one, two):
                assert [line["text"] for line in read(server, files, log)["lines"]] == ["INFO one"]
            assert two.ask(files, path="/etc").json["code"] == "outside_watch"


def read(server: Server, files: str, path: str) -> dict[str, Any]:
    """Return a file's content, once the server knows the agent and the agent listens."""
    return until(lambda: dict(got.json) if (got := server.ask(f"{files}/content", path=path)).status == 200 else {})


# -- an agent by hand ------------------------------------------------------------------------------------


def enrolled(server: Server, token: str) -> str:
    registration = {
        "protocol": 1,
        "instance_id": "00000000-0000-4000-8000-000000000001",
        "hostname": "hand",
        "version": "0.0.0",
        "started_at": "2026-01-01T00:00:00.000Z",
    }
    return str(called(server, "POST", "/agents/register", token, registration)[1]["credential"])


def own_asks(server: Server, credential: str) -> Any:
    return called(server, "GET", "/agents/self/asks", credential)[1]


def reply(server: Server, credential: str, ask_id: str, body: object) -> tuple[int, Any]:
    return called(server, "POST", f"/agents/self/asks/{ask_id}", credential, body)


def called(server: Server, method: str, path: str, bearer: str, body: object = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", server.api.port, timeout=30)
    try:
        sent = None if body is None else json.dumps(body)
        connection.request(method, f"/api/v1{path}", sent, {"Authorization": f"Bearer {bearer}"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


@contextmanager
def asking(server: Server, path: str) -> Generator[socket.socket]:
    """Send a request and wait for nothing."""
    with socket.create_connection(("127.0.0.1", server.api.port)) as connection:
        head = f"GET /api/v1{path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {SECRET}\r\n\r\n"
        connection.sendall(head.encode())
        yield connection
