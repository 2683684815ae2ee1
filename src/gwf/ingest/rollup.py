"""Adds file events up per minute, hour and day, by agent, labels, store, status and error class. Pure."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import NamedTuple

from gwf.events.files import FileEvent, FileEventStatus


class Step(enum.IntEnum):
    """Length of an interval in ms; also how it is stored."""

    MINUTE = 60_000
    HOUR = 3_600_000
    DAY = 86_400_000


class Bucket(NamedTuple):
    """What a sum is about."""

    step: Step
    #: begin of the interval, ms UTC
    at_ms: int
    tenant: str
    agent_id: str
    #: number of the agent's labels, see the store
    label_set_id: int
    #: "" = none
    store: str
    status: FileEventStatus
    #: "" = no error
    error_class: str


class Sums(NamedTuple):
    """What is added up."""

    events: int
    size_bytes: int
    #: of those that tell a duration
    timed: int
    duration_ms: int
    max_duration_ms: int


def minutes(events: Iterable[FileEvent], label_set_id: int) -> dict[Bucket, Sums]:
    """Return the sums of each minute; bytes are those of confirmed files only."""
    found: dict[tuple[int, str, str, str, FileEventStatus, str], list[int]] = {}
    for event in events:
        name = (
            event.at_ms // 60_000, event.tenant, event.agent_id, event.store or "", event.status,
            event.error_class or "",
        )  # fmt: skip
        sums = found.get(name)
        if sums is None:
            sums = found[name] = [0, 0, 0, 0, 0]
        sums[0] += 1
        if event.status is FileEventStatus.DONE:
            sums[1] += event.size_bytes or 0
        duration_ms = event.duration_ms
        if duration_ms is not None:
            sums[2] += 1
            sums[3] += duration_ms
            sums[4] = max(sums[4], duration_ms)
    return {
        Bucket(Step.MINUTE, minute * 60_000, tenant, agent_id, label_set_id, store, status, error_class): Sums(*sums)
        for (minute, tenant, agent_id, store, status, error_class), sums in found.items()
    }


def all_steps(of_minutes: dict[Bucket, Sums]) -> dict[Bucket, Sums]:
    """Return the sums of minutes together with those of their hours and days."""
    found = dict(of_minutes)
    for bucket, sums in of_minutes.items():
        for step in (Step.HOUR, Step.DAY):
            wider = bucket._replace(step=step, at_ms=bucket.at_ms - bucket.at_ms % step)
            before = found.get(wider)
            found[wider] = sums if before is None else add(before, sums)
    return found


def add(one: Sums, other: Sums) -> Sums:
    """Return both together."""
    return Sums(
        one.events + other.events,
        one.size_bytes + other.size_bytes,
        one.timed + other.timed,
        one.duration_ms + other.duration_ms,
        max(one.max_duration_ms, other.max_duration_ms),
    )


def step_for(length_ms: int) -> Step:
    """Return the step in which a time of this length is shown with few and yet telling intervals."""
    if length_ms <= 6 * Step.HOUR:
        return Step.MINUTE
    return Step.HOUR if length_ms <= 7 * Step.DAY else Step.DAY
