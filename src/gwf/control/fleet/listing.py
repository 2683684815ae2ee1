"""Decides which agents a list shows, in which order, and how many there are of each kind."""

from __future__ import annotations

import enum
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gwf.control.fleet.ports import Configs, ConfigStand, NoConfigs
from gwf.control.fleet.roster import Live
from gwf.control.fleet.state import AgentState
from gwf.control.fleet.track import RANK, Condition
from gwf.control.selectors import Selector
from gwf.core.turns import pieces

MAX_PAGE = 1_000
MAX_FACET_VALUES = 50  #: of one label, the most frequent first
MAX_FACET_LABELS = 50

Place = tuple[str, str]
"""Hostname and id: where an agent stands in every list that is not sorted otherwise."""

Spot = tuple[float | str, str, str]
"""What a list is sorted by, hostname, id: where an agent stands in it."""


class AgentSort(enum.StrEnum):
    """What a list of agents is sorted by; agents that are alike in it follow by hostname."""

    HOSTNAME = "hostname"
    #: the worst last
    CONDITION = "condition"
    VERSION = "version"
    #: name of the group that decides most
    GROUP = "group"
    #: files that wait
    QUEUED = "queued"
    #: share of attempts that failed lately
    FAILED = "failed"
    #: when it was heard of last
    CONTACT = "contact"
    #: when it was let in first
    REGISTERED = "registered"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFilter:
    """Which agents a list shows; an empty part is no limit."""

    states: frozenset[AgentState] = frozenset()
    conditions: frozenset[Condition] = frozenset()
    #: ids or names; an agent of any of them
    groups: frozenset[str] = frozenset()
    versions: frozenset[str] = frozenset()
    systems: frozenset[str] = frozenset()
    #: codes, see `problems_of`
    problems: frozenset[str] = frozenset()
    #: how its configuration stands
    standings: frozenset[str] = frozenset()
    #: hashes that run; "" = none of the centre
    configs: frozenset[str] = frozenset()
    #: codes of the verdict's findings that an agent is among
    findings: frozenset[str] = frozenset()
    selector: Selector = field(default_factory=Selector)
    #: in hostname, id, version, address or a value of a label, without regard to case
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """How many agents there are of each kind; each kind is counted as if the filter named none of its own."""

    states: Mapping[AgentState, int]
    conditions: Mapping[Condition, int]
    #: by id of the group
    groups: Mapping[str, int]
    versions: Mapping[str, int]
    systems: Mapping[str, int]
    problems: Mapping[str, int]
    standings: Mapping[str, int]
    #: by hash that runs; "" = none of the centre
    configs: Mapping[str, int]
    labels: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How a list is sorted."""

    by: AgentSort = AgentSort.HOSTNAME
    descending: bool = False
    #: the roster's moment: what an agent did lately depends on it
    now_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One page of agents."""

    items: Sequence[Live]
    #: where the next page begins; None = this was the last one
    after: Spot | None
    #: agents of the filter, on all pages
    total: int


class Findings(Protocol):
    """Knows what the verdict over a fleet finds at single agents; asked for whole lists, so it answers from memory."""

    def of(self, live: Live) -> frozenset[str]:
        """Return the codes of the findings that an agent is among."""
        ...


def place(live: Live) -> Place:
    """Return where an agent stands."""
    return (live.agent.hostname, live.agent.agent_id)


