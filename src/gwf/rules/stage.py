"""How far a rule in force goes: it acts, only notes what it matches, or matches nothing. Pure."""

from __future__ import annotations

import enum

from gwf.rules.model import Document, Mode
from gwf.rules.record import StoredRule


class Stage(enum.StrEnum):
    """Where a rule in force stands."""

    ACT = "act"
    OBSERVE = "observe"
    OFF = "off"


def stage_of(stored: StoredRule) -> Stage:
    """Return the stage of a version."""
    if not stored.enabled:
        return Stage.OFF
    return Stage.OBSERVE if stored.observes else Stage.ACT


def staged(document: Document, stage: Stage) -> Document:
    """Return a rule at another stage; one that is off keeps its mode."""
    if stage is Stage.OFF:
        return {**document, "enabled": False}
    return in_mode({**document, "enabled": True}, Mode(stage.value))


def in_mode(document: Document, mode: Mode) -> Document:
    """Return a rule in another mode; the usual one is not written down."""
    rest = {key: value for key, value in document.items() if key != "mode"}
    return rest if mode is Mode.ACT else {**rest, "mode": mode.value}
