"""Decides what a channel is sent next: one notice, several folded into one, or nothing yet. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gwf.alerts.delivery.budget import Spend, room
from gwf.alerts.delivery.model import ChannelHealth, ChannelRules, OutboxNotice, Part
from gwf.alerts.oncall import Recipient

FIRST_WAIT_MS = 1_000  #: after a failure; doubled with each further one
LONGEST_WAIT_MS = 60_000
HOPELESS_WAIT_MS = 60_000  #: after a failure that another try alone does not mend, a person may
LONGEST_HOPELESS_MS = 15 * 60_000
GIVE_UP_MS = 24 * 3600 * 1000  #: a message that could not be delivered for so long has failed


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneTurn:
    """What a lane may do in a turn."""

    #: messages that it may be sent now
    slots: int
    #: when to look again; None = when something else happens
    next_at_ms: int | None = None


def parts_of(
    notice: OutboxNotice, recipients: Iterable[Recipient], channels: Mapping[str, ChannelRules]
) -> Sequence[Part]:
    """Return a part for each channel that a notice goes through; people on one channel are called by one message."""
    by_channel: dict[str, list[Recipient]] = {}
    for one in recipients:
        if one.channel in channels:
            by_channel.setdefault(one.channel, []).append(one)
    return [
        Part(
            notice=notice,
            channel=name,
            due_at_ms=due_ms(notice, channels[name]),
            mobiles=_each(one.mobile for one in some),
            emails=_each(one.email for one in some),
            people=_each(one.person for one in some),
        )
        for name, some in by_channel.items()
    ]


def due_ms(notice: OutboxNotice, channel: ChannelRules, *, now_ms: int | None = None) -> int:
    """Return from when on a channel may tell a notice."""
    at_ms = notice.at_ms if now_ms is None else now_ms
    return at_ms if channel.quiet is None else channel.quiet.due_ms(at_ms, notice.severity)


def lane_turn(
    spends: Sequence[Spend], health: ChannelHealth, channel: ChannelRules, *, urgent: bool, now_ms: int
) -> LaneTurn:
    """Return what a lane of a channel may do: within its budget, and by one message at a time while it fails."""
    if health.blocked_until_ms > now_ms:
        return LaneTurn(slots=0, next_at_ms=health.blocked_until_ms)
    if any(spend.end_ms is None and (spend.urgent == urgent or health.failures) for spend in spends):
        return LaneTurn(slots=0)
    found = room(spends, per_minute=channel.per_minute, urgent=urgent, now_ms=now_ms)
    if not found.slots:
        return LaneTurn(slots=0, next_at_ms=found.next_at_ms or None)
    return LaneTurn(slots=1 if health.failures else found.slots)


def chosen(waiting: Sequence[Part], *, slots: int) -> Sequence[Part]:
    """Return the parts of the next message: one alone while there is room for all, else all of one tenant.

    Of several tenants the one comes first whose most urgent part has waited longest; they are never folded together.
    """
    ordered = sorted(waiting, key=_rank)
    if not slots or not ordered:
        return ()
    if len(ordered) <= max(1, slots // 2):
        return ordered[:1]
    return [part for part in ordered if part.notice.tenant == ordered[0].notice.tenant]


def moves(health: ChannelHealth, channel: ChannelRules, part: Part, *, now_ms: int) -> bool:
    """Tell whether another channel is to tell what this one cannot."""
    if not channel.fallback or part.instead_of or health.down_since_ms is None:
        return False
    return now_ms - max(part.due_at_ms, health.down_since_ms) >= channel.fallback_after_s * 1000


def moved(part: Part, to: ChannelRules, *, now_ms: int) -> Part:
    """Return a part on another channel; that one's own quiet hours count. Who was called by name stays called."""
    return Part(
        notice=part.notice,
        channel=to.name,
        due_at_ms=due_ms(part.notice, to, now_ms=now_ms),
        mobiles=part.mobiles,
        emails=part.emails,
        people=part.people,
        instead_of=part.channel,
    )


def wait_ms(attempts: int, *, retryable: bool, retry_after_s: float | None) -> int:
    """Return how long a message waits after a failed try."""
    first, longest = (FIRST_WAIT_MS, LONGEST_WAIT_MS) if retryable else (HOPELESS_WAIT_MS, LONGEST_HOPELESS_MS)
    waits = min(longest, first << min(20, max(0, attempts - 1)))
    return max(waits, round(1000 * (retry_after_s or 0)))


def failed(
    health: ChannelHealth, *, now_ms: int, error: str, error_class: str, block_ms: int, retryable: bool
) -> ChannelHealth:
    """Return how a channel does after a failure; one that concerns a message alone does not stop others."""
    if not retryable:
        return ChannelHealth(
            down_since_ms=health.down_since_ms, failures=health.failures, blocked_until_ms=health.blocked_until_ms,
            last_ok_ms=health.last_ok_ms, last_failed_ms=now_ms, error=error, error_class=error_class,
        )  # fmt: skip
    return ChannelHealth(
        down_since_ms=now_ms if health.down_since_ms is None else health.down_since_ms,
        failures=health.failures + 1,
        blocked_until_ms=max(health.blocked_until_ms, now_ms + block_ms),
        last_ok_ms=health.last_ok_ms,
        last_failed_ms=now_ms,
        error=error,
        error_class=error_class,
    )


def worked(*, now_ms: int) -> ChannelHealth:
    """Return how a channel does that took a message."""
    return ChannelHealth(last_ok_ms=now_ms)


def _rank(part: Part) -> tuple[int, int, str]:
    return -part.notice.severity, part.notice.at_ms, part.notice.notice_id


def _each(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
