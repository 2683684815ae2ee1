"""/api/v1/logs and /api/v1/host over real HTTP, on a host in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gwf.wire.filelog import LogSearch
from tests.api.conftest import Port, open_port
from tests.api.fake_edge import FakeEdge
from tests.api.fake_host import FakeFiles
from tests.api.v1_parts import Fakes


@pytest.fixture
def served() -> Iterator[Port]:
    with open_port(FakeEdge()) as running:
        yield running


@pytest.fixture
def fakes(served: Port) -> Fakes:
    return served.fakes


def test_the_last_lines_of_a_file(served: Port) -> None:
    assert served.ask(f"/api/v1/logs/tail?path={FakeFiles.PATH}").json == {"lines": list(FakeFiles.LINES)}


def test_lines_with_a_text(served: Port, fakes: Fakes) -> None:
    answer = served.ask(f"/api/v1/logs/search?path={FakeFiles.PATH}&q=LINE&limit=2&case_sensitive=true")
    assert answer.json == {"lines": ["first line", "Second line"], "truncated": True, "scanned_bytes": 29}
    assert fakes.files.searches == [LogSearch(path=FakeFiles.PATH, query="LINE", limit=2, case_sensitive=True)]


def test_a_refused_path_is_a_problem_with_its_code(served: Port) -> None:
    for address in ("tail?path=/b", "search?path=/b&q=x"):
        answer = served.ask(f"/api/v1/logs/{address}")
        assert (answer.status, answer.json["code"], answer.json["params"]) == (400, "not_text", {"path": "/b"})


@pytest.mark.parametrize(
    "query", ["", "path=", "path=/a", "path=/a&q=", "path=/a&q=b&limit=0", "path=/a&q=b&limit=5000"]
)
def test_a_search_needs_a_path_a_text_and_a_sane_limit(served: Port, query: str) -> None:
    assert served.ask(f"/api/v1/logs/search?{query}").status == 422


def test_the_host_with_its_busiest_processes(served: Port) -> None:
    body = served.ask("/api/v1/host?limit=2").json
    assert (body["host"], body["processes_total"], len(body["processes"])) == ("vm", 122, 2)
    assert body["processes"][0]["ports"] == []


def test_a_host_that_is_switched_off_is_refused(served: Port, fakes: Fakes) -> None:
    fakes.host.off = True
    answer = served.ask("/api/v1/host")
    assert (answer.status, answer.json["code"]) == (403, "host_disabled")
