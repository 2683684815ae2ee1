"""Turns what was noted of an alert's events into the quantity that its rule looks at, over time. Pure."""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

SLOTS = 120  #: of a picture, about
_S = 1_000
_MIN = 60 * _S
_H = 60 * _MIN
#: lengths of slots that people read easily
STEPS_MS = (
    _S, 2 * _S, 5 * _S, 10 * _S, 15 * _S, 30 * _S, _MIN, 2 * _MIN, 5 * _MIN, 10 * _MIN, 15 * _MIN, 30 * _MIN,
    _H, 2 * _H, 3 * _H, 6 * _H, 12 * _H, 24 * _H,
)  # fmt: skip
LEAD_MS = 15 * _MIN  #: shown before the beginning, at least
MAX_LEAD_MS = 6 * _H


class SignalKind(enum.StrEnum):
    """What is counted."""

    #: happenings in each slot
    EVENTS = "events"
    #: happenings in the rule's window, at most so many at any moment of a slot
    THRESHOLD = "threshold"
    #: seconds since the last event came
    ABSENCE = "absence"


class Happening(NamedTuple):
    """Something that the rule saw at a moment."""

    at_ms: int
    #: happenings that it stands for
    times: int
    #: it was said that all is well: what a threshold counted is forgotten
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The time that a picture shows, in slots of equal length."""

    since_ms: int
    until_ms: int
    step_ms: int

    def slots(self) -> range:
        """Return the beginnings of the slots."""
        return range(self.since_ms, self.until_ms, self.step_ms)


def window_of(started_ms: int, ended_ms: int | None, *, now_ms: int, within_ms: int) -> Window:
    """Return the time around an alert: some before it, so that its beginning is seen, and a little behind its end."""
    lasting_ms = max(0, (now_ms if ended_ms is None else ended_ms) - started_ms)
    lead_ms = min(MAX_LEAD_MS, max(LEAD_MS, 2 * within_ms, lasting_ms // 3))
    until_ms = max(started_ms + 1, now_ms if ended_ms is None else min(now_ms, ended_ms + lead_ms // 2))
    length_ms = until_ms - (started_ms - lead_ms)
    step_ms = next((step for step in STEPS_MS if step * SLOTS >= length_ms), -(-length_ms // (SLOTS * _H)) * _H)
    since_ms = (started_ms - lead_ms) // step_ms * step_ms
    return Window(since_ms=since_ms, until_ms=-(-until_ms // step_ms) * step_ms, step_ms=step_ms)


def counted(happenings: Sequence[Happening], window: Window) -> list[float]:
    """Return the happenings of each slot."""
    values = [0.0] * len(window.slots())
    for one in happenings:
        at = (one.at_ms - window.since_ms) // window.step_ms
        if not one.over and 0 <= at < len(values):
            values[at] += one.times
    return values


def in_window(happenings: Sequence[Happening], window: Window, *, within_ms: int) -> list[float]:
    """Return for each slot the most happenings that the rule's window held at a moment of it; oldest first."""
    recent: deque[Happening] = deque()
    held, values, todo = 0, list[float](), deque(happenings)

    def drop(at_ms: int) -> int:
        gone = 0
        while recent and recent[0].at_ms <= at_ms - within_ms:
            gone += recent.popleft().times
        return gone

    for begin_ms in window.slots():
        held -= drop(begin_ms)
        most = held
        while todo and todo[0].at_ms < begin_ms + window.step_ms:
            one = todo.popleft()
            if one.over:
                recent.clear()
                held = 0
                continue
            held += one.times - drop(one.at_ms)
            recent.append(one)
            if one.at_ms >= begin_ms:
                most = max(most, held)
        values.append(float(most))
    return values


def away(happenings: Sequence[Happening], window: Window, *, until_ms: int) -> list[float | None]:
    """Return for each slot the longest time without an event until a moment of it, in seconds.

    It is None before the first event.
    """
    last_ms: int | None = None
    values = list[float | None]()
    todo = deque(happenings)
    for begin_ms in window.slots():
        end_ms = min(begin_ms + window.step_ms, until_ms)
        longest_ms = None if last_ms is None else max(0, end_ms - last_ms)
        while todo and todo[0].at_ms < begin_ms + window.step_ms:
            at_ms = todo.popleft().at_ms
            longest_ms = max(end_ms - at_ms, 0 if last_ms is None else at_ms - last_ms)
            last_ms = at_ms
        values.append(None if longest_ms is None else longest_ms / 1000)
    return values


def known_only(
    values: Sequence[float | None], window: Window, unknown: Sequence[tuple[int, int]]
) -> Iterator[float | None]:
    """Yield values, None for slots of which a part is not known: a gap is no zero."""
    for begin_ms, value in zip(window.slots(), values, strict=True):
        end_ms = begin_ms + window.step_ms
        yield None if any(since < end_ms and begin_ms < until for since, until in unknown) else value
