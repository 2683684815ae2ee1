"""Remembers how much waited in each part of the fleet, minute by minute, as far as heartbeats told it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gwf.control.fleet.roster import Live
from gwf.control.overview.scope import ENV, Scope
from gwf.core.turns import pieces

STEP_MS = 60_000
KEPT = 24 * 60  #: samples of each part
MAX_PARTS = 300  #: of one tenant that are remembered: all of it, its environments, its groups
_NOTHING = -1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits at the agents of a part of the fleet."""

    queued: int
    sending: int
    #: for another attempt
    waiting: int
    dead: int
    #: age of the file that has waited longest; 0 = none waits
    oldest_wait_s: float
    #: agents that told it; others are not in these numbers
    told: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The backlog at the end of a minute; None = nobody looked then."""

    at_ms: int
    files: int | None
    oldest_wait_s: float | None


async def backlog_of(lives: Iterable[Live]) -> Backlog:
    """Add up what the last heartbeats of agents told. Others get the event loop meanwhile."""
    sums = dict.fromkeys(("queued", "sending", "waiting", "dead"), 0)
    oldest, told = 0.0, 0
    async for some in pieces(lives):
        for beat in [live.beat for live in some]:
            if beat is None or not beat.metrics:
                continue
            told += 1
            for name in sums:
                sums[name] += int(beat.metrics.get(name) or 0)
            oldest = max(oldest, float(beat.metrics.get("oldest_waiting_s") or 0.0))
    return Backlog(**sums, oldest_wait_s=oldest, told=told)


class Backlogs:
    """The samples of all tenants; a part takes 23 KB whatever happens."""

    def __init__(self) -> None:
        """Begin with nothing known."""
        self._parts: dict[tuple[str, Scope], tuple[array[float], array[float]]] = {}
        self._minute = 0

    async def sample(self, fleets: Mapping[str, Sequence[Live]], now_ms: int) -> None:
        """Take one sample of each part; what was not looked at before stays a gap. Others get the loop meanwhile."""
        self._pass_to(now_ms // STEP_MS)
        place = self._minute % KEPT
        for tenant, lives in fleets.items():
            for scope, mine in await parts_of(lives):
                key = (tenant, scope)
                if key not in self._parts:
                    self._parts[key] = (array("d", [_NOTHING]) * KEPT, array("d", [_NOTHING]) * KEPT)
                found = await backlog_of(mine)
                files, waits = self._parts[key]
                files[place] = found.queued + found.sending + found.waiting
                waits[place] = found.oldest_wait_s

    def series(self, tenant: str, scope: Scope, *, since_ms: int, until_ms: int) -> list[Sample]:
        """Return the samples of a part between two moments, oldest first; a part that is not kept has only gaps."""
        files, waits = self._parts.get((tenant, scope), (None, None))
        first = max(since_ms // STEP_MS, self._minute - KEPT + 1)
        found: list[Sample] = []
        for minute in range(first, until_ms // STEP_MS + 1):
            known = files is not None and waits is not None and minute <= self._minute
            value = files[minute % KEPT] if known and files is not None else _NOTHING
            wait = waits[minute % KEPT] if known and waits is not None else _NOTHING
            found.append(
                Sample(
                    at_ms=minute * STEP_MS,
                    files=None if value == _NOTHING else int(value),
                    oldest_wait_s=None if wait == _NOTHING else wait,
                )
            )
        return found

    def _pass_to(self, minute: int) -> None:
        for passed in range(max(self._minute + 1, minute - KEPT + 1), minute + 1):
            for files, waits in self._parts.values():
                files[passed % KEPT] = waits[passed % KEPT] = _NOTHING
        self._minute = max(self._minute, minute)


async def parts_of(lives: Sequence[Live]) -> list[tuple[Scope, Sequence[Live]]]:
    """Return a fleet as a whole, by environment and by group; the first ones when there are too many.

    Others get the event loop meanwhile.
    """
    by_env: dict[str, list[Live]] = {}
    by_group: dict[str, list[Live]] = {}
    async for some in pieces(lives):
        for live in some:
            env = live.agent.all_labels.get(ENV)
            if env:
                by_env.setdefault(env, []).append(live)
            for group in live.membership.groups:
                by_group.setdefault(group.group_id, []).append(live)
    parts: list[tuple[Scope, Sequence[Live]]] = [(Scope(), lives)]
    parts += [(Scope(env=env), mine) for env, mine in sorted(by_env.items())]
    parts += [(Scope(group=group), mine) for group, mine in sorted(by_group.items())]
    return parts[:MAX_PARTS]
