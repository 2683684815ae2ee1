"""What a verdict says of many situations."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.control.fleet.track import Condition
from gwf.control.overview.verdict import (
    BEFORE_MS,
    SKEW_MS,
    AgentFact,
    ChangeFact,
    Facts,
    FindingCode,
    Level,
    RolloutFact,
    Verdict,
    concerned,
    dated,
    judge,
    suspects_of,
)

NOW = 1_700_000_000_000
MINUTE = 60_000


def agent(number: int, condition: Condition = Condition.ONLINE, **more: object) -> AgentFact:
    fact = AgentFact(
        agent_id=f"agt_{number:03}", hostname=f"host-{number:03}", condition=condition, since_ms=NOW - 30 * MINUTE
    )
    return replace(fact, **more)  # type: ignore[arg-type]  # fields by name


def fleet(count: int, *bad: AgentFact) -> list[AgentFact]:
    known = {one.agent_id for one in bad}
    return [*bad, *(one for number in range(count) if (one := agent(number)).agent_id not in known)]


def verdict(agents: list[AgentFact], **more: object) -> Verdict:
    facts = Facts(now_ms=NOW, agents=agents)
    return judge(replace(facts, **more))  # type: ignore[arg-type]  # fields by name


def codes(found: Verdict) -> list[FindingCode]:
    return [one.code for one in found.findings]


def test_a_fleet_in_which_nothing_is_wrong_is_well() -> None:
    assert verdict(fleet(20)) == Verdict(level=Level.OK, findings=())


def test_no_agents_are_no_fault() -> None:
    assert verdict([]).level is Level.OK


def test_revoked_and_drained_agents_are_as_people_want_them() -> None:
    assert verdict(fleet(5, agent(0, Condition.REVOKED, dead=9), agent(1, Condition.DRAINING))).level is Level.OK


@pytest.mark.parametrize(
    ("bad", "code", "level"),
    [
        ({"condition": Condition.OFFLINE}, FindingCode.AGENTS_OFFLINE, Level.CRIT),
        ({"condition": Condition.FAILING}, FindingCode.AGENTS_FAILING, Level.CRIT),
        ({"condition": Condition.DEGRADED}, FindingCode.AGENTS_DEGRADED, Level.WARN),
        ({"open_breakers": frozenset({"oss"})}, FindingCode.STORE_UNREACHABLE, Level.CRIT),
        ({"reasons": frozenset({"disk_low"})}, FindingCode.DISK_LOW, Level.CRIT),
        ({"reasons": frozenset({"high_water_files"})}, FindingCode.HIGH_WATER, Level.WARN),
        ({"config_held": True}, FindingCode.CONFIG_FAILED, Level.WARN),
        ({"reasons": frozenset({"config_refused"})}, FindingCode.CONFIG_FAILED, Level.WARN),
        ({"dead": 3}, FindingCode.DEAD_LETTERS, Level.WARN),
        ({"oldest_wait_s": 301.0}, FindingCode.QUEUE_WAIT, Level.WARN),
        ({"oldest_wait_s": 1801.0}, FindingCode.QUEUE_WAIT, Level.CRIT),
        ({"done": 98, "failed": 2, "failed_now": 1}, FindingCode.FAILURES, Level.WARN),
        ({"done": 90, "failed": 10, "failed_now": 1}, FindingCode.FAILURES, Level.CRIT),
    ],
)
def test_each_fault_alone_is_found(bad: dict[str, object], code: FindingCode, level: Level) -> None:
    found = verdict(fleet(10, agent(3, **bad)))  # type: ignore[arg-type]  # fields by name
    assert (codes(found), found.level) == ([code], level)
    assert found.findings[0].agents == ("agt_003",)
    assert found.findings[0].named == ("host-003",)


def test_one_of_many_offline_is_a_warning_and_a_twentieth_is_not() -> None:
    assert verdict(fleet(100, agent(1, Condition.OFFLINE))).level is Level.WARN
    assert verdict(fleet(20, agent(1, Condition.OFFLINE))).level is Level.CRIT


def test_few_attempts_tell_nothing_about_a_ratio() -> None:
    assert verdict(fleet(3, agent(1, done=10, failed=9, failed_now=9))).level is Level.OK
    assert codes(verdict(fleet(3, agent(1, done=10, failed=10, failed_now=1)))) == [FindingCode.FAILURES]


def test_failures_that_are_over_are_no_finding_any_more() -> None:
    assert verdict(fleet(3, agent(1, done=60, failed=40, done_now=30))).level is Level.OK
    assert verdict(fleet(3, agent(1, done=60, failed=40))).level is Level.OK


def test_a_list_shows_the_very_agents_that_a_finding_speaks_of() -> None:
    bad = [
        agent(1, Condition.DEGRADED, open_breakers=frozenset({"oss"}), oldest_wait_s=400.0),
        agent(2, Condition.DEGRADED, reasons=frozenset({"nothing_watched"})),
        agent(3, Condition.REVOKED, dead=4),
        agent(4, dead=4, done=60, failed=40, failed_now=4),
    ]
    for finding in verdict(fleet(9, *bad)).findings:
        assert finding.agents == tuple(one.agent_id for one in bad if finding.code in concerned(one))
    assert concerned(bad[2]) == frozenset()


def test_value_limit_and_unit_say_how_bad_it_is() -> None:
    (ratio,) = verdict(fleet(3, agent(1, done=90, failed=10, failed_now=1))).findings
    assert (ratio.value, ratio.limit, ratio.unit) == (0.9, 0.99, "share")
    (wait,) = verdict(fleet(3, agent(1, oldest_wait_s=600.0))).findings
    assert (wait.value, wait.limit, wait.unit, wait.since_ms) == (600.0, 300.0, "s", NOW - 600_000)
    (dead,) = verdict(fleet(3, agent(1, dead=2), agent(2, dead=5))).findings
    assert (dead.value, dead.unit, dead.since_ms) == (7.0, "files", None)


def test_what_reaches_more_comes_first_and_what_must_be_acted_upon_before_what_may_wait() -> None:
    offline = [agent(number, Condition.OFFLINE) for number in range(3)]
    down = [agent(number, Condition.DEGRADED, open_breakers=frozenset({"oss"})) for number in range(3, 9)]
    waiting = [agent(number, dead=1) for number in range(9, 20)]
    found = verdict(fleet(20, *offline, *down, *waiting))
    assert codes(found) == [FindingCode.STORE_UNREACHABLE, FindingCode.AGENTS_OFFLINE, FindingCode.DEAD_LETTERS]
    assert found.findings[0].about == {"store": "oss"}


def test_each_store_is_a_finding_of_its_own() -> None:
    both = frozenset({"oss", "nas"})
    found = verdict(fleet(5, agent(1, open_breakers=both), agent(2, open_breakers=frozenset({"oss"}))))
    assert [one.about["store"] for one in found.findings] == ["oss", "nas"]


def test_an_agent_that_is_degraded_for_a_told_reason_is_not_counted_twice() -> None:
    bad = agent(1, Condition.DEGRADED, reasons=frozenset({"high_water_files"}))
    assert codes(verdict(fleet(9, bad))) == [FindingCode.HIGH_WATER]


def test_a_halted_rollout_names_its_gate() -> None:
    halted = RolloutFact(
        rollout_id="r1", status="paused", cause="failure_share", since_ms=NOW - MINUTE, agents=frozenset({"agt_001"})
    )
    (found,) = verdict(fleet(9), rollouts=[halted]).findings
    assert (found.code, found.level, found.since_ms) == (FindingCode.ROLLOUT_HALTED, Level.CRIT, NOW - MINUTE)
    assert found.about == {"rollout": "r1", "status": "paused", "cause": "failure_share"}
    reverted = verdict(fleet(9), rollouts=[replace(halted, status="reverted")])
    assert reverted.level is Level.WARN


def test_the_onset_is_that_of_most_and_not_of_one_old_case() -> None:
    old = agent(0, Condition.OFFLINE, since_ms=NOW - 9_000 * MINUTE)
    new = [agent(number, Condition.OFFLINE, since_ms=NOW - 10 * MINUTE) for number in range(1, 5)]
    assert verdict(fleet(9, old, *new)).findings[0].since_ms == NOW - 10 * MINUTE


def test_the_likely_change_reached_the_same_agents_shortly_before() -> None:
    bad = [agent(number, Condition.FAILING) for number in range(4)]
    onset = bad[0].since_ms
    mine = frozenset(one.agent_id for one in bad)
    changes = [
        ChangeFact(id="elsewhere", at_ms=onset - MINUTE, agents=frozenset({"agt_099"})),
        ChangeFact(id="same, earlier", at_ms=onset - 60 * MINUTE, agents=mine),
        ChangeFact(id="same, near", at_ms=onset - 2 * MINUTE, agents=mine),
        ChangeFact(id="half", at_ms=onset - MINUTE, agents=frozenset(sorted(mine)[:2])),
        ChangeFact(id="long ago", at_ms=onset - BEFORE_MS - 1, agents=mine),
    ]
    found = suspects_of(verdict(fleet(9, *bad)).findings[0], changes)
    assert [one.id for one in found] == ["same, near", "same, earlier", "half"]
    assert found[0].before_ms == 2 * MINUTE


def test_what_came_after_the_first_failure_is_not_behind_it_but_for_clocks_that_differ() -> None:
    (finding,) = verdict(fleet(9, agent(1, Condition.FAILING))).findings
    onset = finding.since_ms or 0
    late = [
        ChangeFact(id=f"{after}", at_ms=onset + after, agents=frozenset({"agt_001"}))
        for after in (SKEW_MS, SKEW_MS + 1, 4_000)
    ]
    assert [one.id for one in suspects_of(finding, late)] == [f"{SKEW_MS}"]


def test_files_that_failed_before_an_agent_said_so_clear_what_came_in_between() -> None:
    (finding,) = verdict(fleet(9, agent(1, Condition.DEGRADED, open_breakers=frozenset({"oss"})))).findings
    onset = finding.since_ms or 0
    between = ChangeFact(id="c", at_ms=onset - 10_000, agents=frozenset({"agt_001"}))
    assert suspects_of(finding, [between])
    told = dated(finding, first_ms=onset - 15_000, classes={"throttled": 7})
    assert (told.since_ms, suspects_of(told, [between])) == (onset - 15_000, ())


def test_without_an_onset_nothing_is_suspected() -> None:
    change = ChangeFact(id="c", at_ms=NOW, agents=frozenset({"agt_001"}))
    assert suspects_of(verdict(fleet(9, agent(1, dead=1))).findings[0], [change]) == ()


def test_a_store_that_gets_nothing_says_why_and_is_no_alarm_when_somebody_wants_it_so() -> None:
    def at(number: int, why: str = "") -> AgentFact:
        return agent(number, open_breakers=frozenset({"oss"}), store_causes={"oss": why} if why else {})

    (mixed,) = verdict(fleet(9, at(1, "throttled"), at(2, "throttled"), at(3, "held"), at(4))).findings
    assert (mixed.classes, mixed.level) == ({"": 1, "held": 1, "throttled": 2}, Level.CRIT)
    (held,) = verdict(fleet(9, at(1, "held"), at(2, "held"))).findings
    assert held.level is Level.WARN


facts_of_agents = st.builds(
    AgentFact,
    agent_id=st.integers(0, 30).map(lambda number: f"agt_{number}"),
    hostname=st.just("host"),
    condition=st.sampled_from(Condition),
    since_ms=st.integers(NOW - 10**7, NOW),
    reasons=st.frozensets(st.sampled_from(["disk_low", "high_water_files", "config_refused", "other"])),
    open_breakers=st.frozensets(st.sampled_from(["oss", "nas"])),
    config_held=st.booleans(),
    dead=st.integers(0, 5),
    done=st.integers(0, 50),
    failed=st.integers(0, 5),
    failed_now=st.integers(0, 2),
    oldest_wait_s=st.floats(0, 3_000),
)


@given(st.lists(facts_of_agents, unique_by=lambda one: one.agent_id), st.randoms(use_true_random=False))
def test_the_same_facts_in_any_order_give_the_same_verdict(agents: list[AgentFact], chance: random.Random) -> None:
    found = verdict(agents)
    chance.shuffle(agents)
    assert verdict(agents) == found
    assert found.level == max((one.level for one in found.findings), default=Level.OK)
    assert all(0 < len(one.agents) <= len(agents) for one in found.findings)
