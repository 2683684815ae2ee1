"""Silences of alerts, as the API shows and takes them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from gwf.wire.edge import Wire
from gwf.wire.events import SeverityName
from gwf.wire.rules import Reason

SilenceStateName = Literal["planned", "active", "over"]
SelectorText = Annotated[str, Field(min_length=1, max_length=2_000)]


class SilenceWish(Wire):
    """What is to be silent, and when."""

    #: over labels of alerts, `severity` and `rule_id`, for example agent_id=agt_1,severity!=critical
    selector: SelectorText
    #: None = now; of a silence that is changed, as it was. Later than now = a maintenance window
    begins_at: AwareDatetime | None = None
    ends_at: AwareDatetime
    #: why, for everybody who wonders about the quiet
    reason: Annotated[str, Field(min_length=1, max_length=1_000)]


class SilencePreviewWish(Wire):
    """What is to be looked at."""

    selector: SelectorText


class SilenceOrder(Wire):
    """Why a silence is ended."""

    reason: Reason = ""


class SilenceView(Wire):
    """One silence."""

    silence_id: str
    state: SilenceStateName
    selector: str
    begins_at: str
    ends_at: str
    reason: str
    author: str
    created_at: str
    updated_at: str
    #: somebody ended it before its time
    expired_at: str | None
    #: open alerts that it holds back now
    holds: int
    #: a change names it as If-Match
    revision: int


class SilencePage(Wire):
    """Silences, the one that ends last first."""

    items: list[SilenceView]
    total: int
    as_of: str


class SilencedAlert(Wire):
    """An open alert that a silence covers."""

    alert_id: str
    rule_id: str
    rule_name: str
    title: str
    severity: SeverityName
    status: Literal["firing", "acknowledged", "resolved"]
    labels: dict[str, str]
    started_at: str
    #: what holds it back already; "" = nothing
    held_by: str


class SilencePreview(Wire):
    """What a silence would hold back as things are."""

    #: open alerts that it covers, the worst first, at most 100
    alerts: list[SilencedAlert]
    #: how many open alerts it covers
    covered: int
    #: how many of these nothing holds back yet
    newly_held: int
    #: all open alerts
    open: int
    #: the covered ones by severity
    severities: dict[str, int]
    #: alerts of the last 7 days that it would have covered, by the name of their rule
    recent: dict[str, int]
    #: all alerts of the last 7 days
    recent_all: int
    as_of: str
