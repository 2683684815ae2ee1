"""Dead letters of the centre as the API shows and takes them: failures by cause, runs over many, looks at causes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from gwf.wire.edge import Wire

LetterKindName = Literal["upload", "task", "step", "event", "decision", "notification"]
LetterStateName = Literal["open", "queued", "replaying", "resolved", "dropped"]
#: an error class, or `unreadable` for what could not be taken in
LetterClassName = Literal[
    "network", "timeout", "throttled", "server", "auth", "not_found", "conflict", "checksum", "too_large", "local_io",
    "config", "unreadable",
]  # fmt: skip
VerdictName = Literal["gone", "still", "unknown"]
RunActName = Literal["replay", "drop"]
LetterIdText = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^ltr-[0-9a-f]{24}$")]
CauseIdText = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Word = Annotated[str, Field(min_length=1, max_length=500)]


class LetterItem(Wire):
    """One thing that failed for good."""

    letter_id: str
    kind: LetterKindName
    state: LetterStateName
    #: it failed again after a replay: replays of many leave it out
    poison: bool
    error_class: LetterClassName
    #: store, kind of task and its receiver, rules
    place: str
    #: the message without what differs between things that fail for one reason
    cause: str
    cause_id: str
    #: of the last failure
    message: str
    #: path, target or event
    about: str
    agent_id: str | None
    #: as people know the agent
    hostname: str | None
    rule_id: str | None
    #: the task, when it is one
    task_id: str | None
    #: the run of a flow, of which it is a step
    flow_run_id: str | None
    #: the file event by which the agent gave the file up; row of `/file-events`
    file_event_id: str | None
    attempts: int
    replays: int
    #: the last run that took it
    run_id: str | None
    #: code of why that run could not do it; "" = it could
    note: str
    first_seen_at: str
    last_seen_at: str
    updated_at: str
    #: for `If-Match` of an order that names it alone: another one after every change
    revision: int


class LetterDetail(LetterItem):
    """A dead letter with what a replay would do."""

    #: what can be changed before a replay; None = nothing
    editable: dict[str, JsonValue] | None
    #: what a replay would do, in one line; "" = not known
    description: str
    probe: ProbeView | None


class LetterFacets(Wire):
    """How many letters have each value."""

    kind: dict[str, int]
    state: dict[str, int]
    error_class: dict[str, int]
    place: dict[str, int]
    agent: dict[str, int]


class LetterPage(Wire):
    """Dead letters, the last failed first."""

    items: list[LetterItem]
    next_cursor: str | None
    #: how many fit, on the first page
    total: int | None
    facets: LetterFacets | None
    as_of: str


class ProbeView(Wire):
    """What the last look at a cause found."""

    verdict: VerdictName
    #: what was looked at and what came of it
    findings: list[str]
    at: str


class LetterGroup(Wire):
    """Dead letters with one cause."""

    cause_id: str
    kind: LetterKindName
    error_class: LetterClassName
    place: str
    cause: str
    letters: int
    poison: int
    agents: int
    attempts: int
    oldest_at: str
    newest_at: str
    sample_id: str
    sample_about: str
    sample_message: str
    #: None = nobody has looked
    probe: ProbeView | None


class LetterGroups(Wire):
    """Dead letters by cause, the largest group first."""

    items: list[LetterGroup]
    #: letters in all groups
    total: int
    as_of: str


class LetterSelection(Wire):
    """Which open letters; what is left out is not asked, {} means all of them."""

    kinds: Annotated[list[LetterKindName], Field(max_length=6, default_factory=list)]
    error_classes: Annotated[list[LetterClassName], Field(max_length=12, default_factory=list)]
    causes: Annotated[list[CauseIdText], Field(max_length=500, default_factory=list)]
    places: Annotated[list[Word], Field(max_length=100, default_factory=list)]
    agents: Annotated[list[Word], Field(max_length=500, default_factory=list)]
    rules: Annotated[list[Word], Field(max_length=100, default_factory=list)]
    poison: bool | None = None
    #: part of what it is about, message or id
    text: Annotated[str, Field(max_length=200)] = ""


class LetterOrderBase(Wire):
    """Letters by their ids, or all that a filter leaves; one of the two."""

    ids: Annotated[list[LetterIdText], Field(min_length=1, max_length=1_000)] | None = None
    filter: LetterSelection | None = None
    #: letters at most, those that failed first
    limit: Annotated[int, Field(ge=1, le=100_000)] = 100_000
    #: letters in a second; None = as fast as it goes
    rate_per_s: Annotated[float, Field(ge=0.1, le=10_000)] | None = None


class ReplayLetters(LetterOrderBase):
    """Do letters again."""

    #: why; it is kept in the audit
    reason: Annotated[str, Field(max_length=1_000)] = ""
    #: those too that failed again after a replay; such that are named by id are meant anyway
    poison: bool = False
    #: parts of `editable` of the one letter that is named, as they are to be
    edit: dict[str, JsonValue] | None = None


class DropLetters(LetterOrderBase):
    """Give letters up for good."""

    #: why; it is kept in the audit
    reason: Annotated[str, Field(min_length=1, max_length=1_000)]


class LetterChange(Wire):
    """One part of a letter that becomes another one."""

    #: JSON pointer into `editable`
    pointer: str
    before: JsonValue
    after: JsonValue


class RehearsedLetter(Wire):
    """A letter that an order would take."""

    letter: LetterItem
    #: code of what stands in the way; "" = nothing that is known
    note: str


class AgentAway(Wire):
    """An agent whose letters cannot be done again now."""

    agent_id: str
    #: as people know the agent
    hostname: str | None
    #: code of why
    note: str
    letters: int


class LetterRehearsal(Wire):
    """What an order would do."""

    letters: int
    #: stay, because they failed again after a replay
    poison_left_out: int
    #: stay, because more fit than `limit`
    beyond: int
    #: how many of `letters` are of each kind
    kinds: dict[str, int]
    #: how many of `letters` are of agents that cannot be asked now
    out_of_reach: int
    #: these agents, those with the most letters first; at most 100
    away: list[AgentAway]
    #: the first of them
    items: list[RehearsedLetter]
    changes: list[LetterChange]
    #: at the pace that was asked for; None = as fast as it goes
    takes_s: float | None


class LetterRunView(Wire):
    """A run over dead letters, and where they are now."""

    run_id: str
    act: RunActName
    #: letters it began with
    total: int
    rate_per_s: float | None
    by: str
    reason: str
    created_at: str
    #: None = it is under way
    ended_at: str | None
    stopped: bool
    queued: int
    replaying: int
    resolved: int
    dropped: int
    #: could not be done: open again with a note
    refused: int
    #: done again and failed again
    failed_again: int


class LetterRuns(Wire):
    """Runs, the newest first."""

    items: list[LetterRunView]


class LetterOutcome(Wire):
    """What came of an order: a run that began, or with `dry_run` what it would do."""

    dry_run: bool
    run: LetterRunView | None
    rehearsal: LetterRehearsal | None


class ProbeOrder(Wire):
    """Look whether a cause is gone."""

    cause_id: CauseIdText


class StopOrder(Wire):
    """Why a run is stopped."""

    reason: Annotated[str, Field(max_length=1_000)] = ""
