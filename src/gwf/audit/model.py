"""Words and values of the audit: who did what to which thing, and the row that keeps it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from gwf.audit.changes import FieldChange, masked_object, storable
from gwf.core.secrets import masked_text

MAX_WORD_CHARS = 200  #: of an action, a kind, an id, an address
MAX_REASON_CHARS = 1000


class ActorKind(enum.StrEnum):
    """What acted: the kinds of a principal, and those that are none. Readers must take words that they do not know."""

    USER = "user"  #: a person with a session
    TOKEN = "token"  # noqa: S105 - a word, no secret: an API token
    LOCAL = "local"  #: the user of the process on its host: by command line, or with the id `browser` by a login link
    OPERATOR = "operator"  #: whoever holds `api.token`
    ANONYMOUS = "anonymous"  #: a caller of the Go version's interface, who names himself
    AGENT = "agent"
    SYSTEM = "system"  #: the centre itself: a timer, a start, a rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acted."""

    kind: ActorKind
    #: id of the user, token or agent; for `system` the part that acted; for `anonymous` the name that was given
    id: str
    #: address that the request came from; empty when there was no request
    address: str = ""


SYSTEM = Actor(kind=ActorKind.SYSTEM, id="system")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What was acted upon."""

    #: the word of the glossary, for example agent, rollout, user
    kind: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change, as the code that makes it records it, in the same transaction.

    Everything a person or a secret could have put into it is masked and bounded at once, so an entry is safe to log.
    """

    tenant: str
    actor: Actor
    #: noun and verb with a dot between, for example agent.drain; docs/reference/audit.md lists them
    action: str
    resource: Resource
    #: when it was done; milliseconds since 1970, UTC
    at_ms: int
    #: why, in the words of who did it; empty when nobody was asked
    reason: str = ""
    #: of the HTTP request; empty when there was none
    request_id: str = ""
    #: what became different; `field_changes` makes them
    changes: tuple[FieldChange, ...] = ()
    #: facts beside the change, for example how many agents a selector met
    detail: Mapping[str, object] = field(default_factory=dict[str, object])

    def __post_init__(self) -> None:
        """Mask what is free text."""
        object.__setattr__(self, "reason", masked_text(storable(self.reason)[:MAX_REASON_CHARS]))
        object.__setattr__(self, "detail", masked_object(self.detail))


class AuditRow(NamedTuple):
    """One stored entry with its place in the chain of its tenant. Databases keep exactly these fields, in this order.

    A tuple, because a check takes a million of them.

    `changes` and `detail` are kept as the text they were hashed as: columns of type TEXT, never JSONB, which would
    write them anew.
    """

    tenant: str
    #: place in the tenant's chain: 1, 2, 3 … without a gap
    seq: int
    at_ms: int
    actor_kind: str
    actor_id: str
    address: str
    action: str
    resource_kind: str
    resource_id: str
    reason: str
    request_id: str
    #: JSON list of {path, before?, after?}
    changes: str
    #: JSON object
    detail: str
    #: SHA-256 over the hash before it and the canonical row: 32 bytes
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A place in a chain and its hash: its last row, or the row before the first one that is kept.

    Each tenant's newest head is a record of its own, moved in the transaction that adds rows. A chain whose end was
    cut off no longer reaches it.
    """

    tenant: str
    #: 0 before the first row
    seq: int
    hash: bytes
