"""The recorded exchanges, played against a server of this version."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.compat.__main__ import GOLDEN
from tests.compat.compare import Mismatch, compare
from tests.compat.differences import DIFFERENCES, LATER
from tests.compat.recording import Exchange, read_recording
from tests.compat.replay import replay
from tests.compat.stage import Answer

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "legacy-differences.md"


@pytest.mark.slow
def test_every_recorded_answer_is_ours_or_differs_as_documented(tmp_path: Path) -> None:
    recording = read_recording(GOLDEN)
    explained: Counter[str] = Counter()
    wrong: dict[str, list[str]] = {}
    played = 0
    for verdict in replay(recording, tmp_path):
        played += 1
        explained.update(verdict.explained)
        if verdict.mismatches or verdict.later:
            wrong[verdict.exchange.name] = [str(item)[:300] for item in verdict.mismatches[:5]]
    assert wrong == {}
    assert played == len(recording.names) > 100
    assert set(explained) == {difference.name for difference in DIFFERENCES}, "a listed difference is not met any more"


def test_every_listed_difference_is_a_row_of_the_page() -> None:
    rows = re.findall(r"^\| `([a-z0-9-]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == len(set(rows))
    assert {difference.name for difference in DIFFERENCES} <= set(rows)


def exchange(answer: object, *, path: str = "/api/dashboard", **headers: str) -> Exchange:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Exchange(
        seq=1, name="x", phase="A", method="GET", target=path, headers={}, body=None, status=200,
        answer_headers=names, answer=answer, is_json=not isinstance(answer, str),
    )  # fmt: skip


def differing(recorded: object, body: str, **headers: str) -> list[str]:
    return [item.where for item in compare(exchange(recorded), Answer(200, headers, body.encode()))]


@pytest.mark.parametrize(
    ("recorded", "body", "where"),
    [
        ({"a": 1}, '{"a":1}\n', []),
        ({"a": 1}, '{"a":1}', ["body"]),
        ({"a": 1}, '{"a":2}\n', ["/a"]),
        ({"a": 1}, '{"a":"1"}\n', ["/a"]),
        ({"a": True}, '{"a":1}\n', ["/a"]),
        ({"a": 1, "b": 2}, '{"b":2,"a":1}\n', ["/ order"]),
        ({"a": 1}, '{"a":1,"b":2}\n', ["/b more"]),
        ({"a": [1]}, '{"a":[]}\n', ["/a length"]),
        ({"files": [{"path": "x"}]}, '{"files":[]}\n', ["/files[x]"]),
        ({"files": [{"path": "x"}, {"path": "y"}]}, '{"files":[{"path":"y"},{"path":"x"}]}\n', ["/files order"]),
        ({"time": "2026-01-01 00:00:00"}, '{"time":"2030-01-01 10:00:00"}\n', []),
        ({"time": "2026-01-01 00:00:00"}, '{"time":"yesterday"}\n', ["/time"]),
        ({"note": "2026-01-01 00:00:00"}, '{"note":"2030-01-01 10:00:00"}\n', ["/note"]),
        ("text\n", "other\n", ["body"]),
        ({"a": 1}, "<html>", ["body"]),
    ],
)
def test_the_comparison_sees_what_clients_would_see(recorded: object, body: str, where: list[str]) -> None:
    assert differing(recorded, body) == where


def test_status_and_headers_are_compared() -> None:
    found = compare(exchange({}, vary="Origin"), Answer(404, {"content-type": "text/html"}, b"{}\n"))
    assert [item.where for item in found] == ["status", "header:content-type", "header:vary"]


def test_metrics_are_compared_by_name_and_type() -> None:
    recorded = "# TYPE a counter\na 1\n# TYPE b gauge\nb 2\n"
    found = compare(exchange(recorded, path="/metrics"), Answer(200, {}, b"# TYPE b gauge\nb 7\n# TYPE a gauge\n"))
    assert [item.where for item in found] == ["metric:a"]


def test_a_difference_explains_nothing_but_itself() -> None:
    files = exchange({"files": []})
    for mismatch in (
        Mismatch("/files[/w/app.log]", {}, None), Mismatch("/files order", [], []), Mismatch("status", 200, 500),
        Mismatch("/metricCards[0]/value", "1", "2"), Mismatch("/configSnapshot/silence", "1s", "2s"),
    ):  # fmt: skip
        assert not any(difference.explains(files, mismatch) for difference in DIFFERENCES)


def test_what_is_left_out_is_named() -> None:
    assert all(path.startswith("/api/") for path in LATER)
