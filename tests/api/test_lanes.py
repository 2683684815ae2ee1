"""Calls that wait, for a journal on a stalled disk say, leave threads to all others."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import pytest
from starlette.responses import Response

from gwf.api import app, lanes
from gwf.api.lanes import PLACES, Kind
from gwf.api.legacy.encode import json_answer
from gwf.api.legacy.frame import LegacyRequest, LegacyRoute
from tests.agent.waiting import until
from tests.api.conftest import Answer, Port, open_port
from tests.api.fake_edge import FakeEdge

CALLS = app.BLOCKING_THREADS + 2


@dataclass
class Gate:
    """What calls wait at, as they do for the journal."""

    open: threading.Event = field(default_factory=threading.Event)
    entered: list[str] = field(default_factory=list[str])

    def wait(self, request: LegacyRequest) -> Response:
        self.entered.append(request.path)
        self.open.wait(20)
        return json_answer({"ok": True})


@dataclass
class Stalled:
    """A port with one address that waits, and calls of it."""

    port: Port
    pool: ThreadPoolExecutor
    gate: Gate

    @property
    def waiting(self) -> int:
        return len(self.gate.entered)

    def call(self) -> Future[Answer]:
        return self.pool.submit(self.port.ask, "/api/stalled", "POST", body=b"{}")

    def replay(self) -> Answer:
        body = json.dumps({"ids": [1]}).encode()
        return self.port.ask("/api/v1/dead-letters:replay", "POST", body=body, Content_Type="application/json")


@contextmanager
def stalled_port() -> Iterator[Stalled]:
    gate = Gate()
    route = LegacyRoute(path="/api/stalled", methods={"POST": gate.wait}, kind=Kind.CHANGE)
    with ThreadPoolExecutor(CALLS) as pool, open_port(FakeEdge(), legacy=[route]) as port:
        try:
            yield Stalled(port, pool, gate)
        finally:
            gate.open.set()


@pytest.fixture
def stalled() -> Iterator[Stalled]:
    with stalled_port() as running:
        yield running


def test_reading_goes_on_while_changes_wait(stalled: Stalled) -> None:
    for _ in range(CALLS):
        stalled.call()
    until(lambda: stalled.waiting == PLACES[Kind.CHANGE])
    assert stalled.port.ask("/api/v1/overview").status == 200
    assert stalled.port.ask("/api/v1/host").status == 200
    assert stalled.waiting == PLACES[Kind.CHANGE]


def test_what_got_no_place_is_told_when_to_come_back(stalled: Stalled, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(PLACES[Kind.CHANGE]):
        stalled.call()
    until(lambda: stalled.waiting == PLACES[Kind.CHANGE])
    monkeypatch.setattr(lanes, "PATIENCE_S", 0.05)
    legacy, ours = stalled.call().result(20), stalled.replay()
    assert (legacy.status, ours.status, ours.json["code"]) == (503, 503, "unavailable")
    assert (legacy.headers["Retry-After"], ours.headers["Retry-After"]) == ("5", "5")


def test_a_place_is_given_back(stalled: Stalled) -> None:
    waiting = [stalled.call() for _ in range(CALLS)]
    stalled.gate.open.set()
    assert {answer.result(20).status for answer in waiting} == {200}
    assert stalled.replay().status == 200


def test_a_body_that_comes_slowly_holds_no_place(stalled: Stalled) -> None:
    head = b"POST /api/v1/config HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
    with ExitStack() as open_:
        for _ in range(PLACES[Kind.CHANGE]):
            slow = open_.enter_context(socket.create_connection(("127.0.0.1", stalled.port.server.port), 10))
            slow.sendall(head)
        assert stalled.replay().status == 200


def test_the_kinds_together_leave_threads_for_all_others() -> None:
    assert sum(PLACES.values()) <= app.BLOCKING_THREADS - 4
