"""When agents began to fail, by minutes and by their heartbeats."""

from __future__ import annotations

import pytest

from gwf.control.fleet.model import Beat
from gwf.control.fleet.state import AgentHealth
from gwf.control.overview.causes import store_causes
from gwf.control.overview.flow import MINUTE_MS, Point
from gwf.control.overview.onset import began_at

NOW = 1_700_000_040_000  # the beginning of a minute


def points(text: str) -> list[Point]:
    """Return a point per letter, the last one now: x = half failed, . = all went well, blank = nothing was tried."""
    known = {"x": (1, 1), ".": (9, 0), " ": (0, 0)}
    return [
        Point(at_ms=NOW - (len(text) - 1 - at) * MINUTE_MS, done=known[letter][0], failed=known[letter][1])
        for at, letter in enumerate(text)
    ]


@pytest.mark.parametrize(
    ("course", "minutes_ago"),
    [
        ("....xxx", 2),
        ("..x.xx.", 4),
        ("x......xx", 1),  # six minutes were well: what failed before them is another story
        ("x.....xx", 7),
        ("  x  x", 3),
        ("xx.......", None),
        ("........", None),
        ("", None),
    ],
)
def test_bad_minutes_with_little_between_them_are_one_stretch(course: str, minutes_ago: int | None) -> None:
    expected = None if minutes_ago is None else NOW - minutes_ago * MINUTE_MS
    assert began_at(points(course), now_ms=NOW) == expected


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        (
            {"code": "breaker_open", "params": {"store": "oss", "why": "throttled: 503 SlowDown: again later"}},
            "throttled",
        ),
        ({"code": "store_unreachable", "params": {"store": "oss", "error_class": "auth", "why": "403"}}, "auth"),
        ({"code": "breaker_manual", "params": {"store": "oss", "why": "opened by operator ann"}}, "held"),
        ({"code": "breaker_open", "params": {"store": "oss", "why": "words of a later version"}}, None),
        ({"code": "breaker_open", "params": {}}, None),
        ({"code": "disk_low", "params": {"store": "oss", "error_class": "auth"}}, None),
    ],
)
def test_a_heartbeat_says_why_a_store_gets_nothing(reason: dict[str, object], cause: str | None) -> None:
    beat = Beat(
        seq=1, sent_at_ms=NOW, started_at_ms=NOW, version="1", hostname="h", labels={}, health=AgentHealth.DEGRADED,
        reasons=[reason],
    )  # fmt: skip
    assert store_causes(beat) == ({} if cause is None else {"oss": cause})
