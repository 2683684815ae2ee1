"""Who is on call: turns, hours, overrides, clocks that are put forward and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from gwf.alerts.oncall import Override, Person, Recipient, Schedule, duty, resolve, shifts
from gwf.rules.window import Window

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
ANN, BOB = Person(name="Ann", channel="dd", mobile="138"), Person(name="Bob", channel="mail", email="b@x.cn")
WEEKS = Schedule(name="ops", people=(ANN, BOB), zone=SHANGHAI, starts=date(2026, 11, 2), hand_over=9 * 60)
DAY_MS = 86_400_000


def ms(text: str, zone: ZoneInfo = SHANGHAI) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def name(schedule: Schedule, text: str) -> str | None:
    person = duty(schedule, ms(text, schedule.zone)).person
    return None if person is None else person.name


def test_people_take_turns_at_the_hand_over() -> None:
    moments = ("2026-11-02T08:59", "2026-11-02T09:00", "2026-11-09T08:59", "2026-11-09T09:00", "2026-11-16T09:00")
    assert [name(WEEKS, one) for one in moments] == ["Bob", "Ann", "Ann", "Bob", "Ann"]


def test_an_override_counts_before_the_turn_and_tells_whose_it_was() -> None:
    swap = Override(begins_at_ms=ms("2026-11-03T00:00"), ends_at_ms=ms("2026-11-04T00:00"), person="Bob")
    found = duty(replace(WEEKS, overrides=(swap,)), ms("2026-11-03T23:59"))
    assert (found.person, found.turn, found.by_override) == (BOB, ANN, True)
    assert name(replace(WEEKS, overrides=(swap,)), "2026-11-04T00:00") == "Ann"


def test_outside_of_the_hours_the_other_receiver_is_told() -> None:
    hours = Window(zone=SHANGHAI, days=frozenset(range(5)), begin=9 * 60, end=18 * 60)
    day = replace(WEEKS, name="day", hours=hours, otherwise="night")
    night = replace(WEEKS, name="night", people=(BOB,))
    known = {"day": day, "night": night}
    assert resolve(["day"], ms("2026-11-04T10:00"), known) == [
        Recipient(channel="dd", person="Ann", mobile="138", of="day")
    ]
    (found,) = resolve(["day"], ms("2026-11-07T10:00"), known)
    assert (found.person, found.of) == ("Bob", "day")
    assert resolve(["day"], ms("2026-11-07T10:00"), {"day": replace(day, otherwise="")}) == []


def test_each_is_told_once_and_what_is_no_schedule_is_a_channel() -> None:
    known = {"ops": WEEKS, "again": replace(WEEKS, name="again")}
    found = resolve(["ops", "room", "again", "room"], ms("2026-11-03T10:00"), known)
    assert [(one.channel, one.person, one.of) for one in found] == [("dd", "Ann", "ops"), ("room", "", "room")]


def test_schedules_that_name_each_other_lead_to_nobody() -> None:
    never = Window(zone=SHANGHAI, days=frozenset({0}), begin=0, end=1)
    one = replace(WEEKS, hours=never, otherwise="two")
    assert resolve(["ops"], ms("2026-11-04T10:00"), {"ops": one, "two": replace(one, otherwise="ops")}) == []


def test_a_turn_begins_by_the_clocks_of_the_zone_when_they_are_put_back() -> None:
    daily = replace(WEEKS, zone=BERLIN, starts=date(2026, 10, 24), shift_days=1)
    found = shifts(daily, ms("2026-10-24T09:00", BERLIN), ms("2026-10-26T09:00", BERLIN))
    assert [(one.ends_at_ms - one.begins_at_ms) // 3_600_000 for one in found] == [25, 24]
    assert [one.duty.person for one in found] == [ANN, BOB]


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    zone = draw(st.sampled_from([BERLIN, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/Santiago"), SHANGHAI]))
    minutes = st.integers(0, 95).map(lambda quarter: quarter * 15)
    hours = draw(st.none() | st.builds(lambda begin, end: Window(zone=zone, begin=begin, end=end), minutes, minutes))
    begin = draw(st.integers(0, 40)) * 3_600_000 + ms("2026-10-24T00:00", zone)
    override = Override(begins_at_ms=begin, ends_at_ms=begin + 5_400_000, person="Bob")
    return Schedule(
        name="s", people=(ANN, BOB), zone=zone, starts=date(2026, 10, draw(st.integers(1, 31))), hours=hours,
        shift_days=draw(st.integers(1, 3)), hand_over=draw(minutes), overrides=draw(st.sampled_from([(), (override,)])),
    )  # fmt: skip


@given(schedules(), st.sampled_from(["2026-10-24", "2026-10-03", "2026-09-05", "2027-03-27"]))
@settings(max_examples=60, deadline=None)
def test_shifts_have_no_gap_and_say_at_every_quarter_who_is_on_call(schedule: Schedule, day: str) -> None:
    since_ms = round(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)
    until_ms = since_ms + 2 * DAY_MS
    found = shifts(schedule, since_ms, until_ms)
    assert (found[0].begins_at_ms, found[-1].ends_at_ms) == (since_ms, until_ms)
    assert all(one.ends_at_ms == other.begins_at_ms for one, other in pairwise(found))
    for one in found:
        for at_ms in range(one.begins_at_ms, one.ends_at_ms, 900_000):
            assert duty(schedule, at_ms) == one.duty
