"""A rule of alerts over recorded events: as many alerts and notices as there would have been."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gwf.alerts.documents.reading import HourlyChain, read_chain
from gwf.alerts.life.ledger import Setting, State
from gwf.alerts.life.model import NoticeKind
from gwf.alerts.run.model import AlertPlan, Kept, Turn
from gwf.alerts.run.tenant import TenantAlerts
from gwf.alerts.sight.model import AlertRule
from gwf.alerts.sight.reading import read_alert_rule
from gwf.alerts.trial import Trial, TriedAlert
from gwf.events.model import Event, Severity
from gwf.rules.facts import Facts, event_facts

T0 = 1_793_581_200_000  # Monday 2026-11-02 09:00 in Shanghai
OFFLINE: dict[str, Any] = {
    "name": "offline", "when": {"type": "shop.down"}, "clear": {"type": "shop.up"}, "by": ["subject"],
    "title": "${subject} is down", "severity": "error", "chain": "ops", "interval": "1m",
}  # fmt: skip
CHAIN = read_chain({"name": "ops", "levels": [{"receivers": "room"}, {"after": "10m", "receivers": "boss"}]})


def rule(**changes: object) -> AlertRule:
    return read_alert_rule({**OFFLINE, **changes}, rule_id="r", version=1)


def event(word: str, s: float, subject: str = "a") -> tuple[int, Facts]:
    at_ms = T0 + round(s * 1000)
    told = Event(
        id="1", source="/x", type=f"shop.{word}", at_ms=at_ms, subject=subject, labels={}, severity=Severity.WARNING
    )
    return at_ms, event_facts(at_ms, told)


def tried(
    some: AlertRule, *events: tuple[int, Facts], chain: HourlyChain | None = CHAIN, until_s: float = 3600, keep: int = 9
) -> tuple[Trial, list[TriedAlert]]:
    trial = Trial(some, chain, keep=keep)
    for one in events:
        trial.add([one])
    return trial, list(trial.end(T0 + round(until_s * 1000)))


def test_an_alert_is_told_climbs_and_ends() -> None:
    trial, (found,) = tried(rule(), event("down", 0), event("down", 60), event("up", 1200))
    assert (found.opened_at_ms, found.ended_at_ms, found.count, found.told_at_ms) == (T0, T0 + 1_200_000, 2, T0)
    assert (found.labels, found.severity, found.event) == ({"subject": "a"}, Severity.ERROR, str(T0))
    tally = trial.tally
    assert (tally.events, tally.matched, tally.alerts, tally.open, tally.worst_hour) == (3, 3, 1, 0, 3)
    assert tally.notices == {NoticeKind.FIRING: 1, NoticeKind.ESCALATION: 1, NoticeKind.RESOLVED: 1}
    assert tally.notices_at_ms == [T0, T0 + 600_000, T0 + 1_200_000]


def test_the_first_alerts_are_told_one_by_one_and_all_are_counted() -> None:
    trial, found = tried(rule(), event("down", 0, "a"), event("down", 1, "b"), event("up", 2, "b"), keep=1)
    assert ([one.title for one in found], trial.tally.alerts, trial.tally.open) == (["a is down"], 2, 1)


def test_a_rule_that_tells_nobody_counts_the_notices_that_there_would_be() -> None:
    for some, chain in ((rule(chain=""), None), (rule(), read_chain({"name": "ops", "levels": []}))):
        trial, _ = tried(some, event("down", 0), chain=chain)
        assert (trial.tells_nobody, trial.tally.notices.total()) == (True, 1)


def test_a_chain_is_as_it_was_at_each_hour() -> None:
    hours = {"zone": "Asia/Shanghai", "from": "09:00", "to": "10:00"}
    chain = read_chain({"name": "ops", "levels": [{"receivers": "room"}], "hours": hours})
    trial, found = tried(rule(), event("down", 0), event("down", 3601, "b"), chain=chain, until_s=7200)
    assert (trial.tally.alerts, trial.tally.notices.total(), trial.tally.notices_at_ms) == (2, 1, [T0])
    assert [one.title for one in found] == ["a is down", "b is down"]


def test_what_stayed_away_is_an_alert_without_an_event() -> None:
    missed = rule(absent="10m", clear={"type": "shop.never"})
    trial, (found, again) = tried(missed, event("down", 0), event("down", 900))
    assert (found.event, found.opened_at_ms, found.ended_at_ms) == ("", T0 + 600_000, T0 + 900_000)
    assert (again.opened_at_ms, again.ended_at_ms, trial.tally.open) == (T0 + 1_500_000, None, 1)


HISTORIES = st.lists(
    st.tuples(st.sampled_from(["down", "down", "up", "other"]), st.integers(0, 900), st.sampled_from("abc")),
    max_size=25,
)
RULES = st.fixed_dictionaries(
    {},
    optional={
        "threshold": st.sampled_from([{"count": 2, "within": "5m"}, {"count": 3, "within": "1h"}]),
        "resolve_after": st.sampled_from(["2m", "20m"]),
        "wait": st.sampled_from(["30s", "3m"]),
        "group_by": st.just(["subject"]),
        "repeat": st.sampled_from(["5m", "1h", None]),
    },
)


@given(HISTORIES, RULES)
@settings(max_examples=80, deadline=None)
def test_it_comes_to_what_the_centre_would_have_done(
    history: list[tuple[str, int, str]], changes: dict[str, Any]
) -> None:
    at_s, events = 0, list[tuple[int, Facts]]()
    for word, gap, subject in history:
        at_s += gap
        events.append(event(word, at_s, subject))
    some, end_ms = rule(**changes), T0 + at_s * 1000 + 3_600_000
    trial = Trial(some, CHAIN, keep=100)
    trial.add(events)
    found = trial.end(end_ms)
    life = TenantAlerts("t", Kept(state=State()), AlertPlan(1, (some,), Setting(chains={"ops": CHAIN.at(T0)})))
    turn = Turn(after=0, now_ms=0, place=0)
    for at_ms, facts in [*events, (end_ms, None)]:
        while (due := life.next_at_ms()) is not None and due <= at_ms:
            life.advance(due)
            life.write(turn)
        life.advance(at_ms)
        if facts is not None:
            life.see(facts, at_ms)
        life.write(turn)
    assert trial.tally.notices == Counter(row.notice.kind for row in turn.notices)
    last = {row.alert.id: row.alert for row in turn.alerts}
    assert len(found) == trial.tally.alerts == len(last)
    assert sorted((one.title, one.opened_at_ms, one.ended_at_ms or 0, one.count) for one in found) == sorted(
        (one.title, one.started_at_ms, one.ended_at_ms or 0, one.count) for one in last.values()
    )
