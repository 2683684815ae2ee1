"""How long the steps of a flow take: the middle and the slow end over its newest runs. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gwf.flows.run import StepState

MAX_RUNS = 500  #: the newest runs of a flow that its times are taken of
#: those it takes times of: what was undone later had ended well before
TIMED = frozenset({StepState.SUCCEEDED, StepState.COMPENSATED, StepState.FAILED, StepState.UNDO_FAILED})
BAD = frozenset({StepState.FAILED, StepState.UNDO_FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTime:
    """How one step of one run ended."""

    step: str
    state: StepState
    #: the first try's begin until the end: waits, retries and the time in the queue are in it
    took_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStat:
    """What one step takes over the runs that were looked at."""

    step: str
    #: how often it ended well, or what it did was undone later
    good: int
    #: how often it failed for good
    bad: int
    #: of those that ended well; None = none did
    p50_ms: int | None
    p95_ms: int | None


def stats_of(times: Iterable[StepTime], steps: Sequence[str]) -> list[StepStat]:
    """Return the numbers of some steps, in their order."""
    took: dict[str, list[int]] = defaultdict(list)
    bad: dict[str, int] = defaultdict(int)
    for one in times:
        if one.state in BAD:
            bad[one.step] += 1
        else:
            took[one.step].append(one.took_ms)
    return [
        StepStat(
            step=name,
            good=len(took[name]),
            bad=bad[name],
            p50_ms=_share(took[name], 0.5),
            p95_ms=_share(took[name], 0.95),
        )
        for name in steps
    ]


def _share(values: Sequence[int], share: float) -> int | None:
    """Return the smallest value that so large a share of all does not exceed; None = there are none."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
