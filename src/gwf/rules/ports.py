"""What the rules need from outside, beside their store: somebody who takes what is to be done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gwf.rules.decision import Decision


class DraftSink(Protocol):
    """Makes work of decisions."""

    async def take(self, decisions: Sequence[Decision]) -> None:
        """Make the drafts of decisions into work; returns when that is stored.

        After a crash decisions come again: a draft whose `idempotency_key` is known is the same work and changes
        nothing.

        Raises:
            UnavailableError: They could not be stored; they come again.
        """
        ...
