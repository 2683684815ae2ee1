"""Rules of alerts over events: seen, counted, missed."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.alerts.life.model import Sighting
from gwf.alerts.sight.reading import read_alert_rule
from gwf.alerts.sight.sighter import Sighter
from gwf.events.model import Event, Severity
from gwf.rules.facts import Facts, event_facts
from gwf.rules.faults import FaultyRuleError

T0 = 1_800_000_000_000
OFFLINE: dict[str, Any] = {
    "name": "offline", "when": {"type": "gwf.agent.offline"}, "clear": {"type": "gwf.agent.online"},
    "by": ["agent_id"], "title": "${agent_id} is away", "labels": {"site": "${labels.site:-}"},
}  # fmt: skip
LINES: dict[str, Any] = {
    "name": "many errors", "when": {"type": "gwf.log.matched"}, "by": ["data.rule"], "severity": "critical",
    "title": "${data.rule}", "threshold": {"count": 5, "within": "1m"},
}  # fmt: skip
BACKUP: dict[str, Any] = {
    "name": "no backup", "when": {"type": "com.example.backup"}, "by": ["labels.app"], "title": "no backup",
    "absent": "1h", "severity": "error",
}  # fmt: skip


def sighter(*documents: dict[str, Any]) -> Sighter:
    return Sighter([read_alert_rule(one, rule_id=f"r{number}", version=1) for number, one in enumerate(documents)])


def event(kind: str, *, agent: str = "a1", data: object = None, **labels: str) -> Facts:
    told = Event(
        id="1", source="/x", type=kind, at_ms=T0, agent_id=agent, labels=labels, severity=Severity.WARNING, data=data
    )
    return event_facts(7, told)


def see(some: Sighter, facts: Facts, s: float = 0) -> list[Sighting]:
    return list(some.see(facts, T0 + round(s * 1000)))


def test_an_event_that_a_rule_means_is_seen_with_its_labels() -> None:
    (found,) = see(sighter(OFFLINE), event("gwf.agent.offline", site="bj"))
    assert (found.firing, found.title, found.labels) == (True, "a1 is away", {"agent_id": "a1", "site": "bj"})
    assert (found.severity, found.event) == (Severity.WARNING, "7")


def test_the_end_has_the_fingerprint_of_the_beginning() -> None:
    some = sighter(OFFLINE)
    begin, end = see(some, event("gwf.agent.offline")) + see(some, event("gwf.agent.online"))
    other = see(some, event("gwf.agent.online", agent="a2"))[0]
    assert (begin.fingerprint == end.fingerprint, end.firing) == (True, False)
    assert other.fingerprint != end.fingerprint


def test_what_no_rule_means_is_seen_by_none() -> None:
    assert see(sighter(OFFLINE, LINES, BACKUP), event("gwf.file.done")) == []


def test_fewer_than_the_threshold_are_no_trouble_and_a_folded_event_counts_as_many() -> None:
    some = sighter(LINES)
    lines = [
        see(some, event("gwf.log.matched", data={"rule": "oom", "lines": count}), s) for count, s in ((2, 0), (2, 10))
    ]
    assert lines == [[], []]
    (found,) = see(some, event("gwf.log.matched", data={"rule": "oom", "lines": 1}), 20)
    assert (found.severity, found.labels) == (Severity.CRITICAL, {"rule": "oom"})
    assert see(some, event("gwf.log.matched", data={"rule": "oom"}), 90) == []  # those of the first 30 s are too old


def test_what_stays_away_is_missed_once_and_its_coming_is_the_end() -> None:
    some = sighter(BACKUP)
    assert see(some, event("com.example.backup", app="pay"), 0) == []
    assert see(some, event("com.example.backup", app="pay"), 1800) == []
    assert list(some.miss(T0 + 5_399_000)) == []
    (missed,) = some.miss(T0 + 5_400_000)
    assert (missed.firing, missed.labels, missed.severity) == (True, {"app": "pay"}, Severity.ERROR)
    assert list(some.miss(T0 + 9_999_999)) == []
    (end,) = see(some, event("com.example.backup", app="pay"), 10_000)
    assert (end.firing, end.fingerprint) == (False, missed.fingerprint)
    assert some.next_at_ms() == T0 + 13_600_000


@given(st.lists(st.tuples(st.sampled_from(["oom", "disk"]), st.integers(0, 40)), max_size=30), st.integers(0, 30))
def test_a_restart_forgets_no_count(steps: list[tuple[str, int]], cut: int) -> None:
    def played(*, restart: bool) -> list[Sighting]:
        some, now_s, found = sighter(LINES), 0, list[Sighting]()
        for number, (rule, wait_s) in enumerate(steps):
            if restart and number == cut:
                kept = copy.deepcopy(list(some.counted.values()))
                some = Sighter([read_alert_rule(LINES, rule_id="r0", version=1)], kept)
            now_s += wait_s
            found += see(some, event("gwf.log.matched", data={"rule": rule}), now_s)
        return found

    assert played(restart=True) == played(restart=False)


@given(st.lists(st.integers(0, 40), max_size=40))
def test_a_threshold_is_that_of_counting_all_events_of_the_window(waits_s: list[int]) -> None:
    some, now_s, moments = sighter(LINES), 0, list[int]()
    for wait_s in waits_s:
        now_s += wait_s
        moments.append(now_s)
        expected = sum(now_s - 60 < moment for moment in moments) >= 5
        assert bool(see(some, event("gwf.log.matched", data={"rule": "oom"}), now_s)) == expected


def test_all_faults_of_a_rule_are_told_at_once() -> None:
    document = {
        "when": {"type": 1}, "title": "${colour}", "by": ["colour", "type"], "severity": "loud",
        "threshold": {"count": 0},
        "absent": "never", "group_by": ["team", "type"], "chain": "Night Shift", "x": 1,
    }  # fmt: skip
    with pytest.raises(FaultyRuleError) as caught:
        read_alert_rule(document, rule_id="r", version=1)
    assert {fault.pointer for fault in caught.value.faults} >= {
        "", "/when/type", "/title", "/by/0", "/severity", "/threshold", "/threshold/count", "/absent", "/group_by/0",
        "/chain", "/x",
    }  # fmt: skip
