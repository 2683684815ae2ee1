"""Rules, what they decide and why, as the API shows them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from gwf.wire.configforms import DocumentFault
from gwf.wire.edge import Wire
from gwf.wire.rollouts import ValueChange

RuleStateName = Literal["draft", "published", "retired"]
ModeName = Literal["act", "observe"]
StageName = Literal["act", "observe", "off"]
OutcomeName = Literal["matched", "observed", "not_matched", "shadowed", "disabled"]
UrgencyName = Literal["low", "normal", "high"]
EventKindName = Literal["event", "file"]
Reason = Annotated[str, Field(max_length=1_000)]


class RuleWish(Wire):
    """A rule to be written as a draft."""

    #: the document; see docs/reference/rules.md
    rule: dict[str, JsonValue]
    #: why, for the record
    reason: Reason = ""


class RuleCheckWish(Wire):
    """A rule as it is being written: exactly one of `rule` and `text`."""

    rule: dict[str, JsonValue] | None = None
    #: YAML, JSON included
    text: str | None = Field(default=None, max_length=512 * 1024)
    #: the rule that it would be a version of; None = a new one
    rule_id: str | None = Field(default=None, min_length=1, max_length=100)


class RuleOrder(Wire):
    """Why something is done to a rule."""

    reason: Reason = ""


class SeenBacktest(Wire):
    """What a back-test told that somebody looked at."""

    #: back from then
    days: float = Field(gt=0, le=400)
    events: int = Field(ge=0, le=2**53)
    #: not all events were looked at
    sample: bool = False
    #: as in the summary of a back-test
    gained: int = Field(ge=0, le=2**53)
    lost: int = Field(ge=0, le=2**53)
    moved: int = Field(ge=0, le=2**53)


class RulePublishWish(RuleOrder):
    """How a draft is put into force, and why."""

    #: instead of what the draft says; observe: matches are only noted. None = as the draft says
    mode: ModeName | None = None
    #: that was looked at beforehand; the audit keeps it. None = none was, which the audit says
    backtest: SeenBacktest | None = None


class RuleRollbackWish(RuleOrder):
    """Which version is to be in force again."""

    version: int = Field(ge=1, le=2**31 - 1)


class RuleRef(Wire):
    """One version of a rule."""

    rule_id: str
    version: int


class RuleItem(Wire):
    """A rule in a list."""

    rule_id: str
    #: of its newest version
    name: str
    #: published: in force, perhaps with a draft beside it · draft: never was · retired: not any more
    state: RuleStateName
    #: the version that is shown: the draft, else the one in force, else the last one
    version: int
    published_version: int | None
    draft_version: int | None
    priority: int
    enabled: bool
    on_match: Literal["continue", "stop"]
    #: of the version in force: act · observe: its matches are only noted · off: it matches nothing; None = none is
    stage: StageName | None
    #: of the version in force; None = none is
    published_priority: int | None
    description: str
    owner: str
    #: kinds of its actions, in their order
    actions: list[str]
    author: str
    created_at: str
    updated_at: str
    #: a change names it as If-Match
    revision: int
    #: matches of all its versions in the last 7 days
    hits_7d: int
    #: the same by stretches of 24 hours, the last one ends now
    hits_days: list[int]
    #: None = it never matched as far back as hits are kept
    last_hit_at: str | None
    #: the rule before it that always stops it; None = none is certain
    shadowed_by: RuleRef | None


class RulePage(Wire):
    """All rules, in the order in which they are asked."""

    items: list[RuleItem]
    total: int
    #: number of the set that is in force; 0 = no rule was ever published
    set_no: int
    as_of: str


class RuleView(RuleItem):
    """One rule with its documents."""

    #: of the version that is shown
    rule: dict[str, JsonValue]
    #: why the version that is shown was written
    reason: str
    #: in force; None = none
    published: dict[str, JsonValue] | None
    #: how the draft differs from what is in force
    changes: list[ValueChange]


class RuleVersionView(Wire):
    """One version of a rule."""

    rule_id: str
    version: int
    state: RuleStateName
    author: str
    reason: str
    created_at: str
    published_at: str | None
    retired_at: str | None
    rule: dict[str, JsonValue]


class RuleVersionPage(Wire):
    """Versions of a rule, newest first."""

    items: list[RuleVersionView]
    #: `before` of the next page; None = there is none
    next_before: int | None


class FailedTest(Wire):
    """A test case of a rule that fails."""

    #: place among the test cases, from 0
    place: int
    name: str
    #: what came instead, in English
    got: str


class RuleCheck(Wire):
    """What is wrong with a rule, without anything being kept."""

    #: None when the text is no YAML
    rule: dict[str, JsonValue] | None
    #: the document as YAML; for text that was sent, the same text
    text: str
    #: empty = it can be written
    faults: list[DocumentFault]
    #: what is wrong with its actions whatever the event is: empty = they can work; else it is not published
    action_faults: list[DocumentFault]
    #: empty = it may be published
    failed_tests: list[FailedTest]
    shadowed_by: RuleRef | None
    #: against what is in force of `rule_id`; against nothing when none is
    changes: list[ValueChange]


class RuleHit(Wire):
    """An event that a rule matched."""

    row_id: str
    kind: EventKindName
    #: of the rule
    version: int
    set_no: int
    decided_at: str
    #: actions that all rules of this event asked for, and that could not be made
    drafts: int
    faults: int
    #: when they became tasks; None = not yet, or there were none
    handed_at: str | None
    #: of the event; None = it is not kept any more
    at: str | None
    type: str | None
    #: the path of a file, else the subject
    subject: str | None
    agent_id: str | None


class RuleHitPage(Wire):
    """What a rule matched, newest first, as far back as decisions are kept."""

    items: list[RuleHit]
    next_cursor: str | None


class TraceView(Wire):
    """What became of one condition."""

    #: JSON pointer into the rule
    pointer: str
    #: all, any, not, type, path, suffix, size, labels, severity, time, field
    kind: str
    ok: bool
    #: what was looked at; "" of a combination
    field: str
    #: what the event has there
    seen: JsonValue
    #: False = the event has no such value
    present: bool
    #: as the rule says it; None where all conditions of a rule are told
    condition: JsonValue = None
    children: list[TraceView]


class RuleStoryView(Wire):
    """What became of one rule when an event was decided."""

    rule_id: str
    version: int
    name: str
    priority: int
    outcome: OutcomeName
    #: the rule that said stop
    shadowed_by: RuleRef | None
    #: the conditions that were not fulfilled and kept it from matching
    failed: list[TraceView]
    #: all conditions; None where they were not asked for
    trace: TraceView | None


class DraftView(Wire):
    """An action that is to be taken."""

    action: str
    config: dict[str, JsonValue]
    idempotency_key: str
    urgency: UrgencyName
    #: agent that is to do it; None = the centre
    agent_id: str | None
    rule: RuleRef
    #: place among the actions of the rule, from 0
    position: int


class ActionFaultView(Wire):
    """An action that cannot be made: the event lacks a value that it names."""

    action: str
    rule: RuleRef
    position: int
    #: JSON pointer into the rule
    pointer: str
    field: str


class DecisionView(Wire):
    """What a set of rules says about one event."""

    matched: list[RuleRef]
    #: those of `matched` that only note it
    observed: list[RuleRef]
    drafts: list[DraftView]
    faults: list[ActionFaultView]


class EventDecision(DecisionView):
    """What was decided about a stored event, and why."""

    row_id: str
    kind: EventKindName
    #: decided · pending: it will be within moments · unknown: taken before rules decided, or no longer kept
    state: Literal["decided", "pending", "unknown"]
    #: the set that decided; 0 = the tenant had no rules
    set_no: int
    decided_at: str | None
    #: what was decided is what the same versions say now
    same: bool
    #: of every rule of that set, in the order in which they were asked
    rules: list[RuleStoryView]
    #: None = the event tells of no decision of its agent
    at_host: HostDecision | None


class HostDecision(Wire):
    """What an agent decided about a file before it sent it, and why."""

    #: that decided
    rule: RuleRef
    #: of the rules that the agent worked by
    set_no: int
    #: the same rules say the same about the file as the event describes it
    same: bool
    #: of the rules about carrying of that set, in the order in which they were asked; empty = it is not known here
    rules: list[RuleStoryView]


class DryRunWish(Wire):
    """The event to try rules with: exactly one of `event`, `path` and `row_id`."""

    #: made up: fields as rules name them
    event: dict[str, JsonValue] | None = None
    #: of a file that was stored
    path: str | None = Field(default=None, min_length=1, max_length=4_096)
    #: of a stored event
    row_id: str | None = Field(default=None, pattern=r"^[0-9]{1,19}$")
    kind: EventKindName = "file"
    #: the rule as it is being written; None = its draft
    rule: dict[str, JsonValue] | None = None


class DryRunView(Wire):
    """What an event would come to; nothing was done."""

    #: by the rules in force
    before: DecisionView
    #: with the rule as it is being written
    after: DecisionView
    #: the rule that was tried; None = only those in force
    tried: RuleRef | None
    #: of every rule of `after`, the one that was tried with all its conditions
    rules: list[RuleStoryView]


class RuleSequenceWish(RuleOrder):
    """In which order the rules in force are to be asked."""

    #: all of them, the one that is asked first at the front
    rule_ids: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(min_length=1, max_length=2_000)
    #: the set that was looked at; None = whichever is in force
    set_no: int | None = Field(default=None, ge=0, le=2**31 - 1)


class RuleMove(Wire):
    """A rule that gets another priority."""

    rule_id: str
    name: str
    #: priorities
    before: int
    after: int


class RuleHidden(Wire):
    """A rule that can never match, because one before it always stops it."""

    rule_id: str
    name: str
    by: RuleRef
    by_name: str


class RuleSequence(Wire):
    """What another order changes."""

    dry_run: bool
    #: the set that was in force before
    set_no: int
    #: those that get a new version; the others stay as they are
    moved: list[RuleMove]
    #: that can never match any more, and that can again
    hidden: list[RuleHidden]
    freed: list[RuleHidden]
