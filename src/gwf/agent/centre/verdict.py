"""Judges whether an edge does as well under a new configuration as it did before. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gwf.wire.agents import AttemptProblem
from gwf.wire.edge import Reason

#: reasons of health that a configuration can bring about; others come and go by themselves
BROUGHT = frozenset(
    {
        "store_unreachable", "breaker_open", "watch_missing", "watch_denied", "watch_unreadable", "watch_limit",
        "journal_unavailable", "config_half_done", "nothing_watched", "input_crashed",
    }
)  # fmt: skip
NAMES = ("store", "path")  #: parameters that say what a reason is about

Mark = tuple[str, ...]
"""What tells one reason from another: its code and what it is about."""


def marks_of(reasons: Iterable[Reason]) -> frozenset[Mark]:
    """Return what is wrong, without the numbers that change all the time."""
    return frozenset(_mark(reason) for reason in reasons if reason.code in BROUGHT)


def worse(before: frozenset[Mark], reasons: Iterable[Reason]) -> list[AttemptProblem]:
    """Return what is wrong now and was not before, each with the place in the document that it is about."""
    return [
        AttemptProblem(pointer=_pointer(reason.params), code=f"health.{reason.code}", message=reason.message[:2000])
        for reason in reasons
        if reason.code in BROUGHT and _mark(reason) not in before
    ]


def _mark(reason: Reason) -> Mark:
    code = "store" if reason.code in {"store_unreachable", "breaker_open"} else reason.code
    return (code, *(reason.params.get(name, "") for name in NAMES))


def _pointer(params: Mapping[str, str]) -> str:
    if "store" in params:
        return f"/stores/{params['store']}"
    return "/agent/watch" if "path" in params else ""
