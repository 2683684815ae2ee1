"""Faults that a process makes on purpose, for drills."""

from __future__ import annotations

from gwf.core.settings.section import Section
from gwf.core.settings.values import Drill


class FaultSettings(Section):
    """Drills: make the process fail on purpose. Never set this on a production host."""

    #: kill points of the journal protocol, for example before_send:3 for the third pass
    kill_at: Drill = ""
