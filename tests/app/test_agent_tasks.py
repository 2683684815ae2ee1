"""Tasks that an agent does through a real centre: sent, archived, run, undone, refused; over restarts of both."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gwf.agent.tasks.book import TaskBook
from gwf.core.faults import TASK_POINTS
from gwf.testing.faults import Faults
from gwf.testing.s3_sink import s3_sink
from gwf.wire.agenttasks import GivenTask, TaskReport
from tests.agent.waiting import until
from tests.app.remote import RemoteHost, Server, serving

ENDED = {"succeeded", "dead", "cancelled", "compensated"}


@contextmanager
def at_work(tmp_path: Path, **actions: object) -> Generator[tuple[Server, RemoteHost, str]]:
    """A centre and an agent that has sent one file, `a.log`."""
    with serving(tmp_path / "centre", heartbeat=1) as server:
        host = RemoteHost(tmp_path / "host", server)
        document = json.loads(host.file.read_text())
        document["agent"]["actions"] = actions
        host.file.write_text(json.dumps(document))
        host.place.write("a.log", content=b"one\n")
        with host.running():
            until(host.place.is_carried)
            agent = str(until(server.agent)["agent_id"])
            yield server, host, agent


def order(server: Server, agent: str, kind: str, config: dict[str, object], **more: object) -> str:
    answer = server.ask("/tasks", {"type": kind, "config": config, "agent_id": agent, **more})
    assert answer.status == 201, answer.body
    return str(answer.json["task"]["task_id"])


def ended(server: Server, task: str, state: str = "") -> dict[str, Any]:
    def look() -> dict[str, Any]:
        found: dict[str, Any] = server.ask(f"/tasks/{task}").json
        return found if found["state"] in ({state} if state else ENDED) else {}

    return until(look, within_s=60)


def program(tmp_path: Path, text: str) -> str:
    path = tmp_path / "program"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_a_file_is_archived_and_comes_back(tmp_path: Path) -> None:
    with at_work(tmp_path) as (server, host, agent):
        path = host.place.tree / "a.log"
        task = order(server, agent, "ARCHIVE", {"path": str(path), "into": "kept", "compress": "gzip"})
        done = ended(server, task)
        assert (done["state"], done["reversible"], path.exists()) == ("succeeded", True, False), done
        assert [one.name for one in (host.place.tree / "kept").rglob("*.gz")] != []
        server.ask(f"/tasks/{task}:compensate", {"reason": "back"})
        assert ended(server, task, "compensated")["state"] == "compensated"
        assert path.read_bytes() == b"one\n"


def test_only_programs_that_the_host_allows_are_run_and_once(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    script = {"command": [program(tmp_path, f'echo "$GWF_ACTION_KEY $1" >> {ran}; echo told'), "{path}"]}
    with at_work(tmp_path, scripts={"tell": script}) as (server, host, agent):
        path = str(host.place.tree / "a.log")
        done = ended(server, order(server, agent, "SCRIPT", {"path": path, "script": "tell"}, key="one"))
        order(server, agent, "SCRIPT", {"path": path, "script": "tell"}, key="one")
        assert (done["state"], done["result"]["output"]) == ("succeeded", "told\n"), done
        refused = ended(server, order(server, agent, "SCRIPT", {"path": path, "script": "other"}))
        assert (refused["state"], refused["error_class"], refused["attempts"]) == ("dead", "config", 1)
        assert "does not allow" in refused["failure_reason"]
        assert [line.split()[1] for line in ran.read_text().splitlines()] == [path]


def test_a_file_that_is_held_back_is_sent_when_it_is_ordered(tmp_path: Path) -> None:
    with at_work(tmp_path) as (server, host, agent):
        tree = str(host.place.tree)
        switch = {"path": tree, "enabled": False, "reason": "quiet"}
        until(lambda: server.ask(f"/agents/{agent}/files:auto-upload", switch).status == 200)
        host.place.write("b.log", content=b"two\n")
        until(lambda: server.ask(f"/agents/{agent}/files", path=tree, state="skipped").json["items"])
        done = ended(server, order(server, agent, "UPLOAD", {"path": f"{tree}/b.log"}))
        assert (done["state"], done["result"]["size_bytes"]) == ("succeeded", 4), done
        until(host.place.is_carried)


def test_what_the_store_says_stands_in_the_task_its_attempt_and_its_dead_letter(tmp_path: Path) -> None:
    with s3_sink() as sink, serving(tmp_path / "centre", heartbeat=1) as server:
        host = RemoteHost(tmp_path / "host", server, retry={"max_attempts": 1})
        document = json.loads(host.file.read_text())
        document["stores"]["default"] |= {
            "url": "s3://bkt", "endpoint": sink.url, "access_key": "k", "secret_key": "a-secret-of-this-test",
        }  # fmt: skip
        host.file.write_text(json.dumps(document))
        with host.running():
            agent = str(until(server.agent)["agent_id"])
            sink.set_faults(Faults(status=403, code="AccessDenied", methods=("PUT",)))
            host.place.write("a.log")
            task = order(server, agent, "UPLOAD", {"path": str(host.place.tree / "a.log")})
            dead = ended(server, task)
        assert (dead["state"], dead["error_class"], dead["attempts"]) == ("dead", "auth", 1), dead
        assert "auth, denied: store denies access" in dead["failure_reason"]
        assert "AccessDenied" in dead["failure_reason"]
        assert (dead["result"]["store"], dead["result"]["error_code"]) == ("default", "denied")
        (attempt,) = server.ask(f"/tasks/{task}/attempts").json["items"]
        (letter,) = server.ask("/dlq", kind="task").json["items"]
        assert (attempt["error_class"], attempt["error"]) == ("auth", dead["failure_reason"])
        assert (letter["error_class"], letter["message"]) == ("auth", dead["failure_reason"])


def test_what_was_sent_is_taken_back_only_while_it_is_the_same_and_the_file_lies_there(tmp_path: Path) -> None:
    with at_work(tmp_path) as (server, host, agent):
        tree = host.place.tree
        until(
            lambda: (
                server.ask(f"/agents/{agent}/files:auto-upload", {"path": str(tree), "enabled": False}).status == 200
            )
        )

        def sent(name: str) -> tuple[str, Path]:
            host.place.write(name, content=b"two\n")
            until(lambda: (tree / name).name in [one["name"] for one in skipped()])
            task = order(server, agent, "UPLOAD", {"path": str(tree / name)})
            assert ended(server, task)["reversible"] is True
            (found,) = [one for one in tmp_path.rglob(name) if one.is_file() and not one.is_relative_to(tree)]
            return task, found

        def skipped() -> list[dict[str, Any]]:
            return list(server.ask(f"/agents/{agent}/files", path=str(tree), state="skipped").json["items"])

        task, found = sent("b.log")
        server.ask(f"/tasks/{task}:compensate", {"reason": "back"})
        assert ended(server, task, "compensated")["reversible"] is False
        assert not found.exists()
        until(lambda: [one["reason"]["code"] for one in skipped() if one["name"] == "b.log"] == ["taken_back"])
        again = order(server, agent, "UPLOAD", {"path": str(tree / "b.log")})
        assert (ended(server, again)["state"], found.read_bytes()) == ("succeeded", b"two\n")

        other, replaced = sent("c.log")
        replaced.write_bytes(b"of somebody else")
        server.ask(f"/tasks/{other}:compensate", {"reason": "back"})
        assert "it stays" in ended(server, other, "compensated")["failure_reason"] + json.dumps(
            server.ask(f"/tasks/{other}/attempts").json
        )
        assert replaced.read_bytes() == b"of somebody else"

        last, only = sent("d.log")
        (tree / "d.log").unlink()
        server.ask(f"/tasks/{last}:compensate", {"reason": "back"})
        refused = ended(server, last, "dead")
        assert ("only copy" in refused["failure_reason"], refused["error_class"]) == (True, "conflict")
        assert only.exists()

        known = order(server, agent, "UPLOAD", {"path": str(tree / "a.log")})  # the store had it before
        assert (ended(server, known)["state"], ended(server, known)["reversible"]) == ("succeeded", False)


def test_a_running_program_is_ended_when_its_task_is_cancelled(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    script = {"command": [program(tmp_path, f"echo x > {begun}; exec sleep 60")], "timeout": "60s"}
    with at_work(tmp_path, scripts={"wait": script}) as (server, host, agent):
        task = order(server, agent, "SCRIPT", {"path": str(host.place.tree / "a.log"), "script": "wait"})
        until(begun.exists, within_s=60)
        server.ask(f"/tasks/{task}:cancel", {"reason": "enough"})
        assert ended(server, task)["state"] == "cancelled"


def test_a_host_that_does_not_let_the_centre_act_says_so(tmp_path: Path) -> None:
    with serving(tmp_path / "centre", heartbeat=1) as server:
        host = RemoteHost(tmp_path / "host", server, rights="read")
        host.place.write("a.log")
        with host.running():
            until(host.place.is_carried)
            agent = str(until(server.agent)["agent_id"])
            done = ended(
                server, order(server, agent, "ARCHIVE", {"path": str(host.place.tree / "a.log"), "delete": True})
            )
        assert (done["state"], done["error_class"]) == ("dead", "auth")
        assert (host.place.tree / "a.log").exists()


def test_an_end_that_was_not_heard_is_told_after_a_restart_and_nothing_is_done_twice(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    script = {"command": [program(tmp_path, f"echo x >> {ran}; sleep 1")]}
    with serving(tmp_path / "centre", heartbeat=1) as server:
        host = RemoteHost(tmp_path / "host", server)
        document = json.loads(host.file.read_text())
        document["agent"]["actions"] = {"scripts": {"tell": script}}
        host.file.write_text(json.dumps(document))
        host.place.write("a.log")
        with host.running():
            until(host.place.is_carried)
            agent = str(until(server.agent)["agent_id"])
            task = order(server, agent, "SCRIPT", {"path": str(host.place.tree / "a.log"), "script": "tell"})
            until(ran.exists, within_s=60)
            server.api.stop()  # the centre goes while the program runs
            book = TaskBook(host.place.data)
            until(lambda: book.reports(limit=1))
            book.close()
    with serving(tmp_path / "centre", heartbeat=1) as again:
        document["agent"]["centre"]["url"] = f"http://127.0.0.1:{again.api.port}"
        document["agent"]["centre"]["enrolment_token"] = again.ask(
            "/enrolment-tokens", {"name": "again", "max_uses": 1}
        ).json["secret"]
        host.file.write_text(json.dumps(document))
        with host.running():
            done = ended(again, task)
    assert (done["state"], done["attempts"], ran.read_text()) == ("succeeded", 1, "x\n"), done


@pytest.mark.parametrize("point", TASK_POINTS)
def test_an_agent_that_dies_within_a_task_goes_on_with_it(tmp_path: Path, point: str) -> None:
    with serving(tmp_path / "centre", heartbeat=1) as server:
        host = RemoteHost(tmp_path / "host", server)
        path = host.place.tree / "a.log"
        host.place.write("a.log")
        with host.running():
            until(host.place.is_carried)
            agent = str(until(server.agent)["agent_id"])
        task = order(server, agent, "ARCHIVE", {"path": str(path), "into": "kept"})
        document = json.loads(host.file.read_text())
        deadly = tmp_path / "deadly.yaml"
        deadly.write_text(json.dumps({**document, "faults": {"kill_at": point}}))
        command = [sys.executable, "-m", "gwf", "agent", "--config", str(deadly)]
        assert subprocess.run(command, capture_output=True, check=False, timeout=120).returncode == -9
        with host.running():
            done = ended(server, task)
        assert (done["state"], done["attempts"], path.exists()) == ("succeeded", 1, False), done
        assert len([one for one in (host.place.tree / "kept").rglob("*") if one.is_file()]) == 1


def test_the_book_keeps_what_was_given_until_its_end_was_heard(tmp_path: Path) -> None:
    book = TaskBook(tmp_path)
    task = GivenTask(id="t", token=1, type="UPLOAD", config={"path": "/a"}, attempt=1, timeout_s=5.0)
    book.enter(task)
    book.remember(task, {"ordered": True})
    book.enter(task)
    assert [(entry.task, entry.memory) for entry in book.open()] == [(task, {"ordered": True})]
    book.end(TaskReport(id="t", token=1, outcome="succeeded", summary="done"))
    book.enter(task)  # told again before the end was heard: it is not begun anew
    assert (list(book.open()), [one.id for one in book.reports(limit=9)]) == ([], ["t"])
    later = GivenTask(id="t", token=2, type="UPLOAD", config={"path": "/a"}, attempt=2, timeout_s=5.0)
    book.enter(later)
    book.end(TaskReport(id="t", token=1, outcome="failed", summary="late"))
    assert [entry.task.token for entry in book.open()] == [2]
    book.forget([("t", 1)])
    assert len(book.open()) == 1
    book.forget([("t", 2)])
    assert book.open() == []
    book.close()
