"""POST /api/file-log over real HTTP, with real files."""

from __future__ import annotations

import http.client
import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gwf.agent.filelog.place import Grounds
from gwf.agent.filelog.service import FileLog
from gwf.api.legacy.filelog import filelog_route
from gwf.core.errors import OverloadedError
from gwf.wire.filelog import LinesFound, LogSearch
from tests.agent.waiting import until
from tests.api.conftest import Answer, Port, open_port
from tests.api.fake_edge import FakeEdge


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("watch")
    (root / "app").mkdir()
    (root / "app" / "a.log").write_text("one <b>&\r\nTwo\nthree\n")
    (root / "bin").write_bytes(b"\0")
    (root / "out").symlink_to("/etc/hostname")
    return root


@pytest.fixture(scope="module")
def served(watch: Path) -> Iterator[Port]:
    files = FileLog(lambda: Grounds(roots=(os.fsencode(watch),)))
    with open_port(FakeEdge(), legacy=[filelog_route(files)]) as running:
        yield running


def post(port: Port, body: object) -> Answer:
    return port.ask("/api/file-log", "POST", body=json.dumps(body).encode())


def test_without_a_query_the_last_lines_are_sent(served: Port, watch: Path) -> None:
    answer = post(served, {"path": f"{watch}/app/a.log", "query": "  "})
    assert answer.body == b'{"lines":["one \\u003cb\\u003e\\u0026","Two","three"],"mode":"tail","ok":true}\n'


def test_a_query_is_trimmed_and_finds_without_regard_to_case(served: Port, watch: Path) -> None:
    answer = post(served, {"PATH": f" {watch}/app/a.log ", "query": " t ", "limit": 1})
    assert answer.body == (b'{"lines":["Two"],"matched":1,"mode":"search","ok":true,"query":"t","truncated":true}\n')


def test_case_counts_when_asked(served: Port, watch: Path) -> None:
    answer = post(served, {"path": f"{watch}/app/a.log", "query": "t", "caseSensitive": True})
    assert (answer.json["lines"], answer.json["truncated"]) == (["three"], False)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "invalid payload"),
        ({"path": " "}, "invalid payload"),
        ({"path": "{}/app/a.log", "limit": "3"}, "invalid payload"),
        ({"path": "{}/bin"}, "仅支持文本文件"),
        ({"path": "{}/app"}, "path is a directory"),
        ({"path": "{}"}, "文件路径不在监控目录下: {}"),
        ({"path": "{}/out"}, "文件路径不在监控目录下: {}/out"),
        ({"path": "{}/out", "query": "a"}, "文件路径不在监控目录下: {}/out"),
        ({"path": "{}/none"}, "stat {}/none: no such file or directory"),
        ({"path": "{}/no/ne"}, "解析文件路径失败: lstat {}/no: no such file or directory"),
    ],
)
def test_refusals_have_the_texts_that_clients_know(served: Port, watch: Path, body: dict[str, str], text: str) -> None:
    answer = post(served, {name: value.replace("{}", str(watch)) for name, value in body.items()})
    assert (answer.status, answer.json) == (400, {"error": text.replace("{}", str(watch))})


class Endless:
    """A file log whose searches last until the client goes away."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.ended = threading.Event()

    def tail(self, path: str) -> list[str]:
        raise OverloadedError("enough searches are running", retry_after_s=1.0)

    def search(self, asked: LogSearch, *, stopped: Callable[[], bool]) -> LinesFound:
        self.begun.set()
        until(stopped)
        self.ended.set()
        return LinesFound(lines=(), truncated=True, scanned_bytes=0)


@pytest.fixture
def endless() -> Iterator[tuple[Endless, Port]]:
    files = Endless()
    with open_port(FakeEdge(), legacy=[filelog_route(files)]) as running:
        yield files, running


def test_a_search_ends_when_its_client_goes_away(endless: tuple[Endless, Port]) -> None:
    files, port = endless
    connection = http.client.HTTPConnection("127.0.0.1", port.server.port, timeout=10)
    connection.request("POST", "/api/file-log", json.dumps({"path": "/a", "query": "b"}))
    assert files.begun.wait(10)
    connection.close()
    assert files.ended.wait(10)


def test_too_many_searches_are_told_by_their_own_status(endless: tuple[Endless, Port]) -> None:
    answer = post(endless[1], {"path": "/a"})
    assert (answer.status, "searches" in answer.json["error"]) == (429, True)
