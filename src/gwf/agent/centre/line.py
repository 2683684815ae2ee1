"""What the threads of the link share."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from gwf.agent.centre.calls import CentreCalls
from gwf.agent.centre.facts import LinkFacts
from gwf.core.clock import Clock
from gwf.core.settings.centre import CentreSettings


@dataclass(slots=True, kw_only=True)
class Line:
    """The way to one centre."""

    settings: CentreSettings
    calls: CentreCalls
    facts: LinkFacts
    clock: Clock
    #: set when the process ends
    halted: threading.Event = field(default_factory=threading.Event)
    #: the one that the centre took with the last heartbeat; "" while there is none. Written by the link's thread
    credential: str = field(default="", repr=False)
