"""Puts rules into another order by giving as few as possible another priority. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from gwf.rules.model import MAX_PRIORITY

STEP = 10  #: between two priorities where there is room, so that others fit in later
_ABOVE, _BELOW = MAX_PRIORITY + 1, -MAX_PRIORITY - 1


def reordered(priorities: Mapping[str, int], wanted: Sequence[str]) -> dict[str, int]:
    """Return the priorities that change so that rules are asked in the order `wanted`.

    Args:
        priorities: Of each rule by its id; the highest is asked first, of two equal ones the one with the lower id.
        wanted: The same ids in the order that is wanted.
    """
    found: dict[str, int] = {}
    run: list[str] = []
    above = _ABOVE
    stay = _that_stay(priorities, wanted)
    for at, rule_id in enumerate(wanted):
        if at not in stay:
            run.append(rule_id)
            continue
        found |= zip(run, _between(above, priorities[rule_id], len(run)), strict=True)
        run, above = [], priorities[rule_id]
    found |= zip(run, _between(above, _BELOW, len(run)), strict=True)
    return {rule_id: priority for rule_id, priority in found.items() if priorities[rule_id] != priority}


def _that_stay(priorities: Mapping[str, int], wanted: Sequence[str]) -> frozenset[int]:
    """Return the places of the most rules that may keep their priority: there is room for those between any two.

    Between two that stay lie as many priorities as places if and only if priority plus place does not grow; two side by
    side may also have the same one when their ids stand in that order.
    """
    last = len(wanted) - 1
    room = [priorities[rule_id] + at for at, rule_id in enumerate(wanted)]
    ranks = sorted({-one for one in room})
    longest = _Longest(len(ranks))
    chains: list[tuple[int, int]] = []  # (how many stay up to here, place of the one before)
    for at, rule_id in enumerate(wanted):
        chain = (0, -1) if room[at] > MAX_PRIORITY else (1, -1)
        rank = bisect_left(ranks, -room[at])
        size, before = longest.up_to(rank)
        if size:
            chain = max(chain, (size + 1, before))
        beside = wanted[at - 1] if at else ""
        if beside and beside < rule_id and priorities[beside] == priorities[rule_id] and chains[at - 1][0]:
            chain = max(chain, (chains[at - 1][0] + 1, at - 1))
        chains.append(chain)
        if chain[0]:
            longest.put(rank, (chain[0], at))
    ends = [(size, at) for at, (size, _) in enumerate(chains) if size and room[at] >= last - MAX_PRIORITY]
    at = max(ends)[1] if ends else -1
    found: set[int] = set()
    while at >= 0:
        found.add(at)
        at = chains[at][1]
    return frozenset(found)


class _Longest:
    """The longest chain that ends at a rank or a lower one."""

    def __init__(self, ranks: int) -> None:
        """Begin with none (a Fenwick tree of maxima)."""
        self._tree = [(0, -1)] * (ranks + 1)

    def up_to(self, rank: int) -> tuple[int, int]:
        """Return its size and the place where it ends; 0 = there is none."""
        best, node = (0, -1), rank + 1
        while node > 0:
            best = max(best, self._tree[node])
            node -= node & -node
        return best

    def put(self, rank: int, chain: tuple[int, int]) -> None:
        """Note one that ends at a rank."""
        node = rank + 1
        while node < len(self._tree):
            self._tree[node] = max(self._tree[node], chain)
            node += node & -node


def _between(above: int, below: int, count: int) -> list[int]:
    """Return falling priorities between two others, between which there are as many."""
    if above == _ABOVE and below == _BELOW:
        step = min(STEP, MAX_PRIORITY // max(1, count))
        return [step * (count - number) for number in range(count)]
    room = above - below - 1
    step = min(STEP, room // max(1, count))
    if below == _BELOW:  # behind the last
        return [above - step * (number + 1) for number in range(count)]
    if above == _ABOVE:  # before the first
        return [below + step * (count - number) for number in range(count)]
    return [above - (above - below) * (number + 1) // (count + 1) for number in range(count)]
