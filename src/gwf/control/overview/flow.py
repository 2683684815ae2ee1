"""Arranges sums over file events as what a page draws: rates, a ratio of success, failures by class. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gwf.control.overview.ports import WorkSum, WorkWish
from gwf.events.files import FileEventStatus

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
MANY_AGENTS = 500  #: of more, sums by hour are read: those by minute would take seconds
MOST_POINTS = 90
MAX_CLASSES = 5  #: that are drawn; the others are added up

#: the end of a version of a file, however it came
_ENDED = frozenset(
    {
        FileEventStatus.DONE, FileEventStatus.DEAD, FileEventStatus.SKIPPED, FileEventStatus.VANISHED,
        FileEventStatus.SUPERSEDED,
    }
)  # fmt: skip
_FAILED = frozenset({FileEventStatus.FAILED, FileEventStatus.DEAD})
OTHER = "other"


@dataclass(slots=True, kw_only=True)
class Point:
    """What happened in one interval."""

    at_ms: int
    #: versions of files that were finished with, well or not
    ended: int = 0
    done: int = 0
    done_bytes: int = 0
    #: attempts that failed, those that were the last one too
    failed: int = 0
    dead: int = 0
    #: of `failed`, by class
    by_class: Counter[str] = field(default_factory=Counter[str])

    @property
    def success(self) -> float | None:
        """Share of attempts that went well; None when there were none."""
        attempts = self.done + self.failed
        return self.done / attempts if attempts else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What happened in a time, and in each interval of it."""

    bucket_ms: int
    #: oldest first, without a gap: where nothing happened there is a point of zeros
    points: Sequence[Point]
    whole: Point
    #: most frequent first; the rarer ones are `other`
    classes: Sequence[str]


def grid(length_ms: int, *, agents: int) -> tuple[int, int]:
    """Return the step of the sums that are read, and the interval of the points that are drawn."""
    step_ms = MINUTE_MS
    if length_ms > 2 * DAY_MS or (agents > MANY_AGENTS and length_ms > HOUR_MS):
        step_ms = HOUR_MS
    if length_ms > 60 * DAY_MS:
        step_ms = DAY_MS
    for bucket_ms in (MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS):
        if bucket_ms >= step_ms and length_ms <= MOST_POINTS * bucket_ms:
            return step_ms, bucket_ms
    return step_ms, 7 * DAY_MS


def flow_of(sums: Iterable[WorkSum], wish: WorkWish) -> Flow:
    """Return what the sums of a wish come to."""
    first = wish.since_ms - wish.since_ms % wish.bucket_ms
    points = {at_ms: Point(at_ms=at_ms) for at_ms in range(first, wish.until_ms, wish.bucket_ms)}
    whole = Point(at_ms=first)
    for one in sums:
        at_ms = one.at_ms - one.at_ms % wish.bucket_ms
        for point in (points.setdefault(at_ms, Point(at_ms=at_ms)), whole):
            _add(point, one)
    classes = [name for name, _ in sorted(whole.by_class.items(), key=lambda item: (-item[1], item[0]))]
    shown = classes if len(classes) <= MAX_CLASSES + 1 else classes[:MAX_CLASSES]
    ordered = [points[at_ms] for at_ms in sorted(points)]
    for point in (*ordered, whole):
        point.by_class = _few(point.by_class, shown)
    return Flow(bucket_ms=wish.bucket_ms, points=ordered, whole=whole, classes=[*shown, *_rest(classes, shown)])


def _add(point: Point, one: WorkSum) -> None:
    if one.status in _ENDED:
        point.ended += one.events
    if one.status is FileEventStatus.DONE:
        point.done += one.events
        point.done_bytes += one.size_bytes
    if one.status in _FAILED:
        point.failed += one.events
        point.by_class[one.error_class or OTHER] += one.events
    if one.status is FileEventStatus.DEAD:
        point.dead += one.events


def _few(counts: Counter[str], shown: Sequence[str]) -> Counter[str]:
    few = Counter({name: counts[name] for name in shown if counts[name]})
    rest = counts.total() - few.total()
    if rest:
        few[OTHER] += rest
    return few


def _rest(classes: Sequence[str], shown: Sequence[str]) -> list[str]:
    return [] if len(classes) == len(shown) or OTHER in shown else [OTHER]
