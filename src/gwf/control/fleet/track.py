"""Remembers how an agent was in the last half hour: its condition in each minute, how much of its work failed."""

from __future__ import annotations

import enum
from array import array
from dataclasses import dataclass

from gwf.control.fleet.state import AgentHealth, AgentState

MINUTES = 30  #: that are remembered
_MINUTE_MS = 60_000
_SPAN_MS = 300_000  #: work is summed up over so long
_SPANS = MINUTES * _MINUTE_MS // _SPAN_MS
_MOST = 2**53  #: of what may be sent as a number in JSON


class Condition(enum.StrEnum):
    """The state of an agent, and whether it can do its duty; the later in this list, the worse."""

    #: nobody knows: it was not registered, or no centre ran
    UNKNOWN = "unknown"
    ONLINE = "online"
    DRAINING = "draining"
    REVOKED = "revoked"
    DEGRADED = "degraded"
    OFFLINE = "offline"
    #: in contact, and its own health is `failing`
    FAILING = "failing"


LETTERS = "-onrdxf"  #: of the conditions, in their order
_ORDER = tuple(Condition)
RANK = {condition: rank for rank, condition in enumerate(_ORDER)}


def condition_of(state: AgentState, health: AgentHealth | None) -> Condition:
    """Return the condition of an agent in a state that judges itself so; None = it said nothing yet."""
    if state is AgentState.DEGRADED and health is AgentHealth.FAILING:
        return Condition.FAILING
    return Condition(state.value)


@dataclass(frozen=True, slots=True)
class RecentWork:
    """Attempts to carry a file that ended in the time that is remembered."""

    done: int
    failed: int

    @property
    def failed_share(self) -> float | None:
        """Share of attempts that failed; None when there were none."""
        ended = self.done + self.failed
        return self.failed / ended if ended else None


class Track:
    """Of one agent; takes the same room however often its condition changes. Moments are of one clock, in ms."""

    __slots__ = ("_condition", "_done", "_failed", "_minute", "_ranks", "_span", "_totals")

    def __init__(self) -> None:
        """Begin with nothing known."""
        self._condition = Condition.UNKNOWN
        self._ranks = bytearray(MINUTES)
        self._minute = 0
        self._done = array("Q", [0]) * _SPANS
        self._failed = array("Q", [0]) * _SPANS
        self._span = 0
        self._totals: tuple[int, int] | None = None

    def note(self, condition: Condition, *, at_ms: int) -> None:
        """Take note of how it is from a moment on; what lies before the last note counts from there."""
        if condition is self._condition:
            return
        self._pass_to(at_ms // _MINUTE_MS)
        self._condition = condition
        place = self._minute % MINUTES
        self._ranks[place] = max(self._ranks[place], RANK[condition])

    def strip(self, now_ms: int) -> str:
        """Return a letter per minute, oldest first: the worst of what it was; the last minute is the one that runs."""
        self._pass_to(now_ms // _MINUTE_MS)
        first = self._minute + 1
        return "".join(LETTERS[self._ranks[(first + at) % MINUTES]] for at in range(MINUTES))

    def count(self, done_total: int, failed_total: int, *, at_ms: int) -> None:
        """Take the totals of a heartbeat; totals that shrink are those of a new journal."""
        before, self._totals = self._totals, (done_total, failed_total)
        self._turn_to(at_ms // _SPAN_MS)
        if before is None or done_total < before[0] or failed_total < before[1]:
            return
        place = self._span % _SPANS
        self._done[place] = min(_MOST, self._done[place] + done_total - before[0])
        self._failed[place] = min(_MOST, self._failed[place] + failed_total - before[1])

    def work(self, now_ms: int, *, spans: int = _SPANS) -> RecentWork:
        """Return what ended in the last `spans` of five minutes, as heartbeats told; one of them runs."""
        self._turn_to(now_ms // _SPAN_MS)
        places = [(self._span - back) % _SPANS for back in range(spans)]
        return RecentWork(done=sum(self._done[at] for at in places), failed=sum(self._failed[at] for at in places))

    def _pass_to(self, minute: int) -> None:
        rank = RANK[self._condition]
        for passed in range(max(self._minute + 1, minute - MINUTES + 1), minute + 1):
            self._ranks[passed % MINUTES] = rank
        self._minute = max(self._minute, minute)

    def _turn_to(self, span: int) -> None:
        for passed in range(max(self._span + 1, span - _SPANS + 1), span + 1):
            self._done[passed % _SPANS] = self._failed[passed % _SPANS] = 0
        self._span = max(self._span, span)


def remembered(condition: Condition, *, since_ms: int, heard_ms: int | None) -> Track:
    """Return the track of an agent that was last heard of before this process began: from then on nobody knows."""
    track = Track()
    track.note(condition, at_ms=since_ms)
    if heard_ms is not None:
        track.note(Condition.UNKNOWN, at_ms=max(since_ms, heard_ms + _MINUTE_MS))
    return track
