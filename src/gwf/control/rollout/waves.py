"""Decides which agents a wave holds and whom to offer a configuration next. Pure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

from gwf.control.rollout.model import MAX_WAVES, Facts, Member, Wave, WaveKind
from gwf.core.errors import InputError


def in_order(version: str, agents: Iterable[str]) -> list[str]:
    """Return agents in the order in which a version reaches them: the same each time, another one for each version.

    So a look ahead names the agents that will be first, and it is not always the same ones that try what is new.
    """
    return sorted(agents, key=lambda agent: _rank(version, agent))


@lru_cache(maxsize=65_536)
def _rank(version: str, agent: str) -> bytes:
    return hashlib.sha256(f"{version}\0{agent}".encode()).digest()


def limit(waves: Sequence[Wave], index: int, target: int) -> int:
    """Return how many agents waves up to `index` may reach by their size; groups come on top.

    A share that is no whole number is rounded down, but a wave that has a size holds one agent at least.
    """
    return max((_limit(wave, target) for wave in waves[: index + 1]), default=0)


def _limit(wave: Wave, target: int) -> int:
    match wave.kind:
        case WaveKind.PERCENT:
            return min(target, max(1, math.floor(target * wave.size / 100 + 1e-9)))
        case WaveKind.COUNT:
            return min(target, int(wave.size))
        case WaveKind.GROUPS:
            return 0


def groups_of(waves: Sequence[Wave], index: int) -> frozenset[str]:
    """Return the groups that waves up to `index` name."""
    return frozenset(group for wave in waves[: index + 1] for group in wave.groups)


def due(waves: Sequence[Wave], index: int, facts: Facts) -> list[str]:
    """Return the agents that may be offered the configuration now, in order."""
    named = groups_of(waves, index)
    room = limit(waves, index, len(facts.members)) - len(facts.offers)
    found: list[str] = []
    for member in facts.members if named else ():
        if member.groups & named and _may_take(member, facts):
            found.append(member.agent)
            room -= 1
    for member in facts.members:
        if room <= 0:
            break
        if _may_take(member, facts) and not member.groups & named:
            found.append(member.agent)
            room -= 1
    return found


def _may_take(member: Member, facts: Facts) -> bool:
    return member.reachable and member.free and not member.runs_new and member.agent not in facts.offers


def check_waves(waves: Sequence[Wave]) -> None:
    """Refuse waves that lead nowhere.

    Raises:
        InputError: There are none or too many, a size is out of bounds or does not grow, or the last one does not
            hold everybody.
    """
    if not 1 <= len(waves) <= MAX_WAVES:
        raise InputError("give at least one wave and not too many", max_waves=MAX_WAVES, waves=len(waves))
    sizes: dict[WaveKind, float] = {}
    for at, wave in enumerate(waves):
        _check_wave(at, wave)
        if wave.kind is not WaveKind.GROUPS and wave.size <= sizes.get(wave.kind, 0):
            raise InputError("a wave is not larger than the one before it", field=f"waves/{at}", size=wave.size)
        sizes[wave.kind] = wave.size
    if not waves[-1].is_everybody:
        raise InputError("the last wave must hold everybody: percent 100", field=f"waves/{len(waves) - 1}")


def _check_wave(at: int, wave: Wave) -> None:
    where = f"waves/{at}"
    match wave.kind:
        case WaveKind.PERCENT if not 0 < wave.size <= 100:
            raise InputError("a wave's percent is more than 0 and at most 100", field=where, size=wave.size)
        case WaveKind.COUNT if wave.size < 1 or wave.size != int(wave.size):
            raise InputError("a wave's count is a whole number of at least 1", field=where, size=wave.size)
        case WaveKind.GROUPS if not wave.groups:
            raise InputError("a wave of groups names at least one group", field=where)
        case _:
            return
