from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gwf.control.fleet.state import AgentHealth, AgentState
from gwf.control.fleet.track import LETTERS, MINUTES, RANK, Condition, Track, condition_of, remembered

MINUTE = 60_000
NOW = 1_000 * 3_600_000


def test_each_minute_shows_the_worst_of_what_it_was() -> None:
    track = Track()
    track.note(Condition.ONLINE, at_ms=NOW - 5 * MINUTE)
    track.note(Condition.OFFLINE, at_ms=NOW - 2 * MINUTE + 1_000)
    track.note(Condition.ONLINE, at_ms=NOW - 2 * MINUTE + 2_000)
    assert track.strip(NOW) == "-" * 24 + "oooxoo"


def test_what_is_older_than_the_strip_is_forgotten() -> None:
    track = Track()
    track.note(Condition.FAILING, at_ms=NOW)
    track.note(Condition.ONLINE, at_ms=NOW + MINUTE)
    assert track.strip(NOW + 29 * MINUTE) == "ff" + "o" * 28
    assert track.strip(NOW + 31 * MINUTE) == "o" * 30


def test_a_restart_knows_a_steady_agent_until_it_was_last_heard() -> None:
    steady = remembered(Condition.ONLINE, since_ms=NOW - 3_600_000, heard_ms=NOW - 4 * MINUTE)
    steady.note(Condition.ONLINE, at_ms=NOW - MINUTE)
    assert steady.strip(NOW) == "o" * 27 + "-" + "oo"
    fresh = remembered(Condition.DEGRADED, since_ms=NOW - 3_600_000, heard_ms=NOW)
    fresh.note(Condition.DEGRADED, at_ms=NOW)
    assert fresh.strip(NOW) == "d" * 30


def test_an_agent_that_cannot_do_its_duty_is_worse_than_a_degraded_one() -> None:
    assert condition_of(AgentState.DEGRADED, AgentHealth.FAILING) is Condition.FAILING
    assert condition_of(AgentState.DEGRADED, AgentHealth.OK) is Condition.DEGRADED
    assert condition_of(AgentState.OFFLINE, AgentHealth.FAILING) is Condition.OFFLINE
    assert RANK[Condition.FAILING] > RANK[Condition.OFFLINE] > RANK[Condition.DEGRADED] > RANK[Condition.ONLINE]


def test_work_is_what_was_added_in_the_last_half_hour() -> None:
    track = Track()
    track.count(1_000, 10, at_ms=NOW)
    track.count(1_090, 20, at_ms=NOW + MINUTE)
    assert track.work(NOW + MINUTE).failed_share == 0.1
    track.count(5, 0, at_ms=NOW + 2 * MINUTE)  # a new journal
    track.count(15, 0, at_ms=NOW + 20 * MINUTE)
    work = track.work(NOW + 20 * MINUTE)
    assert (work.done, work.failed) == (100, 10)
    assert track.work(NOW + 20 * MINUTE, spans=2).done == 10
    work = track.work(NOW + 35 * MINUTE)
    assert (work.done, work.failed) == (10, 0)
    assert track.work(NOW + 90 * MINUTE).failed_share is None


@given(st.lists(st.tuples(st.integers(0, 3 * MINUTE), st.sampled_from(Condition)), max_size=60))
def test_the_strip_is_what_a_full_history_says(steps: list[tuple[int, Condition]]) -> None:
    track, history, now = Track(), [(0, Condition.UNKNOWN)], NOW
    for wait, condition in steps:
        now += wait
        track.note(condition, at_ms=now)
        history.append((now, condition))

    def worst(minute: int) -> str:
        begin, end = minute * MINUTE, (minute + 1) * MINUTE
        held = [
            RANK[condition]
            for (at, condition), (until, _) in zip(history, [*history[1:], (end, Condition.UNKNOWN)], strict=True)
            if at < end and (until > begin or at >= begin)
        ]
        return LETTERS[max(held)]

    last = now // MINUTE
    assert track.strip(now) == "".join(worst(last - MINUTES + 1 + at) for at in range(MINUTES))
