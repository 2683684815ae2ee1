"""Who is on call when, and who is meant by the receivers of a notice. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gwf.rules.window import DAY_MINUTES, Window, local_time

_QUARTER_MS = 15 * 60_000  #: clocks of no zone are put forward or back between quarters
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may be on call."""

    name: str
    #: by which they are told
    channel: str
    #: that a robot calls by @; "" = none
    mobile: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A time in which somebody else is on call; the end is outside."""

    begins_at_ms: int
    ends_at_ms: int
    #: name of one of the schedule's people
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """People who take turns."""

    name: str
    #: in the order of their turns, at least one
    people: tuple[Person, ...]
    zone: ZoneInfo
    #: day on which the first of them takes over; turns before it are counted backwards from there
    starts: date
    #: length of a turn
    shift_days: int = 7
    #: minutes from midnight at which a turn begins
    hand_over: int = 0
    #: outside of these nobody is on call; None = always somebody is
    hours: Window | None = None
    #: channel or schedule that is told outside of the hours; "" = none
    otherwise: str = ""
    #: of two at a time the later one of the list counts
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Who has a schedule at a moment, and why."""

    #: None = nobody, it lies outside of the hours
    person: Person | None
    #: the turn was given to somebody else for a while
    by_override: bool = False
    #: whose turn it is; None = nobody's
    turn: Person | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A stretch in which the same person is on call for the same reason."""

    begins_at_ms: int
    ends_at_ms: int
    duty: Duty


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One way to one receiver."""

    channel: str
    #: "" = the channel itself is meant, with all its readers
    person: str = ""
    mobile: str = ""
    email: str = ""
    #: name of the receiver that led here
    of: str = ""


def resolve(receivers: Sequence[str], at_ms: int, schedules: Mapping[str, Schedule]) -> Sequence[Recipient]:
    """Return who is to be told at a moment, each once, in the order of the receivers.

    A receiver is the name of a schedule, or else of a channel. Of a schedule the person on call is told by the person's
    channel; outside of its hours the receiver is told that it names for that.
    """
    found: dict[tuple[str, str], Recipient] = {}
    for receiver in receivers:
        one = _recipient(receiver, at_ms, schedules)
        if one is not None:
            found.setdefault((one.channel, one.person), one)
    return list(found.values())


def _recipient(receiver: str, at_ms: int, schedules: Mapping[str, Schedule]) -> Recipient | None:
    name, asked = receiver, set[str]()
    while name in schedules:
        if name in asked:  # schedules that name each other
            return None
        asked.add(name)
        schedule = schedules[name]
        person = duty(schedule, at_ms).person
        if person is not None:
            return Recipient(
                channel=person.channel, person=person.name, mobile=person.mobile, email=person.email, of=receiver
            )
        name = schedule.otherwise
    return Recipient(channel=name, of=receiver) if name else None


def duty(schedule: Schedule, at_ms: int) -> Duty:
    """Return who is on call at a moment."""
    inside = schedule.hours is None or schedule.hours.holds(at_ms)
    turn = _turn(schedule, at_ms) if inside else None
    for one in reversed(schedule.overrides):
        if one.begins_at_ms <= at_ms < one.ends_at_ms:
            person = next((person for person in schedule.people if person.name == one.person), None)
            if person is not None:
                return Duty(person=person, by_override=True, turn=turn)
    return Duty(person=turn, turn=turn)


def shifts(schedule: Schedule, since_ms: int, until_ms: int) -> Sequence[Shift]:
    """Return who is on call between two moments, without a gap; the first and last stretch are cut there."""
    moments = sorted({since_ms, *(at for at in _boundaries(schedule, since_ms, until_ms) if since_ms < at < until_ms)})
    found: list[Shift] = []
    for at_ms, end_ms in zip(moments, [*moments[1:], until_ms], strict=True):
        now = duty(schedule, at_ms)
        begins_at_ms = at_ms
        if found and found[-1].duty == now and _same_turn(schedule, found[-1].begins_at_ms, at_ms):
            begins_at_ms = found.pop().begins_at_ms
        found.append(Shift(begins_at_ms=begins_at_ms, ends_at_ms=end_ms, duty=now))
    return found


def _same_turn(schedule: Schedule, one_ms: int, other_ms: int) -> bool:
    return len(schedule.people) == 1 or _number(schedule, one_ms) == _number(schedule, other_ms)


def _turn(schedule: Schedule, at_ms: int) -> Person:
    return schedule.people[_number(schedule, at_ms) % len(schedule.people)]


def _number(schedule: Schedule, at_ms: int) -> int:
    """Return which turn a moment lies in; the first one is 0."""
    day = local_time(at_ms, schedule.zone).date()
    number = (day - schedule.starts).days // schedule.shift_days
    while _begin_ms(schedule, number) > at_ms:
        number -= 1
    while _begin_ms(schedule, number + 1) <= at_ms:
        number += 1
    return number


def _begin_ms(schedule: Schedule, number: int) -> int:
    day = schedule.starts + timedelta(days=number * schedule.shift_days)
    return moment_ms(day, schedule.hand_over, schedule.zone)


def moment_ms(day: date, minutes: int, zone: ZoneInfo, *, fold: int = 0) -> int:
    """Return when clocks of a zone show a time; of one that they show twice the first, unless `fold` is 1."""
    day, minutes = day + timedelta(days=minutes // DAY_MINUTES), minutes % DAY_MINUTES
    local = datetime.combine(day, time(minutes // 60, minutes % 60, fold=fold), tzinfo=zone)
    return round(local.timestamp()) * 1000


def _boundaries(schedule: Schedule, since_ms: int, until_ms: int) -> Iterator[int]:
    """Yield all moments at which somebody else may be on call, and some others."""
    for one in schedule.overrides:
        yield one.begins_at_ms
        yield one.ends_at_ms
    day, last = (local_time(at, schedule.zone).date() for at in (since_ms - _DAY_MS, until_ms + _DAY_MS))
    minutes = {schedule.hand_over}
    if schedule.hours is not None:
        minutes |= {0, schedule.hours.begin, schedule.hours.end}
    while day <= last:
        begin_ms, end_ms = moment_ms(day, 0, schedule.zone), moment_ms(day, DAY_MINUTES, schedule.zone)
        if end_ms - begin_ms == _DAY_MS:
            yield from (moment_ms(day, one, schedule.zone) for one in minutes)
        else:  # clocks are put forward or back on this day
            yield from range(begin_ms, end_ms, _QUARTER_MS)
            yield from (moment_ms(day, one, schedule.zone, fold=fold) for one in minutes for fold in (0, 1))
        day += timedelta(days=1)
