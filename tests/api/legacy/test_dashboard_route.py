"""How often the whole is made: cache, refresh, coalescing, and what drops it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from gwf.api.legacy.dashboard import dashboard_cache, dashboard_route
from gwf.api.legacy.uploads import upload_routes
from gwf.core.errors import InputError, UnavailableError
from tests.api.conftest import Answer, Port, open_port
from tests.api.fake_edge import FakeEdge


class Source:
    """Counts what it is asked, and makes the whole only while the gate is open."""

    def __init__(self) -> None:
        self.made = 0
        self.switches: list[tuple[str, bool, str]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.begun = threading.Event()

    def light(self) -> bytes:
        return b'{"files":[]}\n'

    def full(self) -> list[bytes]:
        self.made += 1
        self.begun.set()
        assert self.gate.wait(10)
        return [b'{"made":', str(self.made).encode(), b"}\n"]

    def switch(self, path: str, *, enabled: bool, author: str) -> None:
        if path == "/full":
            raise InputError("there are too many switches")
        self.switches.append((path, enabled, author))

    def send_now(self, path: str, *, author: str) -> str:
        if path == "/broken":
            raise UnavailableError("the journal did not take it")
        return path.strip()


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def port(source: Source) -> Iterator[Port]:
    cache = dashboard_cache(source)
    routes = (dashboard_route(source, cache), *upload_routes(source, cache.drop))
    with open_port(FakeEdge(), legacy=routes) as running:
        yield running


def whole(port: Port, query: str = "") -> tuple[str, int]:
    answer = port.ask("/api/dashboard" + query)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    return answer.headers["X-Dashboard-Cache"], answer.json["made"]


def test_the_whole_is_made_once_in_a_while(port: Port) -> None:
    assert [whole(port), whole(port), whole(port, "?mode=zzz")] == [("miss", 1), ("hit", 1), ("hit", 1)]


@pytest.mark.parametrize("value", ["1", "true", "YES", "on"])
def test_a_refresh_makes_it_anew_and_fills_the_cache(port: Port, value: str) -> None:
    assert [whole(port), whole(port, f"?refresh={value}"), whole(port, "?refresh=no")] == [
        ("miss", 1), ("miss", 2), ("hit", 2),
    ]  # fmt: skip


@pytest.mark.parametrize("mode", ["light", "LITE", "Light"])
def test_the_light_form_is_never_kept(port: Port, source: Source, mode: str) -> None:
    answer = port.ask(f"/api/dashboard?mode={mode}")
    assert (answer.json, source.made) == ({"files": []}, 0)
    assert "X-Dashboard-Cache" not in answer.headers


@pytest.mark.parametrize(
    ("path", "body"), [("/api/auto-upload", b'{"path":"/a"}'), ("/api/manual-upload", b'{"path":"/a"}')]
)
def test_a_change_drops_the_cache(port: Port, path: str, body: bytes) -> None:
    whole(port)
    assert port.ask(path, "POST", body=body).status == 200
    assert whole(port) == ("miss", 2)


def test_many_who_ask_at_once_get_the_same(port: Port, source: Source) -> None:
    source.gate.clear()
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(port.ask, "/api/dashboard?refresh=1")
        assert source.begun.wait(10)
        others = [pool.submit(port.ask, "/api/dashboard?refresh=1") for _ in range(7)]
        assert port.ask("/api/dashboard?mode=light").status == 200  # nobody else waits for it
        source.gate.set()
        answers: list[Answer] = [first.result(), *(other.result() for other in others)]
    assert {answer.status for answer in answers} == {200}
    assert source.made <= 2


def test_what_is_asked_after_a_change_was_made_after_it(port: Port, source: Source) -> None:
    source.gate.clear()
    with ThreadPoolExecutor(2) as pool:
        before = pool.submit(port.ask, "/api/dashboard")
        assert source.begun.wait(10)
        assert port.ask("/api/auto-upload", "POST", body=b'{"path":"/a","enabled":true}').status == 200
        source.begun.clear()
        after = pool.submit(port.ask, "/api/dashboard")
        assert source.begun.wait(10)
        source.gate.set()
        assert before.result().status == 200
        assert after.result().json == {"made": 2}


def test_a_switch_is_answered_as_it_was_sent(port: Port, source: Source) -> None:
    answer = port.ask("/api/auto-upload", "POST", body=b'{"path":"vm/a//b"}', X_Gwf_Author="zhang")
    assert answer.body == b'{"ok":true,"path":"vm/a//b","status":false}\n'
    assert source.switches == [("vm/a//b", False, "zhang")]


@pytest.mark.parametrize(
    ("path", "body", "text"),
    [
        ("/api/auto-upload", b'{"enabled":true}', "invalid payload"),
        ("/api/auto-upload", b'{"path":"/full"}', "there are too many switches"),
        ("/api/manual-upload", b'{"path":"  "}', "invalid payload"),
        ("/api/manual-upload", b'{"path":"/broken"}', "persist queue enqueue failed: the journal did not take it"),
    ],
)
def test_refusals_keep_their_texts(port: Port, path: str, body: bytes, text: str) -> None:
    answer = port.ask(path, "POST", body=body)
    assert (answer.status, answer.json) == (400, {"error": text})
