"""What a process tells those who start, stop and balance it."""

from __future__ import annotations

from typing import Literal

from gwf.wire.edge import HealthState, Reason, Wire


class Liveness(Wire):
    """The process answers; nothing else is claimed."""

    status: Literal["ok"] = "ok"


class Readiness(Wire):
    """Whether the process should be given work, and every reason against it."""

    state: HealthState
    reasons: list[Reason]
