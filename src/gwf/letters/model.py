"""Words and values of dead letters: what failed for good, why, and what is being done about it."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NewType

from gwf.audit.model import Actor
from gwf.core.causes import cause_of
from gwf.core.errors import ConflictError, InputError, NotFoundError

LetterId = NewType("LetterId", str)
RunId = NewType("RunId", str)

MAX_MESSAGE_CHARS = 2_000
UNREADABLE = "unreadable"  #: class of what could not be taken in; the others are those of `gwf.core.errors.ErrorClass`


class LetterKind(enum.StrEnum):
    """What failed; the word is stored. Readers must take words that they do not know."""

    #: a file that an agent gave up
    UPLOAD = "upload"
    TASK = "task"
    #: a task that is a step of a flow
    STEP = "step"
    #: something that an agent told and that could not be read
    EVENT = "event"
    #: an event that the rules could not decide about, or not wholly
    DECISION = "decision"
    NOTIFICATION = "notification"


class LetterState(enum.StrEnum):
    """Where a letter is."""

    #: waits for a person
    OPEN = "open"
    #: a run will take it
    QUEUED = "queued"
    #: whoever does it has it again
    REPLAYING = "replaying"
    #: what had failed is done
    RESOLVED = "resolved"
    #: a person gave it up
    DROPPED = "dropped"


CLOSED = frozenset({LetterState.RESOLVED, LetterState.DROPPED})


class RunAct(enum.StrEnum):
    """What a run does with its letters."""

    REPLAY = "replay"
    DROP = "drop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Something that failed for good, as whoever noticed it tells it."""

    tenant: str
    kind: LetterKind
    #: what names it among all of its kind: the same in every repeat
    subject: str
    #: word of an error class; `UNREADABLE` for what could not be read
    error_class: str
    #: where it failed: a store, a kind of task and its receiver, a rule
    place: str
    message: str
    #: what it is about, for people: a path, a target
    about: str
    at_ms: int
    #: grows with each failure of the same subject: an older one changes nothing
    mark: int
    #: grows when the thing itself becomes another one, as a new version of a file; what failed before was not it
    version: int = 0
    attempts: int = 1
    agent_id: str | None = None
    rule_id: str | None = None
    #: JSON that a replay needs
    source: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def letter_id(self) -> LetterId:
        """The letter of this failure."""
        return letter_id(self.tenant, self.kind, self.subject)

    @property
    def cause(self) -> str:
        """The message without what differs between things that fail for one reason."""
        return cause_of(self.message)

    @property
    def cause_id(self) -> str:
        """Names kind of thing, class, place and cause: the same in every process."""
        parts = (self.kind.value, self.error_class, self.place, self.cause)
        return hashlib.blake2b("\0".join(parts).encode("utf-8", "backslashreplace"), digest_size=8).hexdigest()


def letter_id(tenant: str, kind: LetterKind, subject: str) -> LetterId:
    """Return the id of the one letter that a thing has."""
    named = LetterKind.TASK if kind is LetterKind.STEP else kind  # a step is a task, whoever looks at it
    text = f"{tenant}\0{named.value}\0{subject}"
    return LetterId(f"ltr-{hashlib.blake2b(text.encode('utf-8', 'backslashreplace'), digest_size=12).hexdigest()}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One thing that failed for good. All times are milliseconds since 1970, UTC."""

    letter_id: LetterId
    tenant: str
    kind: LetterKind
    state: LetterState
    #: it failed again after a replay: replays of many leave it out
    poison: bool
    error_class: str
    place: str
    cause: str
    cause_id: str
    #: of the last failure
    message: str
    about: str
    #: what names it among all of its kind
    subject: str
    version: int
    mark: int
    #: tries in all, as far as they are known
    attempts: int
    #: how often a person had it done again since it failed first
    replays: int
    agent_id: str | None
    rule_id: str | None
    source: Mapping[str, object]
    #: what a person wants changed before it is done again; None = nothing
    edit: Mapping[str, object] | None
    #: the last run that took it; None = none did
    run_id: RunId | None
    #: why its last run could not do it: a code; "" = it could
    note: str
    first_seen_ms: int
    last_seen_ms: int
    updated_at_ms: int

    @property
    def revision(self) -> int:
        """Names how it stands: another one after every change."""
        return self.updated_at_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFilter:
    """Which letters are meant; what is empty or None is not asked."""

    states: frozenset[LetterState] = frozenset({LetterState.OPEN})
    kinds: frozenset[LetterKind] = frozenset()
    error_classes: frozenset[str] = frozenset()
    causes: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    agents: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    ids: frozenset[LetterId] = frozenset()
    run_id: RunId | None = None
    poison: bool | None = None
    #: last failed from this moment on, and before that one
    since_ms: int | None = None
    until_ms: int | None = None
    #: part of what it is about, message or id
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseGroup:
    """Letters with one cause."""

    cause_id: str
    kind: LetterKind
    error_class: str
    place: str
    cause: str
    count: int
    poison: int
    agents: int
    attempts: int
    oldest_ms: int
    newest_ms: int
    #: the newest of them
    sample_id: LetterId
    sample_about: str
    sample_message: str


class Verdict(enum.StrEnum):
    """What a probe found out about a cause."""

    #: what stood in the way answers as it should
    GONE = "gone"
    STILL = "still"
    #: it can only be found out by doing it
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a look at a cause found."""

    cause_id: str
    verdict: Verdict
    #: what was looked at and what came of it, each one line
    findings: tuple[str, ...]
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """An order to do many letters again, or to give them up, carried out at a pace."""

    run_id: RunId
    tenant: str
    act: RunAct
    #: letters it began with
    total: int
    #: letters in a second; None = as fast as it goes
    rate_per_s: float | None
    actor: Actor
    #: what people call the actor
    by: str
    reason: str
    request_id: str
    created_at_ms: int
    #: None = it is under way
    ended_at_ms: int | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """Where the letters of a run are now; those that a later run took count as gone on."""

    run: Run
    queued: int
    replaying: int
    resolved: int
    dropped: int
    #: could not be done: back in the list with a note
    refused: int
    #: done again and failed again
    failed_again: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What came of one letter in a run."""

    letter: Letter
    #: where it is now
    state: LetterState
    #: code of why it could not be done; "" = it could
    note: str = ""
    #: it was done again and failed again, as far as that is known at once
    failed_again: bool = False


class LetterNotFoundError(NotFoundError):
    """No dead letter has this id."""

    code = "letter_not_found"


class RunNotFoundError(NotFoundError):
    """No run of dead letters has this id."""

    code = "letter_run_not_found"


class LetterStateError(ConflictError):
    """The letter is not one that waits for a person."""

    code = "letter_state"


class NotEditableError(InputError):
    """Nothing of this letter can be changed before it is done again."""

    code = "letter_not_editable"
