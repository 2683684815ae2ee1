"""Orders to the breaker of a store."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gwf.wire.edge import Wire


class BreakerOrder(Wire):
    """What a person wants of a store's breaker."""

    #: open: give the store a rest until it is closed, reset or the process ends · close: let work through now ·
    #: reset: judge by results again, from nothing; an open breaker is probed at once
    action: Literal["open", "close", "reset"]
    #: for the record
    reason: str = Field(default="", max_length=500)
