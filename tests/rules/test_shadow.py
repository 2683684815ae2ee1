from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from gwf.rules.facts import Facts
from gwf.rules.shadow import implies, shadowed
from tests.rules.samples import CALENDARS, conditions, events, rule


@pytest.mark.parametrize(
    ("narrow", "wide", "expected"),
    [
        ({"suffix": ".tar.gz"}, {"suffix": [".gz", ".zst"]}, True),
        ({"suffix": ".gz"}, {"suffix": ".tar.gz"}, False),
        ({"suffix": ".GZ"}, {"suffix": ".gz", "ignore_case": True}, True),
        ({"path": "/var/log/app/*.log"}, {"path": "/var/log/**"}, True),
        ({"path": "/var/log/app/*.log"}, {"suffix": ".log"}, True),
        ({"path": "/var/logs/*.log"}, {"path": "/var/log/**"}, False),
        ({"type": "gwf.file.done"}, {"type": "gwf.file.*"}, True),
        ({"all": [{"type": "gwf.file.done"}, {"size": {"min": "2MB"}}]}, {"size": {"min": "1MB"}}, True),
        ({"any": [{"suffix": ".a"}, {"suffix": ".b"}]}, {"suffix": [".a", ".b"]}, True),
        ({"any": [{"suffix": ".a"}, {"type": "x.y"}]}, {"suffix": ".a"}, False),
        ({"labels": "env=prod,site=sh"}, {"labels": "env=prod"}, True),
        ({"not": {"suffix": ".gz"}}, {"not": {"suffix": ".tar.gz"}}, True),
        ({"not": {"suffix": ".tar.gz"}}, {"not": {"suffix": ".gz"}}, False),
        ({"field": "data.a", "eq": 1}, {"field": "data.a", "eq": 1}, True),
        ({"field": "data.a", "eq": 1}, {"field": "data.a", "eq": True}, False),
        ({"suffix": ".a"}, {"all": []}, True),
    ],
)
def test_what_is_narrower_is_told(narrow: Any, wide: Any, expected: bool) -> None:
    assert implies(rule(narrow).when, rule(wide).when) is expected


@given(conditions, conditions, events)
@settings(max_examples=200, deadline=None)
def test_what_is_said_to_be_narrower_is(one: Any, other: Any, facts: Facts) -> None:
    narrow, wide = rule(one, calendars=CALENDARS).when, rule(other, calendars=CALENDARS).when
    if implies(narrow, wide) and narrow.test()(facts):
        assert wide.test()(facts)
    either = rule({"any": [other, one]}, calendars=CALENDARS).when
    if implies(either, wide) and either.test()(facts):
        assert wide.test()(facts)


@given(conditions)
@settings(max_examples=50, deadline=None)
def test_a_condition_implies_itself_with_something_added(when: Any) -> None:
    more = rule({"all": [when, {"suffix": ".a"}]}, calendars=CALENDARS)
    assert implies(more.when, rule({"suffix": ".a"}).when)


def test_only_a_rule_that_says_stop_shadows() -> None:
    wide = {"suffix": ".log"}
    narrow = {"all": [{"suffix": ".log"}, {"size": {"min": 1}}]}
    later = rule(narrow, number=2)
    assert shadowed([rule(wide, on_match="stop"), later]) == {"rul_0002": rule(wide).ref}
    assert shadowed([rule(wide), later]) == {}
    assert shadowed([rule(wide, on_match="stop", enabled=False), later]) == {}
