"""What the rules say about one event: which of them matched, and which actions are to be taken. Pure values."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from gwf.events.model import JsonValue


class EventKind(enum.StrEnum):
    """Which list an event stands in."""

    #: /api/v1/events
    EVENT = "event"
    #: /api/v1/file-events
    FILE = "file"


class EventRef(NamedTuple):
    """Names a stored event for ever."""

    tenant: str
    kind: EventKind
    row_id: int


class RuleVersion(NamedTuple):
    """Names one version of a rule for ever: what it says never changes."""

    rule_id: str
    version: int


class Urgency(enum.IntEnum):
    """Which work goes first; the numbers are those of the tasks' priorities."""

    LOW = -10
    NORMAL = 0
    HIGH = 10

    @property
    def word(self) -> str:
        """The word for people and for JSON."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionDraft:
    """An action that a rule asks for, ready to become a task; its templates are filled in."""

    #: which executor: UPLOAD, WEBHOOK, SCRIPT, ARCHIVE, NOTIFY, FLOW, or what a plug-in is called
    kind: str
    #: JSON object as the executor takes it
    config: Mapping[str, JsonValue]
    #: drafts of one tenant and kind with equal parts are the same work, whichever event asked for it
    key_parts: tuple[str, ...]
    urgency: Urgency
    #: agent that is to do it, usually the one that told the event; None = the centre, or whoever can
    agent_id: str | None
    #: the rule that asks
    rule: RuleVersion
    #: place among the actions of the rule, from 0
    position: int
    event: EventRef
    #: the event for people: the path of a file, else its subject, else type and id
    about: str = ""

    @property
    def idempotency_key(self) -> str:
        """The same cause gives the same key, in this process and in any other: 32 hexadecimal digits."""
        parts = (self.event.tenant, self.kind, *self.key_parts)
        text = "".join(f"{len(part)}:{part}" for part in parts)
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFault:
    """An action that a rule asks for and that cannot be made for this event: a template names what is not there."""

    rule: RuleVersion
    #: place among the actions of the rule, from 0
    position: int
    kind: str
    #: JSON pointer into the rule: /then/0/config/url
    pointer: str
    #: the field that the event does not have
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer of a set of rules to one event. The same set and event give an equal decision every time."""

    event: EventRef
    #: in the order in which they were asked: highest priority first
    matched: tuple[RuleVersion, ...] = ()
    #: those of `matched` that only note it
    observed: tuple[RuleVersion, ...] = ()
    #: what is to be done, in the order of `matched`
    drafts: tuple[ActionDraft, ...] = ()
    #: what would have been done but for a value that the event does not have
    faults: tuple[ActionFault, ...] = ()
