"""Decisions about lines: windows, escalation, what is remembered."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from gwf.alerts.logs.engine import LogEngine, MeantLine, Memory, window_words
from gwf.alerts.logs.model import Escalation, Kind, Level, LogRule, LogRuleset, Status, Suppressor

RULES = (
    LogRule(id="b", title="pay", level=Level.BUSINESS, keywords=("x",), suppress_window="2s", notify=True),
    LogRule(id="f", title="OOM", level=Level.FATAL, keywords=("x",)),
    LogRule(id="i", title="noise", level=Level.IGNORE, keywords=("x",)),
    LogRule(id="s", title="disk", level=Level.SYSTEM, keywords=("x",), notify=False),
)
SET = LogRuleset(rules=RULES, escalation=Escalation(threshold=3, window="1m", suppress_window="2m"))
T0 = 1_800_000_000_000


def line(rule: int, after_s: float = 0.0, text: str = "a line") -> MeantLine:
    return MeantLine(rule=rule, text=text, path="/var/log/app.log", at_ms=T0 + round(after_s * 1000))


def test_the_window_begins_with_what_was_told_and_does_not_slide() -> None:
    engine = LogEngine(SET)
    found = [engine.decide(line(0, after_s))[0] for after_s in (0, 1.9, 2.0, 3.9)]
    assert [one.status for one in found] == [Status.SENT, Status.SUPPRESSED, Status.SENT, Status.SUPPRESSED]
    assert found[1].explain.suppressed_by is Suppressor.RULE_WINDOW
    assert found[1].explain.quiet_until_ms == T0 + 2000


def test_what_is_not_to_be_told_is_recorded_and_never_suppressed() -> None:
    engine = LogEngine(SET)
    assert [engine.decide(line(3, after_s))[0].status for after_s in (0, 1)] == [Status.RECORDED] * 2


def test_noise_is_decided_about_neither_alone_nor_with_others() -> None:
    assert LogEngine(SET).decide(line(2)) == []


def test_without_suppression_everything_is_told() -> None:
    engine = LogEngine(SET, suppress=False)
    assert [engine.decide(line(0, after_s))[0].status for after_s in (0, 1)] == [Status.SENT] * 2


def test_many_lines_of_level_system_lead_to_one_decision_more() -> None:
    engine = LogEngine(SET)
    found = [engine.decide(line(3, after_s)) for after_s in (0, 1, 2, 3)]
    assert [len(one) for one in found] == [1, 1, 2, 1]
    more = found[2][1]
    assert (more.level, more.status, more.path) == (Level.FATAL, Status.SENT, None)
    assert (more.explain.kind, more.explain.count, more.message) == (Kind.ESCALATION, 3, "系统异常在1分钟内达到3次")


def test_it_comes_again_only_after_they_were_few_and_then_heeds_its_own_window() -> None:
    engine = LogEngine(SET)
    for after_s in (0, 1, 2):
        engine.decide(line(3, after_s))
    assert len(engine.decide(line(1, 70))) == 1  # another line finds them gone
    again = [engine.decide(line(3, after_s)) for after_s in (71, 72, 73)][2][1]
    assert (again.status, again.explain.suppressed_by) == (Status.SUPPRESSED, Suppressor.ESCALATION_WINDOW)


def test_a_long_message_is_cut_between_characters() -> None:
    (decision,) = LogEngine(SET).decide(line(1, text=" " + "磁" * 300))
    assert (len(decision.message), decision.message[-4:]) == (240, "磁...")


def test_a_clock_set_back_holds_nothing_back() -> None:
    engine = LogEngine(SET)
    engine.decide(line(0, 3600))
    assert engine.decide(line(0, 0))[0].status is Status.SENT


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 40)), max_size=40), st.integers(0, 40))
def test_a_restart_between_two_lines_changes_no_decision(steps: list[tuple[int, float]], cut: int) -> None:
    moments: list[MeantLine] = []
    at_s = 0.0
    for rule, wait_s in steps:
        at_s += wait_s
        moments.append(line(rule, at_s))
    whole = LogEngine(SET)
    expected = [whole.decide(one) for one in moments]
    before = LogEngine(SET)
    found = [before.decide(one) for one in moments[:cut]]
    after = LogEngine(SET, memory=Memory.restored(json.loads(json.dumps(before.memory.saved()))))
    assert found + [after.decide(one) for one in moments[cut:]] == expected


@given(st.lists(st.floats(0, 50), min_size=1, max_size=60))
def test_escalation_counts_like_asking_all_lines_of_the_window(waits_s: list[float]) -> None:
    engine, at_s, active = LogEngine(SET), 0.0, False
    all_ms: list[int] = []
    for wait_s in waits_s:
        at_s += wait_s
        one = line(3, at_s)
        all_ms.append(one.at_ms)
        enough = sum(one.at_ms - 60_000 < moment <= one.at_ms for moment in all_ms) >= 3
        assert (len(engine.decide(one)) == 2) == (enough and not active)
        active = enough


def test_windows_are_said_as_the_go_version_says_them() -> None:
    assert [window_words(s) for s in (0.2, 59, 90, 3600, 5400)] == ["1秒", "59秒", "1分钟", "1小时", "1小时"]
