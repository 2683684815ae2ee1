"""How many messages a channel may be sent, and how many of them only what is urgent may use. Pure.

A service counts what arrives within a minute. When a message arrives is not known exactly: between the moment its
sending began and the moment its end was known. So a place is taken from the beginning until a minute after the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WINDOW_MS = 60_500  #: a minute, and a little for clocks that run apart
_URGENT_SHARE = 0.7
_URGENT_BURST, _BURST = 4, 3  #: one of so many places may be used at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """A place that was taken."""

    at_ms: int
    #: when its end was known; None = it is on its way
    end_ms: int | None
    urgent: bool

    def counts(self, now_ms: int) -> bool:
        """Tell whether the service may still count it."""
        return self.end_ms is None or self.end_ms + WINDOW_MS > now_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one lane may use: some at once, then one after another, never more than `most` within a window."""

    most: int
    burst: int

    @property
    def gap_ms(self) -> int:
        """Time between two messages when the burst is used up; it makes the rest last for the whole window."""
        return -(-WINDOW_MS // (self.most - self.burst)) if self.most > self.burst else WINDOW_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a lane may do now."""

    #: messages that may be sent at once
    slots: int
    #: when there is room again, if there is none; 0 = when a message on its way has ended
    next_at_ms: int = 0


def shares(per_minute: int) -> tuple[Share, Share]:
    """Return what is urgent may use, and the rest. A single place is used by both."""
    if per_minute == 1:
        return Share(most=1, burst=1), Share(most=1, burst=1)
    urgent = min(per_minute - 1, max(1, round(per_minute * _URGENT_SHARE)))
    return _share(urgent, _URGENT_BURST), _share(per_minute - urgent, _BURST)


def room(spends: Sequence[Spend], *, per_minute: int, urgent: bool, now_ms: int) -> Room:
    """Return what a lane may do, with what was spent in the last window."""
    share = shares(per_minute)[0 if urgent else 1]
    counted = [spend for spend in spends if spend.counts(now_ms)]
    ours = [spend for spend in counted if spend.urgent == urgent]
    if len(counted) >= per_minute:
        return Room(slots=0, next_at_ms=_freed_ms(counted, len(counted) - per_minute))
    if len(ours) >= share.most:
        return Room(slots=0, next_at_ms=_freed_ms(ours, len(ours) - share.most))
    if len(ours) < share.burst:
        return Room(slots=min(share.burst - len(ours), per_minute - len(counted)))
    next_at_ms = max(spend.at_ms for spend in ours) + share.gap_ms
    return Room(slots=1) if next_at_ms <= now_ms else Room(slots=0, next_at_ms=next_at_ms)


def left(spends: Sequence[Spend], *, per_minute: int, now_ms: int) -> int:
    """Return how many messages the service would take now."""
    return max(0, per_minute - sum(spend.counts(now_ms) for spend in spends))


def _share(most: int, part: int) -> Share:
    return Share(most=most, burst=max(1, most // part))


def _freed_ms(spends: Sequence[Spend], too_many: int) -> int:
    """Return when enough of the places are free; 0 while that is not known, for some are on their way."""
    ends = sorted(spend.end_ms + WINDOW_MS for spend in spends if spend.end_ms is not None)
    return ends[too_many] if too_many < len(ends) else 0
