"""What an order over dead letters would do, as it is said beforehand. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from gwf.letters.model import Letter, LetterKind
from gwf.letters.ports import Hands

MOST_AWAY = 100  #: agents that a rehearsal names

Spread = Mapping[tuple[LetterKind, str | None], int]
"""How many letters are of each kind and agent; None = of no agent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One part of a letter that would be another one."""

    #: JSON pointer
    pointer: str
    before: object
    after: object


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAway:
    """An agent of which nothing can be done now."""

    agent_id: str
    #: code of why
    note: str
    #: letters of it that a wish is about
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What a wish would do."""

    count: int
    #: letters that fit and stay, because they failed again after a replay
    poison_left_out: int
    #: letters that fit and stay, because more than `most` do
    beyond: int
    #: letters of `count` by kind
    kinds: Mapping[str, int]
    #: of all that `count` counts; those with the most letters first, at most MOST_AWAY
    away: Sequence[AgentAway]
    #: letters of all that are away
    out_of_reach: int
    #: the first of them, each with the code of what stands in the way; "" = nothing that is known
    items: Sequence[tuple[Letter, str]]
    changes: Sequence[Change]
    #: seconds at the pace that was asked for; None = as fast as it goes
    takes_s: float | None


def away_of(spread: Spread, hands: Mapping[LetterKind, Hands]) -> Sequence[AgentAway]:
    """Return which agents cannot have their letters done again now, those with the most letters first."""
    found: dict[tuple[str, str], int] = {}
    for (kind, agent_id), count in spread.items():
        whose = hands.get(kind)
        note = "" if whose is None or agent_id is None else whose.standing(agent_id)
        if note and agent_id is not None:
            found[agent_id, note] = found.get((agent_id, note), 0) + count
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [AgentAway(agent_id=name, note=note, count=count) for (name, note), count in ranked]


def kinds_of(spread: Spread) -> Mapping[str, int]:
    """Return how many letters are of each kind, the most frequent one first. Pure."""
    found: dict[str, int] = {}
    for (kind, _), count in spread.items():
        found[kind.value] = found.get(kind.value, 0) + count
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def differences(before: object, after: object, pointer: str = "") -> Sequence[Change]:
    """Return where two JSON values differ, as deep as both are objects. Pure."""
    if _is_object(before) and _is_object(after):
        names = sorted({*before, *after})
        return [
            change
            for name in names
            for change in differences(before.get(name), after.get(name), f"{pointer}/{_escaped(name)}")
        ]
    return [] if before == after else [Change(pointer=pointer, before=before, after=after)]


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
