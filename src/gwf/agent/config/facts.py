"""What health and metrics show of the configuration."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gwf.wire.config import ConfigOrigin

SHOWN_S = 600.0  #: how long health tells of a refusal whose author was told himself
_UNATTENDED = frozenset({"start", "reload"})  #: nobody waited for the answer; the centre hears of it by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A configuration that was not taken."""

    source: ConfigOrigin
    author: str
    problems: tuple[str, ...]
    #: monotonic second
    at_s: float

    @property
    def until_s(self) -> float:
        """Monotonic second until which health tells of it, unless a change is accepted before."""
        return math.inf if self.source in _UNATTENDED else self.at_s + SHOWN_S


@dataclass(slots=True)
class ConfigFacts:
    """Counts since the start. Written under the service's lock, read by others."""

    version: int = 0
    applied_total: int = 0
    refused_total: int = 0
    #: the last one, until a change is accepted
    refusal: Refusal | None = None
    #: a change failed half-way and could not be undone
    half_done: bool = False
    #: keys that the file says otherwise since they were set at run time: the file is ignored there
    overlaid: tuple[str, ...] = ()

    def accepted(self, version: int, *, changed: bool) -> None:
        """Note that a configuration was taken, and count it if it changed something."""
        self.version = version
        self.applied_total += changed
        self.refusal, self.half_done = None, False

    def refused(self, refusal: Refusal) -> None:
        """Count a change that was refused."""
        self.refused_total += 1
        self.refusal = refusal

    def refusal_at(self, now_s: float) -> Refusal | None:
        """Return the refusal that health tells of now."""
        refusal = self.refusal
        return refusal if refusal is not None and now_s < refusal.until_s else None
