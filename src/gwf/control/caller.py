"""Who asks for a change, and why."""

from __future__ import annotations

from dataclasses import dataclass

from gwf.audit.model import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks for a change of the fleet; all of it is kept in the audit."""

    actor: Actor
    #: as people know the actor; kept as the author
    name: str
    #: why, in their words; may be empty
    reason: str = ""
    #: of the HTTP request; "" when there was none
    request_id: str = ""
