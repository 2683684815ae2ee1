"""Tells the fleet's lists how the configuration stands at each agent (gwf.control.fleet.ports.Configs)."""

from __future__ import annotations

from collections.abc import Sequence

from gwf.control.fleet.model import AgentId
from gwf.control.fleet.ports import ConfigPart, ConfigStand
from gwf.control.rollout.boards import Boards
from gwf.control.rollout.ports import Fleet
from gwf.control.rollout.standing import ConfigStanding, standing_of


class ConfigStands:
    """Used in one event loop."""

    def __init__(self, boards: Boards, fleet: Fleet) -> None:
        """Take the parts."""
        self._boards = boards
        self._fleet = fleet

    def stand(self, tenant: str, agent_id: AgentId) -> ConfigStand | None:
        """Return how it stands at an agent; None for one that is unknown or revoked."""
        now = self._fleet.find(tenant, agent_id)
        if now is None:
            return None
        standing = standing_of(self._boards.of(tenant), now)
        managed = standing.word is not ConfigStanding.UNMANAGED
        return ConfigStand(
            standing=standing.word.value, wanted=standing.wanted if managed else None, running=standing.running
        )

    def parts(self, tenant: str, config_hash: str) -> Sequence[ConfigPart]:
        """Return what a configuration is made of; empty when no agent should have run it since the start."""
        board = self._boards.of(tenant)
        known = board.known(config_hash)
        if known is None:
            return ()
        layers = {layer.id: layer for layer in board.layers.values()}
        versions = [board.versions[version] for version in known.versions if version in board.versions]
        return [
            ConfigPart(kind=layer.kind.value, subject=layer.subject, number=version.number)
            for version in versions
            if (layer := layers.get(version.layer)) is not None
        ]
