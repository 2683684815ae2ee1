"""A link to a centre in memory that notes what was asked of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from gwf.core.errors import ConflictError, DeniedError, NotFoundError
from gwf.wire.edge import CentreView

VIEW = CentreView(
    url="https://gwf.example.com",
    state="connected",
    enrolled=True,
    agent_id="a-1",
    instance_id="0b2f3c4d-0000-4000-8000-000000000001",
    tenant="default",
    last_contact_at="2026-01-02T03:04:05.678Z",
    heartbeat_s=30.0,
    listening=True,
    shown_as="online",
    draining=False,
    clock_ahead_ms=12,
    config_hash=None,
    config_version_id=None,
    config_local=False,
    epoch="6f0d",
    events_waiting=3,
    events_sent_total=120,
    events_rejected_total=0,
    events_dropped_total=0,
    trouble_code=None,
    trouble=None,
)


@dataclass
class FakeLink:
    """Satisfies CentreSource."""

    there: bool = True
    tokens: list[str] = field(default_factory=list[str])
    left: bool = False

    def view(self) -> CentreView:
        if not self.there:
            raise NotFoundError("this edge has no centre")
        return VIEW.model_copy(update={"state": "left", "enrolled": False}) if self.left else VIEW

    def enrol(self, token: str) -> CentreView:
        self.tokens.append(token)
        if token == "wrong":
            raise DeniedError("the centre refuses this agent")
        self.left = False
        return self.view()

    def leave(self) -> CentreView:
        if self.left:
            raise ConflictError("this edge left its centre before")
        self.left = True
        return self.view()
