"""Finds when agents began to fail, and of which classes their failures are: by sums, then by the very file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from gwf.control.fleet.alarms import BREAKER_OPENED
from gwf.control.fleet.model import AgentId
from gwf.control.fleet.roster import Roster
from gwf.control.overview.flow import DAY_MS, MINUTE_MS, Point, flow_of
from gwf.control.overview.ports import WorkReads, WorkWish
from gwf.control.overview.verdict import BEFORE_MS, MIN_SUCCESS
from gwf.events.files import FileEventStatus
from gwf.events.model import RESERVED
from gwf.events.ports import MAX_PAGE, EventFilter, EventReads, FileEventFilter, PageWish, Place, Span

LATELY_MS = 30 * MINUTE_MS  #: whose failures are told by class
QUIET_MS = 5 * MINUTE_MS  #: so long without a bad minute, and what fails after it began anew
KNOWN_MS = 7 * DAY_MS  #: how far back the opening of a breaker is looked for
MAX_AGENTS = 200  #: that are looked at; of more, the first by id tell enough
_FAILED = (FileEventStatus.FAILED, FileEventStatus.DEAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """How the files of some agents fail now."""

    #: the first that failed, by our clock; None = too few fail to say so
    first_ms: int | None
    #: attempts of the last half hour
    classes: Mapping[str, int]


class Onsets:
    """Reads only."""

    def __init__(self, roster: Roster, work: WorkReads, events: EventReads) -> None:
        """Look at these."""
        self._roster = roster
        self._work = work
        self._events = events

    async def of(self, tenant: str, agents: Collection[str], *, now_ms: int) -> Failures:
        """Return how the files of some agents fail now.

        Raises:
            UnavailableError: The database did not answer.
        """
        some = tuple(sorted(agents)[:MAX_AGENTS])
        wish = WorkWish(
            tenant=tenant,
            since_ms=now_ms - BEFORE_MS - LATELY_MS,
            until_ms=now_ms + MINUTE_MS,
            step_ms=MINUTE_MS,
            bucket_ms=MINUTE_MS,
            agents=some,
        )
        points = flow_of(await self._work.work(wish) if some else (), wish).points
        began_ms = began_at(points, now_ms=now_ms)
        classes: Counter[str] = Counter()
        for point in points:
            if point.at_ms >= now_ms - LATELY_MS:
                classes += point.by_class
        first_ms = None if began_ms is None else await self._first(tenant, some, began_ms)
        return Failures(first_ms=first_ms, classes=dict(classes.most_common()))

    async def of_store(self, tenant: str, agents: Collection[str], store: str, *, now_ms: int) -> int | None:
        """Return since when a store gets nothing: since the first file that failed before its breakers opened.

        Raises:
            UnavailableError: The database did not answer.
        """
        some = tuple(sorted(agents)[:MAX_AGENTS])
        span = Span(since_ms=now_ms - KNOWN_MS, until_ms=now_ms + MINUTE_MS)
        wanted = EventFilter(tenant=tenant, span=span, types=(f"{RESERVED}{BREAKER_OPENED}",), agents=some)
        opened: dict[str, int] = {}
        for stored in (await self._events.events(wanted, PageWish(limit=MAX_PAGE))).items:  # newest first
            match stored.event.data:
                case {"store": str() as told} if told == store:
                    opened.setdefault(stored.event.agent_id or "", stored.event.at_ms)
                case _:
                    continue
        if not opened:
            return None
        at_ms = sorted(opened.values())[(len(opened) - 1) // 2]  # of most, so that one old case does not hide the rest
        failed = FileEventFilter(
            tenant=tenant,
            span=Span(since_ms=at_ms - MINUTE_MS, until_ms=at_ms),
            statuses=_FAILED,
            stores=(store,),
            agents=tuple(agent for agent, opened_ms in opened.items() if opened_ms >= at_ms),
        )
        return await self._oldest(failed, otherwise_ms=at_ms)

    async def _first(self, tenant: str, agents: tuple[str, ...], minute_ms: int) -> int:
        """Return when the first file of a minute failed; the minute itself once its files are forgotten."""
        span = Span(since_ms=minute_ms, until_ms=minute_ms + MINUTE_MS)
        wanted = FileEventFilter(tenant=tenant, span=span, statuses=_FAILED, agents=agents)
        return await self._oldest(wanted, otherwise_ms=minute_ms)

    async def _oldest(self, wanted: FileEventFilter, *, otherwise_ms: int) -> int:
        """Return when the oldest event of a list happened, by our clock."""
        oldest = PageWish(limit=1, after=Place(at_ms=wanted.span.since_ms - 1, row_id=0), newer=True)
        for stored in (await self._events.file_events(wanted, oldest)).items:
            live = self._roster.find(AgentId(stored.event.agent_id))
            return stored.event.at_ms - ((live.best_skew_ms() if live is not None else None) or 0)
        return otherwise_ms


def began_at(points: Sequence[Point], *, now_ms: int) -> int | None:
    """Return the first of the bad minutes that go on until now; None when there is none lately. Oldest first."""
    began_ms: int | None = None
    for point in reversed(points):
        if point.success is None or point.success >= MIN_SUCCESS:
            continue
        if (now_ms if began_ms is None else began_ms) - point.at_ms > QUIET_MS + MINUTE_MS:
            break
        began_ms = point.at_ms
    return began_ms
