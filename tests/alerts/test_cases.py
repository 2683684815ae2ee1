"""Test cases that are stored with a rule of alerts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from gwf.alerts.cases import FailedCase, failed_cases
from gwf.alerts.sight.cases import MAX_CASES, MAX_PLAYED
from gwf.alerts.sight.model import AlertRule, Standing
from gwf.alerts.sight.reading import read_alert_rule
from gwf.events.model import Severity
from gwf.rules.facts import Facts
from gwf.rules.faults import Faults, FaultyRuleError
from gwf.rules.sample import read_sample, sample_of
from tests.rules.samples import events

DOWN, UP = {"type": "shop.down", "subject": "till"}, {"type": "shop.up", "subject": "till"}


def rule(*cases: object, **changes: object) -> AlertRule:
    document: dict[str, Any] = {
        "name": "shop", "when": {"type": "shop.down"}, "clear": {"type": "shop.up"}, "by": ["subject"], "title": "down",
        "severity": "error", "tests": list(cases), **changes,
    }  # fmt: skip
    return read_alert_rule(document, rule_id="r", version=1)


def case(*events: object, until: str = "0s", **expect: object) -> dict[str, object]:
    return {"name": "x", "events": list(events), "until": until, "expect": expect}


@pytest.mark.parametrize(
    ("changes", "tried", "standing"),
    [
        ({}, case(DOWN, alert="firing"), Standing.FIRING),
        ({"enabled": False}, case(DOWN, alert="firing"), Standing.FIRING),
        ({}, case({"type": "shop.late"}, alert="none"), Standing.NONE),
        ({}, case(DOWN, {"after": "5m", **UP}, alert="resolved"), Standing.RESOLVED),
        ({}, case(DOWN, {**UP, "subject": "other"}, alert="firing"), Standing.FIRING),
        ({"resolve_after": "10m"}, case(DOWN, until="9m", alert="firing"), Standing.FIRING),
        ({"resolve_after": "10m"}, case(DOWN, until="11m", alert="resolved"), Standing.RESOLVED),
        ({"threshold": {"count": 3, "within": "1m"}}, case({"times": 2, **DOWN}, alert="none"), Standing.NONE),
        ({"threshold": {"count": 3, "within": "1m"}}, case({"times": 3, **DOWN}, alert="firing"), Standing.FIRING),
        (
            {"threshold": {"count": 3, "within": "1m"}},
            case({"times": 2, **DOWN}, {"after": "2m", **DOWN}, alert="none"),
            Standing.NONE,
        ),
        ({"absent": "10m", "clear": {"type": "-"}}, case(DOWN, until="9m", alert="none"), Standing.NONE),
        ({"absent": "10m", "clear": {"type": "-"}}, case(DOWN, until="11m", alert="firing"), Standing.FIRING),
    ],
)
def test_a_case_passes_when_that_is_what_comes(
    changes: dict[str, object], tried: dict[str, Any], standing: Standing
) -> None:
    assert failed_cases(rule(tried, **changes)) == []
    for other in set(Standing) - {standing}:
        (failed,) = failed_cases(rule(tried | {"expect": {"alert": other.value}}, **changes))
        assert failed.standing is standing


def test_a_case_that_fails_says_what_came_instead() -> None:
    good, bad = case(DOWN, alert="firing", severity="error"), case(DOWN, alert="firing", severity="warning")
    expected = FailedCase(place=1, name="x", standing=Standing.FIRING, severity=Severity.ERROR)
    assert failed_cases(rule(good, bad)) == [expected]


@pytest.mark.parametrize(
    ("cases", "pointer", "code"),
    [
        ("x", "/tests", "wrong_type"),
        ([{}], "/tests/0/events", "wrong_type"),
        ([case(alert="none")], "/tests/0/events", "wrong_type"),
        ([case({"typ": "a"}, alert="none")], "/tests/0/events/0/typ", "unknown_key"),
        ([case(DOWN, {"after": "soon"}, alert="none")], "/tests/0/events/1/after", "bad_duration"),
        ([case({"times": 0}, alert="none")], "/tests/0/events/0/times", "out_of_range"),
        ([case(DOWN, until="32d", alert="none")], "/tests/0/until", "out_of_range"),
        ([case(DOWN)], "/tests/0/expect", "missing"),
        ([case(DOWN, alert="maybe")], "/tests/0/expect/alert", "unknown_word"),
        ([case(DOWN, alert="none", severity="error")], "/tests/0/expect/severity", "not_both"),
        ([case(DOWN, alert="none")] * (MAX_CASES + 1), "/tests", "too_many"),
        ([case({"times": 1_000, **DOWN}, alert="firing")] * (MAX_PLAYED // 1_000 + 1), "/tests", "too_many"),
    ],
)
def test_what_is_wrong_with_a_case_is_told_with_its_place(cases: Any, pointer: str, code: str) -> None:
    with pytest.raises(FaultyRuleError) as caught:
        rule(tests=cases)
    assert next((fault.pointer, fault.code) for fault in caught.value.faults) == (pointer, code)


@settings(max_examples=60, deadline=None)
@given(events)
def test_a_stored_event_is_made_up_again_as_rules_see_it(facts: Facts) -> None:
    faults = Faults()
    made = read_sample(sample_of(facts), "", faults)
    assert (faults.found, shown(made)) == ([], shown(facts))


def shown(facts: Facts) -> tuple[object, ...]:
    file = None if facts.file is None else (facts.file.store, facts.file.error_code, facts.file.sha256)
    return (
        facts.type, facts.at_ms, facts.subject, facts.agent_id, dict(facts.labels), facts.severity, facts.data,
        facts.path, facts.size_bytes, file,
    )  # fmt: skip
