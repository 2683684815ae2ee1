"""Says how an agent's configuration stands: as it should be, on its way, held back, or changed on the host. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from gwf.control.config.model import Effective
from gwf.control.rollout.board import Board
from gwf.control.rollout.model import AttemptPhase
from gwf.control.rollout.ports import AgentNow
from gwf.control.rollout.records import Attempt


class ConfigStanding(enum.StrEnum):
    """How the configuration that runs at an agent relates to the one that should."""

    #: the centre decides nothing there
    UNMANAGED = "unmanaged"
    IN_SYNC = "in_sync"
    #: offered, and not answered yet
    OFFERED = "offered"
    #: runs another one and will be offered the right one when its turn or its contact comes
    WAITING = "waiting"
    #: refused what it should run; it is not offered again before a person says so
    HELD = "held"
    #: somebody changed managed settings on the host
    LOCAL = "local"


DRIFTED = frozenset({ConfigStanding.OFFERED, ConfigStanding.WAITING, ConfigStanding.HELD, ConfigStanding.LOCAL})
"""Standings in which an agent works by something else than the centre wants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How it stands at one agent."""

    word: ConfigStanding
    #: hash that should run
    wanted: str
    #: hash that runs; None = only the host's own file
    running: str | None
    #: newest attempt that is known in memory
    attempt: Attempt | None


def standing_of(board: Board, agent: AgentNow) -> Standing:
    """Return how an agent's configuration stands."""
    target = board.target(agent)
    running = board.running(agent)
    attempt = board.newest.get(agent.agent)
    word = _word(board, agent, attempt, target=target, running=running)
    return Standing(word=word, wanted=target.hash, running=running, attempt=attempt)


def _word(
    board: Board, agent: AgentNow, attempt: Attempt | None, *, target: Effective, running: str | None
) -> ConfigStanding:
    if agent.local:
        return ConfigStanding.LOCAL
    if running is None and not target.document:
        return ConfigStanding.UNMANAGED
    if running == target.hash:
        return ConfigStanding.IN_SYNC
    if target.hash in board.refused.get(agent.agent, ()):
        return ConfigStanding.HELD
    if (
        attempt is not None
        and attempt.hash == target.hash
        and attempt.phase
        in {
            AttemptPhase.OFFERED,
            AttemptPhase.STAGED,
        }
    ):
        return ConfigStanding.OFFERED
    return ConfigStanding.WAITING
