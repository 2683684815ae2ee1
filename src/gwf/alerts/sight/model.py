"""A rule of alerts, ready to be asked, and what has to be remembered between events."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import NamedTuple

from gwf.alerts.life.model import Policy, Sighting
from gwf.events.model import Severity
from gwf.rules.facts import Facts, Field
from gwf.rules.matcher import Matcher
from gwf.rules.template import Template

MAX_WINDOWS = (
    100_000  #: things that are counted at a time, over all rules; of more the one not seen longest is forgotten
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """How many events within how long are trouble; fewer are not."""

    count: int
    within_s: float


class Standing(enum.StrEnum):
    """What has become of the alerts of a test case at its end."""

    #: none was opened
    NONE = "none"
    #: one is open
    FIRING = "firing"
    #: all that were opened are over
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertCase:
    """Events, and what the rule has to make of them; stored with it, a rule that fails one is not put into force."""

    name: str
    #: each with the moment at which it comes, in ms since the case began
    events: tuple[tuple[int, Facts], ...] = field(compare=False)
    #: when the alerts are looked at, in ms since it began
    until_ms: int
    standing: Standing
    #: of the worst alert; None = whatever it is
    severity: Severity | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """One version of a rule."""

    id: str
    version: int
    name: str
    enabled: bool
    #: events that mean trouble; with `absent_s`, those whose staying away does
    when: Matcher
    #: events that mean that it is over; None = only time or a person ends it
    clear: Matcher | None
    #: fields that tell one trouble from another; () = all events of the rule are about one
    by: tuple[Field, ...]
    #: None = that of the event
    severity: Severity | None
    title: Template
    #: further labels of the alert; the values of `by` are labels already, by the last part of their names
    labels: tuple[tuple[str, Template], ...]
    threshold: Threshold | None
    #: trouble is when no event came for so long after there was one; None = trouble is when one comes
    absent_s: float | None
    policy: Policy
    #: nothing that runs asks for them
    cases: tuple[AlertCase, ...] = ()


class Outcome(enum.StrEnum):
    """What a rule makes of an event that it matches."""

    TROUBLE = "trouble"
    #: trouble, but not yet so often that it is said
    COUNTED = "counted"
    #: what was wrong is so no longer
    OVER = "over"
    #: what is missed when it stays away has come
    CAME = "came"


class Seen(NamedTuple):
    """What a rule made of an event."""

    rule_id: str
    rule_version: int
    fingerprint: str
    outcome: Outcome
    #: of a threshold: events in its window, with this one
    counted: int
    #: None = nothing is said of it
    sighting: Sighting | None
    #: that the event stands for
    happenings: int = 1


@dataclass(slots=True, kw_only=True)
class Counted:
    """What was seen of one thing that a rule counts or misses; kept over restarts."""

    rule_id: str
    fingerprint: str
    #: moments of events, ms UTC, oldest first, as many as the threshold needs; of a rule about absence the last alone
    at_ms: list[int] = field(default_factory=list[int])
    #: title and labels as the last event gave them, for an alert that no event makes
    title: str = ""
    labels: dict[str, str] = field(default_factory=dict[str, str])
    severity: Severity = Severity.WARNING
    #: it was said that no event comes any more
    missed: bool = False
