"""The record of changes as the API shows it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from gwf.wire.edge import Wire

FaultWord = Literal["changed", "missing", "inserted", "swapped", "rewritten", "truncated", "head", "envelope"]


class AuditActor(Wire):
    """Who acted."""

    #: user, token, local, operator, anonymous, agent, system; more may come
    kind: str
    id: str
    #: empty when there was no request
    address: str
    #: as people know it: login, name of a token, host name; "" when it is not known any more
    name: str = ""


class AuditResource(Wire):
    """What was acted upon."""

    kind: str
    id: str
    #: as people know it; "" when it is not known any more
    name: str = ""
    #: what else tells it apart, for example layer_kind, layer, number of a configuration version
    facts: dict[str, str] = Field(default_factory=dict)


class AuditView(Wire):
    """One entry."""

    #: place in the tenant's chain, from 1 without a gap
    seq: int
    #: RFC 3339 UTC with milliseconds
    at: str
    actor: AuditActor
    #: noun and verb, for example agent.drain
    action: str
    resource: AuditResource
    reason: str
    request_id: str
    #: each with path (JSON pointer below the resource), before, after; a side that was absent has no key
    changes: list[dict[str, JsonValue]]
    #: how people call what the changes name by ids, by id; "" = the base layer
    names: dict[str, str] = Field(default_factory=dict)
    detail: dict[str, JsonValue]
    #: SHA-256 over the hash before and this entry, 64 hex digits
    hash: str


class AuditPage(Wire):
    """Some entries, newest first."""

    items: list[AuditView]
    #: for the next page; null = this was the last one. A page may be short and still have a next one
    next_cursor: str | None


class AuditHead(Wire):
    """Where a chain ends."""

    #: 0 = nothing was recorded yet
    seq: int
    #: 64 hex digits; written down elsewhere it proves that nothing up to it was rewritten
    hash: str


class AuditFault(Wire):
    """The first thing that is wrong."""

    kind: FaultWord
    #: the first bad entry
    seq: int
    message: str


class AuditCheck(Wire):
    """A walk along the whole chain."""

    state: Literal["running", "sound", "broken", "failed"]
    started_at: str
    ended_at: str | None
    #: looked at so far
    rows_done: int
    rows_total: int
    #: the last place that holds; null while it is running
    head: AuditHead | None
    #: what is wrong, when the state is broken
    fault: AuditFault | None
    #: why it could not be ended, when the state is failed
    problem: str | None


class AuditDay(Wire):
    """Entries of one day by one kind of actor."""

    #: YYYY-MM-DD
    day: str
    actor_kind: str
    count: int


class AuditCount(Wire):
    """How many entries have a value."""

    value: str
    #: as people know it; "" = as `value`
    name: str = ""
    #: kind of the actor, for actors
    kind: str = ""
    count: int


class AuditValues(Wire):
    """Values of a filter, as if nothing were chosen in it; of the newest 100,000 entries that fit."""

    #: most first
    items: list[AuditCount]


class AuditSummary(Wire):
    """What entries there are that fit, at most the newest 100,000."""

    total: int
    #: false = there are more than `total`
    complete: bool
    days: list[AuditDay]
    #: most first, at most 100 each
    actors: list[AuditCount]
    actions: list[AuditCount]
    resource_kinds: list[AuditCount]
