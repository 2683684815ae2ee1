"""A silence as it is kept, and where it stands. Pure values."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from gwf.alerts.life.model import Silence
from gwf.control.selectors import parse
from gwf.events.model import Severity


class SilenceState(enum.StrEnum):
    """Where a silence stands."""

    #: it begins later: a maintenance window
    PLANNED = "planned"
    ACTIVE = "active"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSilence:
    """A silence as it is kept."""

    silence_id: str
    tenant: str
    #: as `gwf.control.selectors` reads it, over the labels of alerts, `severity` and `rule_id`
    selector: str
    begins_at_ms: int
    #: the end is outside; once it was ended early, when that was
    ends_at_ms: int
    reason: str
    author: str
    created_at_ms: int
    updated_at_ms: int
    #: somebody ended it before its time; None = nobody has
    expired_at_ms: int | None = None
    #: grows with each change; a change names the one it was made from
    revision: int = 1

    def state(self, now_ms: int) -> SilenceState:
        """Return where it stands at a moment."""
        if now_ms >= self.ends_at_ms:
            return SilenceState.OVER
        return SilenceState.PLANNED if now_ms < self.begins_at_ms else SilenceState.ACTIVE

    def facts(self) -> dict[str, object]:
        """Return what an audit entry compares."""
        return {
            "selector": self.selector,
            "begins_at_ms": self.begins_at_ms,
            "ends_at_ms": self.ends_at_ms,
            "reason": self.reason,
        }

    def read(self) -> Silence:
        """Return it as alerts are held by it.

        Raises:
            SelectorError: It was stored by a release that took what this one does not.
        """
        return Silence(
            id=self.silence_id,
            selector=parse(self.selector),
            begins_at_ms=self.begins_at_ms,
            ends_at_ms=self.ends_at_ms,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAlert:
    """An alert as far as silences look at it."""

    alert_id: str
    rule_id: str
    rule_name: str
    title: str
    severity: Severity
    status: str
    labels: Mapping[str, str]
    started_at_ms: int
    #: as `gwf.alerts.life.model.Alert.held_by`
    held_by: str
