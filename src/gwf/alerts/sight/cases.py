"""Reads the test cases of a rule of alerts: events as they come one after another, and what is to be of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gwf.alerts.sight.model import AlertCase, Standing
from gwf.core.units import parse_duration_s
from gwf.events.model import SEVERITY_OF_WORD, Severity
from gwf.rules.facts import Facts
from gwf.rules.faults import Faults, below, is_list
from gwf.rules.sample import read_sample

MAX_CASES = 100
MAX_EVENTS = 50  #: that a case writes down
MAX_TIMES = 1_000  #: happenings of one of them
MAX_NAME_CHARS = 100
MAX_PLAYED = 10_000  #: happenings of all cases of a rule: they are played while somebody waits
LONGEST_S = 31 * 86_400.0  #: of a case
_OF_CASE = ("after", "times")  #: keys of an event that say when it comes, beside those of events


def read_cases(value: object, faults: Faults) -> tuple[AlertCase, ...]:
    """Return the cases of a document; `faults` gets what is wrong with them."""
    if not is_list(value):
        faults.add("/tests", "wrong_type", "a list of test cases is needed")
        return ()
    if len(value) > MAX_CASES:
        faults.add("/tests", "too_many", f"at most {MAX_CASES} test cases", most=str(MAX_CASES))
        return ()
    cases = tuple(_case(item, f"/tests/{number}", faults, number=number) for number, item in enumerate(value))
    if sum(len(case.events) for case in cases) > MAX_PLAYED:
        faults.add("/tests", "too_many", f"at most {MAX_PLAYED} events over all test cases", most=str(MAX_PLAYED))
    return cases


def _case(value: object, at: str, faults: Faults, *, number: int) -> AlertCase:
    found = faults.mapping(value, at, "a test case") or {}
    faults.keys(found, at, ("name", "events", "until", "expect"))
    name = faults.text(found.get("name", f"case {number + 1}"), below(at, "name"), most=MAX_NAME_CHARS)
    events, last_ms = _events(found.get("events"), below(at, "events"), faults)
    until_ms = last_ms + _ms(found, "until", at, faults=faults)
    expect = faults.mapping(found.get("expect"), below(at, "expect"), "what is expected") or {}
    standing, severity = _expected(expect, below(at, "expect"), faults)
    return AlertCase(name=name or "", events=events, until_ms=until_ms, standing=standing, severity=severity)


def _events(value: object, at: str, faults: Faults) -> tuple[tuple[tuple[int, Facts], ...], int]:
    """Return the events with the moment at which each comes, and the last of these, in ms since the case began."""
    if not is_list(value) or not value:
        faults.add(at, "wrong_type", "a list of events is needed")
        return (), 0
    if len(value) > MAX_EVENTS:
        faults.add(at, "too_many", f"at most {MAX_EVENTS} events; times says how often one comes", most=str(MAX_EVENTS))
        return (), 0
    events: list[tuple[int, Facts]] = []
    now_ms = 0
    for number, item in enumerate(value):
        place = f"{at}/{number}"
        found = faults.mapping(item, place, "an event") or {}
        now_ms += _ms(found, "after", place, faults=faults)
        times = faults.number(found.get("times", 1), below(place, "times"), least=1, most=MAX_TIMES) or 1
        facts = read_sample({key: one for key, one in found.items() if key not in _OF_CASE}, place, faults)
        events += [(now_ms, facts)] * times
    return tuple(events), now_ms


def _expected(expect: Mapping[str, object], at: str, faults: Faults) -> tuple[Standing, Severity | None]:
    faults.keys(expect, at, ("alert", "severity"))
    if "alert" not in expect:
        faults.add(at, "missing", "say alert: firing, alert: resolved or alert: none", key="alert")
    standing = Standing(
        faults.choice(expect.get("alert", Standing.NONE.value), below(at, "alert"), [*Standing]) or "none"
    )
    if "severity" not in expect:
        return standing, None
    word = faults.choice(expect["severity"], below(at, "severity"), SEVERITY_OF_WORD)
    if standing is Standing.NONE:
        faults.add(below(at, "severity"), "not_both", "what opens no alert has no severity: leave it out")
    return standing, None if word is None else SEVERITY_OF_WORD[word]


def _ms(found: Mapping[str, object], key: str, at: str, *, faults: Faults) -> int:
    """Return a time of 0 or more; 0 where the key is missing or its value is wrong."""
    if key not in found:
        return 0
    try:
        seconds = parse_duration_s(found[key])
    except ValueError as exc:
        faults.add(below(at, key), "bad_duration", f"{key} {exc}")
        return 0
    if not 0 <= seconds <= LONGEST_S:
        faults.add(below(at, key), "out_of_range", f"{key} is at most 31d", least="0", most="31d")
        return 0
    return round(seconds * 1000)
