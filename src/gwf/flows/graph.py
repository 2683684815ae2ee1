"""The graph that the needs of steps form: what comes before what, and where it runs in a circle. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Needs = Mapping[str, Sequence[str]]
"""For each step, which ones must have ended first."""


def before(needs: Needs) -> Mapping[str, frozenset[str]]:
    """Return for each step all that come before it, however far; a step in a circle comes before itself."""
    found: dict[str, frozenset[str]] = {}
    for step in needs:
        seen: set[str] = set()
        waiting = list(needs[step])
        while waiting:
            one = waiting.pop()
            if one not in seen and one in needs:
                seen.add(one)
                waiting += needs[one]
        found[step] = frozenset(seen)
    return found


def circle(needs: Needs) -> Sequence[str]:
    """Return steps that wait for each other in a circle, in the order in which they were written; none is well."""
    return [step for step, earlier in before(needs).items() if step in earlier]


def from_step(needs: Needs, step: str) -> frozenset[str]:
    """Return a step and all that come after it."""
    earlier = before(needs)
    return frozenset({step, *(one for one in needs if step in earlier[one])})
