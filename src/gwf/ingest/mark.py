"""Decides which part of an outbox batch is new, by the high-water mark of (agent, epoch). Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """The batch is taken."""

    #: the first sequence that is stored; those before it were stored earlier
    from_seq: int
    #: what the agent dropped before it could be sent, first and last sequence; None = nothing
    lost: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The batch does not follow what is stored."""

    expected_seq: int


def place(mark: int, first_seq: int, *, lost_before: bool) -> Take | Gap:
    """Return what is done with a batch that begins at `first_seq`; `mark` is the last one stored.

    A mark of 0 is that of an epoch nobody has heard of: epochs begin with 1, so that a centre that lost its data, or
    another one, notices what it does not have.
    """
    if first_seq > mark + 1:
        return Take(from_seq=first_seq, lost=(mark + 1, first_seq - 1)) if lost_before else Gap(expected_seq=mark + 1)
    return Take(from_seq=mark + 1)
