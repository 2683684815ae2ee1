"""Back-tests of rules on recorded events, as the API shows them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue, RootModel

from gwf.wire.edge import Wire
from gwf.wire.rules import EventKindName, RuleRef, TraceView

ChangeName = Literal["gained", "lost", "moved", "kept"]


class BacktestWish(Wire):
    """Which recorded events are to be looked at, and with which rule."""

    #: back from now
    days: float = Field(default=1.0, gt=0, le=400)
    #: look at every n-th event only: the answer is then a sample
    every: int = Field(default=1, ge=1, le=10_000)
    #: events of each change that are told one by one; of those that nothing changes about, at most 50
    max_differences: int = Field(default=200, ge=0, le=1_000)
    #: the rule as it is being written; None = its draft
    rule: dict[str, JsonValue] | None = None
    #: the rules in force in another order, all of them; not with a rule
    rule_ids: list[str] | None = Field(default=None, min_length=1, max_length=2_000)


class BacktestProgress(Wire):
    """How far a back-test is."""

    kind: Literal["progress"] = "progress"
    done: int
    #: that there are to be looked at
    total: int


class BacktestWhy(Wire):
    """What kept a rule from matching an event in one of both sets."""

    rule: RuleRef
    #: empty = its conditions are fulfilled, a rule before it said stop
    failed: list[TraceView]


class BacktestDifference(Wire):
    """A recorded event, and what the rules would say about it."""

    kind: Literal["difference"] = "difference"
    #: by the rule that is tried, of an order by any rule. gained: matched only now · lost: only before ·
    #: kept: both times · moved: that stays so, but other rules match
    change: ChangeName
    row_id: str
    event_kind: EventKindName
    at: str
    type: str
    subject: str | None
    agent_id: str | None
    before: list[RuleRef]
    after: list[RuleRef]
    why: list[BacktestWhy]


class BacktestRule(Wire):
    """What became of one rule of the later set."""

    rule_id: str
    version: int
    name: str
    enabled: bool
    matched: int
    #: it would have matched, but one before it said stop
    shadowed: int


class BacktestMoment(Wire):
    """What came of the events of one stretch of the time."""

    at: str
    #: actions
    before: int
    after: int
    #: events
    gained: int
    lost: int
    moved: int
    kept: int


class BacktestSummary(Wire):
    """What came of all events."""

    kind: Literal["summary"] = "summary"
    since: str
    until: str
    events: int
    #: only every n-th event was looked at
    sample: bool
    took_ms: int
    #: that any rule matched, by the rules in force and with the one that is tried
    before: int
    after: int
    #: events by what becomes of them, see the lines
    gained: int
    lost: int
    moved: int
    kept: int
    #: matched by the rule that is tried, as it is in force; None = an order is tried
    tried_before: int | None
    #: by kind of action
    actions_before: dict[str, int]
    actions_after: dict[str, int]
    moments: list[BacktestMoment]
    rules: list[BacktestRule]


class BacktestLine(
    RootModel[Annotated[BacktestProgress | BacktestDifference | BacktestSummary, Field(discriminator="kind")]]
):
    """One line of a back-test."""
