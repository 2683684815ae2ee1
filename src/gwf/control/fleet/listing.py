"""Decides which agents a list shows, in which order, and how many there are of each kind."""

from __future__ import annotations

import asyncio
import bisect
import itertools
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gwf.control.fleet.roster import Live
from gwf.control.fleet.state import AgentState
from gwf.control.selectors import Selector

MAX_PAGE = 1_000
MAX_FACET_VALUES = 50  #: of one label, the most frequent first
MAX_FACET_LABELS = 50
AT_ONCE = 200  #: agents that are looked at before others get their turn

Place = tuple[str, str]
"""Hostname and id: where an agent stands in every list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFilter:
    """Which agents a list shows; an empty part is no limit."""

    states: frozenset[AgentState] = frozenset()
    #: ids or names; an agent of any of them
    groups: frozenset[str] = frozenset()
    selector: Selector = field(default_factory=Selector)
    #: in hostname, id, version, address or a value of a label, without regard to case
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """How many agents there are of each kind."""

    #: of those that the other parts of the filter let through
    states: Mapping[AgentState, int]
    #: by id of the group
    groups: Mapping[str, int]
    versions: Mapping[str, int]
    labels: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One page of agents."""

    items: Sequence[Live]
    #: where the next page begins; None = this was the last one
    after: Place | None


def place(live: Live) -> Place:
    """Return where an agent stands."""
    return (live.agent.hostname, live.agent.agent_id)


async def page(lives: Sequence[Live], wanted: AgentFilter, *, after: Place | None, limit: int) -> Listed:
    """Return one page of `lives`, which are in the order of their places; others get their turn meanwhile."""
    items: list[Live] = []
    begin = 0 if after is None else bisect.bisect_right(lives, after, key=place)
    async for live in in_turns(itertools.islice(lives, begin, None)):
        if not shows(wanted, live):
            continue
        if len(items) == limit:
            return Listed(items=items, after=place(items[-1]))
        items.append(live)
    return Listed(items=items, after=None)


async def in_turns(lives: Iterable[Live]) -> AsyncGenerator[Live]:
    """Yield agents, and let the event loop do other work after some: heartbeats must not wait for a long list."""
    for number, live in enumerate(lives, 1):
        yield live
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)


def shows(wanted: AgentFilter, live: Live) -> bool:
    """Tell whether a filter lets an agent through."""
    return (not wanted.states or live.verdict.state in wanted.states) and _shows_but_for_state(wanted, live)


async def facets(lives: Iterable[Live], wanted: AgentFilter) -> Facets:
    """Count the agents of a filter; the states are counted as if the filter named none."""
    states: Counter[AgentState] = Counter()
    groups: Counter[str] = Counter()
    versions: Counter[str] = Counter()
    labels: dict[tuple[str, str], int] = {}
    async for live in in_turns(lives):
        if not _shows_but_for_state(wanted, live):
            continue
        states[live.verdict.state] += 1
        if wanted.states and live.verdict.state not in wanted.states:
            continue
        versions[live.agent.version] += 1
        for group in live.membership.groups:
            groups[group.group_id] += 1
        for pair in live.agent.all_labels.items():
            labels[pair] = labels.get(pair, 0) + 1
    by_name: dict[str, Counter[str]] = {}
    for (name, value), count in labels.items():
        by_name.setdefault(name, Counter())[value] = count
    common = sorted(by_name.items(), key=lambda item: (-item[1].total(), item[0]))[:MAX_FACET_LABELS]
    return Facets(
        states={state: states[state] for state in AgentState},
        groups=dict(groups.most_common()),
        versions=dict(versions.most_common(MAX_FACET_VALUES)),
        labels={name: dict(values.most_common(MAX_FACET_VALUES)) for name, values in sorted(common)},
    )


def _shows_but_for_state(wanted: AgentFilter, live: Live) -> bool:
    if wanted.groups and not any(
        group.group_id in wanted.groups or group.name in wanted.groups for group in live.membership.groups
    ):
        return False
    if not wanted.selector.matches(live.agent.all_labels):
        return False
    return not wanted.text or _has_text(live, wanted.text.casefold())


def _has_text(live: Live, text: str) -> bool:
    agent = live.agent
    words = (agent.hostname, agent.agent_id, agent.version, agent.address or "", agent.ip, *agent.all_labels.values())
    return any(text in word.casefold() for word in words)