class Sieve:
    """Tells whether a filter lets an agent through, and by which part it does not."""

    def __init__(
        self, wanted: AgentFilter, configs: Configs | None = None, *, findings: Findings | None = None
    ) -> None:
        """Take the filter; `configs` says how configurations stand, `findings` what the verdict says."""
        self._configs = configs or NoConfigs()
        self._wanted = wanted
        self._text = wanted.text.casefold()
        tests: dict[str, Callable[[Live], bool]] = {
            "states": lambda live: live.verdict.state in wanted.states,
            "conditions": lambda live: live.condition() in wanted.conditions,
            "groups": lambda live: any(
                group.group_id in wanted.groups or group.name in wanted.groups for group in live.membership.groups
            ),
            "versions": lambda live: live.agent.version in wanted.versions,
            "systems": lambda live: live.agent.os in wanted.systems,
            "problems": lambda live: not wanted.problems.isdisjoint(problems_of(live)),
            "standings": lambda live: (stand := self.stand(live)) is not None and stand.standing in wanted.standings,
            "configs": lambda live: running_of(live) in wanted.configs,
            "findings": lambda live: findings is not None and not wanted.findings.isdisjoint(findings.of(live)),
        }
        self._tests = {name: test for name, test in tests.items() if getattr(wanted, name)}

    def stand(self, live: Live) -> ConfigStand | None:
        """Return how the configuration stands at an agent."""
        return self._configs.stand(live.agent.tenant, live.agent.agent_id)

    @property
    def is_open(self) -> bool:
        """Whether it lets everybody through."""
        return not (self._tests or self._text or self._wanted.selector.terms)

    def shows(self, live: Live) -> bool:
        """Tell whether the filter lets an agent through."""
        return self._basic(live) and all(test(live) for test in self._tests.values())

    def held_by(self, live: Live) -> Sequence[str] | None:
        """Return which of its parts do not let an agent through; None when it has none of the labels or the text."""
        if not self._basic(live):
            return None
        return [name for name, test in self._tests.items() if not test(live)]

    def _basic(self, live: Live) -> bool:
        if not self._wanted.selector.matches(live.agent.all_labels):
            return False
        return not self._text or _has_text(live, self._text)


def problems_of(live: Live) -> Sequence[str]:
    """Return the codes of what is wrong with an agent in its own words: its reasons, else its last error."""
    beat = live.beat
    if beat is None:
        return ()
    codes = [str(reason.get("code", "")) for reason in beat.reasons]
    return codes or [str(error.get("code", "")) for error in beat.errors[:1]]


def running_of(live: Live) -> str:
    """Return the hash of the configuration that an agent runs; "" = none of the centre."""
    return (live.beat.config_hash or "") if live.beat is not None else ""


async def page(
    lives: Sequence[Live], sieve: Sieve, order: Order | None = None, *, after: Spot | None, limit: int
) -> Listed:
    """Return one page of `lives`, which are in the order of their places; others get their turn meanwhile."""
    order = order or Order()
    if sieve.is_open and order.by is AgentSort.HOSTNAME and not order.descending:
        return _page_of_all(lives, after=after, limit=limit)
    key, is_open = _KEYS[order.by], sieve.is_open
    rows: list[tuple[Spot, Live]] = [
        ((key(live, order.now_ms), *place(live)), live)
        async for some in pieces(lives, given_times=1)
        for live in some
        if is_open or sieve.shows(live)
    ]
    if order.by is not AgentSort.HOSTNAME or order.descending:
        rows.sort(key=_key_of_row, reverse=order.descending)  # stable: equals stay in the order of their places
    begin = 0
    if after is not None:
        begin = next((at for at, (spot, _) in enumerate(rows) if _is_beyond(spot, after, order)), len(rows))
    shown = rows[begin : begin + limit]
    more = begin + limit < len(rows)
    return Listed(items=[live for _, live in shown], after=shown[-1][0] if more else None, total=len(rows))


def _page_of_all(lives: Sequence[Live], *, after: Spot | None, limit: int) -> Listed:
    begin = 0 if after is None else bisect_right(lives, after, key=_spot_by_hostname)
    shown = lives[begin : begin + limit]
    more = begin + limit < len(lives)
    return Listed(items=shown, after=_spot_by_hostname(shown[-1]) if more else None, total=len(lives))


def _spot_by_hostname(live: Live) -> Spot:
    return (live.agent.hostname, *place(live))


def _is_beyond(spot: Spot, after: Spot, order: Order) -> bool:
    if spot[0] != after[0]:
        return (spot[0] < after[0]) is order.descending  # type: ignore[operator]  # both of one sort, so of one type
    return spot[1:] > after[1:]


def _key_of_row(row: tuple[Spot, Live]) -> float | str:
    return row[0][0]


