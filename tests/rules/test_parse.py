from __future__ import annotations

from typing import Any

import pytest

from gwf.core.errors import TooLargeError
from gwf.rules.faults import FaultyRuleError
from gwf.rules.parse import read_rule
from tests.rules.samples import event, other_event, rule


def faults(document: Any) -> list[tuple[str, str]]:
    with pytest.raises(FaultyRuleError) as caught:
        read_rule(document)
    return [(fault.pointer, fault.code) for fault in caught.value.faults]


GOOD: dict[str, Any] = {"name": "a", "when": {"all": []}, "then": []}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ([], [("", "wrong_type")]),
        ({}, [("", "missing")] * 3),
        (GOOD | {"color": 1}, [("/color", "unknown_key")]),
        (GOOD | {"name": " a"}, [("/name", "bad_name")]),
        (GOOD | {"priority": 1.5, "enabled": 1}, [("/priority", "wrong_type"), ("/enabled", "wrong_type")]),
        (GOOD | {"on_match": "halt"}, [("/on_match", "unknown_word")]),
        (GOOD | {"when": {"pth": "/a"}}, [("/when", "bad_condition")]),
        (GOOD | {"when": {"path": "/a", "suffix": ".b"}}, [("/when", "bad_condition")]),
        (GOOD | {"when": {"all": [{"type": []}]}}, [("/when/all/0/type", "empty")]),
        (GOOD | {"when": {"type": "gwf.*.done"}}, [("/when/type", "bad_type")]),
        (GOOD | {"when": {"path": ["/ok", "var/*"]}}, [("/when/path/1", "bad_glob")]),
        (GOOD | {"when": {"path": "/a/[x"}}, [("/when/path", "bad_glob")]),
        (GOOD | {"when": {"path": "/a/b**"}}, [("/when/path", "bad_glob")]),
        (GOOD | {"when": {"size": {"min": "2MB", "max": "1MB"}}}, [("/when/size", "empty_range")]),
        (GOOD | {"when": {"size": {"min": "lots"}}}, [("/when/size/min", "bad_size")]),
        (GOOD | {"when": {"labels": "env=="}}, [("/when/labels", "bad_selector")]),
        (GOOD | {"when": {"severity": {"min": "fatal"}}}, [("/when/severity/min", "unknown_word")]),
        (GOOD | {"when": {"time": {"zone": "Mars/Olympus"}}}, [("/when/time/zone", "unknown_zone")]),
        (GOOD | {"when": {"time": {"from": "9:00"}}}, [("/when/time/from", "bad_time")]),
        (GOOD | {"when": {"time": {"on": "holidays"}}}, [("/when/time/on", "unknown_calendar")]),
        (GOOD | {"calendars": {"h": ["2026-02-30"]}}, [("/calendars/h/0", "bad_date")]),
        (GOOD | {"when": {"field": "data.a"}}, [("/when", "bad_comparison")]),
        (GOOD | {"when": {"field": "__class__", "eq": 1}}, [("/when/field", "unknown_field")]),
        (GOOD | {"when": {"field": "path", "regex": "(a"}}, [("/when/regex", "bad_regex")]),
        (GOOD | {"when": {"field": "path", "regex": "(?=a)"}}, [("/when/regex", "bad_regex")]),
        (GOOD | {"when": {"field": "path", "gt": "a"}}, [("/when/gt", "wrong_type")]),
        (GOOD | {"when": {"field": "path", "exists": True, "ignore_case": True}}, [("/when/ignore_case", "no_text")]),
        (GOOD | {"then": [{"action": "webhook"}]}, [("/then/0/action", "bad_action")]),
        (
            GOOD | {"then": [{"action": "WEBHOOK", "config": {"a": ["${path.real}", "$x"]}}]},
            [("/then/0/config/a/0", "unknown_field"), ("/then/0/config/a/1", "bad_template")],
        ),
        (GOOD | {"then": [{"action": "WEBHOOK", "key": "hash"}]}, [("/then/0/key", "unknown_word")]),
        (
            GOOD | {"then": [{"action": "A1", "name": "a"}, {"action": "A2", "name": "a"}]},
            [("/then/1/name", "not_unique")],
        ),
        (
            GOOD | {"tests": [{"event": {"siz": 1}, "expect": {}}]},
            [("/tests/0/event/siz", "unknown_key"), ("/tests/0/expect", "missing")],
        ),
        (
            GOOD | {"tests": [{"event": {"type": "a.b", "path": "/x"}, "expect": {"matched": True}}]},
            [("/tests/0/event/path", "not_of_files")],
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_place(document: Any, expected: list[tuple[str, str]]) -> None:
    assert faults(document) == expected


def test_a_message_says_what_is_allowed() -> None:
    with pytest.raises(FaultyRuleError) as caught:
        read_rule(GOOD | {"when": {"time": {"zone": "UTC", "day": ["mon"]}}})
    assert "allowed are zone, days, from, to, on, except" in caught.value.faults[0].message


def test_depth_and_number_of_conditions_are_bounded() -> None:
    deep: Any = {"all": []}
    for _ in range(50):
        deep = {"not": deep}
    assert {code for _, code in faults(GOOD | {"when": deep})} == {"too_deep"}
    wide = {"all": [{"suffix": ".a"}] * 400}
    assert {code for _, code in faults(GOOD | {"when": wide})} == {"too_many"}
    with pytest.raises(TooLargeError):
        read_rule(GOOD | {"description": "x" * 300_000})


@pytest.mark.parametrize(
    ("when", "facts", "expected"),
    [
        ({"path": "/var/log/**/*.log"}, {"path": "/var/log/a/b/c.log"}, True),
        ({"path": "/var/log/**/*.log"}, {"path": "/var/log/c.log"}, True),
        ({"path": "/var/log/*.log"}, {"path": "/var/log/a/c.log"}, False),
        ({"path": "*.log"}, {"path": "/a/c.log"}, True),
        ({"path": "/a/**"}, {"path": "/ab"}, False),
        ({"path": "/a/b?[0-9].log"}, {"path": "/a/bx7.log"}, True),
        ({"path": "/a/[!0-9].log"}, {"path": "/a/7.log"}, False),
        ({"path": "/a/\\*.log"}, {"path": "/a/b.log"}, False),
        ({"path": "/a/(b|c).log"}, {"path": "/a/b.log"}, False),
        ({"path": "/a/b\n*"}, {"path": "/a/b\nc"}, True),
        ({"suffix": ".log"}, {"path": "/a/B.LOG"}, False),
        ({"suffix": ".log", "ignore_case": True}, {"path": "/a/B.LOG"}, True),
        ({"size": {"min": "2KB", "max": 2048}}, {}, True),
        ({"size": {"min": 0}}, {"size_bytes": 0}, True),
        ({"field": "version", "eq": True}, {"version": 1}, False),
        ({"field": "data.n", "eq": 1}, {"data": {"n": 1.0}}, True),
        ({"field": "data.n", "eq": "1"}, {"data": {"n": 1}}, False),
        ({"field": "data.n", "ne": 1}, {"data": {}}, True),
        ({"field": "data.list.1", "eq": "b"}, {"data": {"list": ["a", "b"]}}, True),
        ({"field": "data.list", "contains": "b"}, {"data": {"list": ["a", "b"]}}, True),
        ({"field": "name", "regex": "^err"}, {}, True),
        ({"field": "name", "glob": "err*"}, {}, True),
        ({"field": "labels.a/b.c", "eq": "x"}, {"labels": {"a/b.c": "x"}}, True),
        ({"field": "severity", "eq": "info"}, {}, True),
    ],
)  # fmt: skip
def test_conditions_mean_what_they_say(when: Any, facts: dict[str, Any], expected: bool) -> None:
    assert rule(when).when.test()(event(**facts)) is expected


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2026-10-09T23:30:00+08:00", True),  # Friday night
        ("2026-10-10T05:59:59+08:00", True),  # it began on Friday
        ("2026-10-10T06:00:00+08:00", False),
        ("2026-10-10T23:30:00+08:00", False),  # Saturday
        ("2026-10-01T23:30:00+08:00", False),  # a holiday
        ("2026-10-09T15:30:00Z", True),
    ],
)
def test_a_window_over_midnight_belongs_to_the_day_it_began_on(time: str, expected: bool) -> None:
    window = {"zone": "Asia/Shanghai", "days": ["thu", "fri"], "from": "22:00", "to": "06:00", "except": "holidays"}
    made = rule({"time": window}, calendars={"holidays": ["2026-10-01/2026-10-07"]})
    assert made.when.test()(event(time=time)) is expected


def test_an_expression_that_makes_others_hang_takes_no_time() -> None:
    made = rule({"field": "data.text", "regex": "(a+)+$"})
    assert made.when.test()(other_event(data={"text": "a" * 5_000 + "!"})) is False
