"""Faults that a loopback server can be told to show, and the decision which request meets one."""

from __future__ import annotations

import random
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What goes wrong while this is switched on; several may be at once. The default is nothing."""

    #: answer with this status instead of working; 0 = off
    status: int = 0
    #: code in the XML of such an answer
    code: str = "InternalError"
    #: Retry-After header of such an answer
    retry_after: str = ""
    #: cut the connection: "before" the work is done, or "after" it, in place of the answer
    reset: str = ""
    #: answer nothing, keep the connection
    hang: bool = False
    #: wait before each answer
    slow_s: float = 0.0
    #: confirm other checksums than those of the bytes received
    wrong_checksum: bool = False
    #: know no upload id any more
    forget_uploads: bool = False
    #: share of the requests that meet the faults, 0 … 1
    ratio: float = 1.0
    #: only requests with these methods; empty = all
    methods: tuple[str, ...] = ()
    #: only requests whose query has this word, for example uploadId or partNumber; "" = all
    query_word: str = ""
    #: switch off by itself after so many; 0 = never
    times: int = 0


NONE = Faults()


@dataclass(slots=True)
class FaultSwitch:
    """The faults in force, with the counting and chance that decide about each request."""

    faults: Faults = NONE
    met: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - drills want repeatable chance

    def set(self, faults: Faults) -> None:
        """Put other faults in force and count anew."""
        self.faults = faults
        self.met = 0

    def next(self, method: str, query: dict[str, str]) -> Faults:
        """Return the faults that this request meets."""
        faults = self.faults
        if faults is NONE or not self._concerns(faults, method, query):
            return NONE
        self.met += 1
        return faults

    def _concerns(self, faults: Faults, method: str, query: dict[str, str]) -> bool:
        if faults.times and self.met >= faults.times:
            return False
        if faults.methods and method not in faults.methods:
            return False
        if faults.query_word and faults.query_word not in query:
            return False
        return faults.ratio >= 1.0 or self.chance.random() < faults.ratio