def _queued(live: Live, _: int) -> float:
    if live.beat is None:
        return 0
    return sum(live.beat.metrics.get(name) or 0 for name in ("queued", "waiting", "sending"))


def _failed(live: Live, now_ms: int) -> float:
    share = live.track.work(now_ms).failed_share
    return -1.0 if share is None else share


_KEYS: Mapping[AgentSort, Callable[[Live, int], float | str]] = {
    AgentSort.HOSTNAME: lambda live, _: live.agent.hostname,
    AgentSort.CONDITION: lambda live, _: float(RANK[live.condition()]),
    AgentSort.VERSION: lambda live, _: live.agent.version,
    AgentSort.GROUP: lambda live, _: live.membership.groups[0].name if live.membership.groups else "",
    AgentSort.QUEUED: _queued,
    AgentSort.FAILED: _failed,
    AgentSort.CONTACT: lambda live, _: float(live.contact_ms or 0),
    AgentSort.REGISTERED: lambda live, _: float(live.agent.registered_at_ms),
}
SORTED_BY_TEXT = frozenset({AgentSort.HOSTNAME, AgentSort.VERSION, AgentSort.GROUP})


async def facets(lives: Iterable[Live], sieve: Sieve) -> Facets:
    """Count the agents of a filter."""
    tally = _Tally()
    async for some in pieces(lives):
        for live in some:
            held_by = sieve.held_by(live)
            if held_by is not None and len(held_by) <= 1:
                tally.take(live, sieve.stand(live), only="" if not held_by else held_by[0])
    return tally.facets()


class _Tally:
    """Counts; `only` = the one part of the filter that holds an agent back, so that it counts for this kind alone."""

    def __init__(self) -> None:
        self._kinds: dict[str, Counter[str]] = {name: Counter() for name in _VALUES}
        self._standings: Counter[str] = Counter()
        self._labels: Counter[tuple[str, str]] = Counter()

    def take(self, live: Live, stand: ConfigStand | None, *, only: str) -> None:
        for name in (only,) if only else self._kinds:
            if name in _VALUES:
                counts = self._kinds[name]
                for value in _VALUES[name](live):  # Counter.update costs ten times as much for one value
                    counts[value] += 1
        if stand is not None and only in {"", "standings"}:
            self._standings[stand.standing] += 1
        if not only:
            self._labels.update(live.agent.all_labels.items())

    def facets(self) -> Facets:
        kinds = self._kinds
        by_name: dict[str, Counter[str]] = {}
        for (name, value), count in self._labels.items():
            by_name.setdefault(name, Counter())[value] = count
        common = sorted(by_name.items(), key=lambda item: (-item[1].total(), item[0]))[:MAX_FACET_LABELS]
        return Facets(
            states={state: kinds["states"][state] for state in AgentState},
            conditions={one: kinds["conditions"][one] for one in Condition if one is not Condition.UNKNOWN},
            groups=dict(kinds["groups"].most_common()),
            versions=_most(kinds["versions"]),
            systems=_most(kinds["systems"]),
            problems=_most(kinds["problems"]),
            standings=dict(self._standings.most_common()),
            configs=_most(kinds["configs"]),
            labels={name: _most(values) for name, values in sorted(common)},
        )


def _most(counts: Counter[str]) -> Mapping[str, int]:
    return dict(counts.most_common(MAX_FACET_VALUES))


_VALUES: Mapping[str, Callable[[Live], Iterable[str]]] = {
    "states": lambda live: (live.verdict.state,),
    "conditions": lambda live: (live.condition(),),
    "groups": lambda live: (group.group_id for group in live.membership.groups),
    "versions": lambda live: (live.agent.version,),
    "systems": lambda live: (live.agent.os,) if live.agent.os else (),
    "problems": lambda live: set(problems_of(live)),
    "configs": lambda live: (running_of(live),),
}


def _has_text(live: Live, text: str) -> bool:
    agent = live.agent
    words = (agent.hostname, agent.agent_id, agent.version, agent.address or "", agent.ip, *agent.all_labels.values())
    return any(text in word.casefold() for word in words)
