"""What each agent of a tenant should run, answered from memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from gwf.control.config.effective import effective
from gwf.control.config.model import ConfigVersion, Effective, Layer, LayerId, LayerKind, VersionId
from gwf.control.rollout.model import OFFERING, OPEN, REFUSED, AttemptPhase, RolloutId
from gwf.control.rollout.ports import AgentNow
from gwf.control.rollout.records import Attempt, OfferKind, Rollout
from gwf.core.settings.compare import Place

_TAKEN = OPEN | {AttemptPhase.APPLIED}

Versions = tuple[VersionId, ...]
#: places that an agent does not know
Lacks = tuple[Place, ...]
LayerKey = tuple[LayerKind, str]


@dataclass(slots=True)
class Board:
    """Layers, active rollouts and offers of one tenant. Not thread-safe: it lives in the event loop."""

    layers: dict[LayerKey, Layer] = field(default_factory=dict[LayerKey, Layer])
    #: every version that may count for an agent now
    versions: dict[VersionId, ConfigVersion] = field(default_factory=dict[VersionId, ConfigVersion])
    #: those that have not ended
    rollouts: dict[RolloutId, Rollout] = field(default_factory=dict[RolloutId, Rollout])
    #: the newest attempt of a wave at each agent
    waves: defaultdict[RolloutId, dict[str, Attempt]] = field(
        default_factory=lambda: defaultdict[RolloutId, dict[str, Attempt]](dict)
    )
    #: the newest attempt at each agent, open or ended since this process began
    newest: dict[str, Attempt] = field(default_factory=dict[str, Attempt])
    #: what an agent said last in the report of an attempt that it runs, and when
    applied: dict[str, tuple[str, int]] = field(default_factory=dict[str, tuple[str, int]])
    #: hashes that an agent refused and nobody forgave
    refused: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict[str, set[str]](set))
    _on_layer: dict[LayerId, Rollout] = field(default_factory=dict[LayerId, Rollout])
    _effective: dict[tuple[Versions, Lacks], Effective] = field(default_factory=dict[tuple[Versions, Lacks], Effective])
    #: the layers of agents that have none of their own, by their groups: whole fleets are looked at
    _below: dict[tuple[str, ...], Sequence[Layer]] = field(default_factory=dict[tuple[str, ...], Sequence[Layer]])

    # -- taking over -----------------------------------------------------------------------------------

    def take_plan(
        self, layers: Iterable[Layer], versions: Iterable[ConfigVersion], rollouts: Iterable[Rollout]
    ) -> None:
        """Take over all layers, the versions that count and the active rollouts."""
        self.layers = {(layer.kind, layer.subject): layer for layer in layers}
        self._below = {}
        self.versions = {version.id: version for version in versions}
        self.rollouts = {rollout.id: rollout for rollout in rollouts}
        self._on_layer = {rollout.layer: rollout for rollout in self.rollouts.values()}
        for ended in [known for known in self.waves if known not in self.rollouts]:
            del self.waves[ended]
        known = self.versions
        self._effective = {
            key: value for key, value in self._effective.items() if all(part in known for part in key[0])
        }

    def take_attempts(self, attempts: Iterable[Attempt]) -> None:
        """Take over new attempts and new phases of known ones."""
        for attempt in attempts:
            known = self.newest.get(attempt.agent)
            if known is None or (attempt.offered_at_ms, attempt.id) >= (known.offered_at_ms, known.id):
                self.newest[attempt.agent] = attempt
            if attempt.kind is OfferKind.WAVE and attempt.rollout is not None and attempt.rollout in self.rollouts:
                self.waves[attempt.rollout][attempt.agent] = attempt
            self._take_applied(attempt)
            if attempt.phase in REFUSED and not attempt.forgiven:
                self.refused[attempt.agent].add(attempt.hash)
            elif attempt.forgiven:
                self.refused[attempt.agent].discard(attempt.hash)

    def _take_applied(self, attempt: Attempt) -> None:
        known = self.applied.get(attempt.agent)
        if attempt.phase is AttemptPhase.APPLIED and (known is None or known[1] <= attempt.changed_at_ms):
            self.applied[attempt.agent] = attempt.hash, attempt.changed_at_ms
        elif attempt.phase in REFUSED and known is not None and known[0] == attempt.hash:
            del self.applied[attempt.agent]

    def snapshot(self) -> Board:
        """Return a board that keeps the plan of this moment, for looks that take turns; attempts are shared."""
        return replace(self)  # a new plan takes the place of the old one, which is not changed

    def including(self, layer: Layer, version: ConfigVersion) -> Board:
        """Return a snapshot that also knows a layer and a version, to try them out."""
        return replace(
            self,
            layers={**self.layers, (layer.kind, layer.subject): layer},
            versions={**self.versions, version.id: version},
            _effective=dict(self._effective),
            _below={},
        )

    # -- asking ----------------------------------------------------------------------------------------

    def target(self, agent: AgentNow) -> Effective:
        """Return what an agent should run."""
        return self._made_of(self._versions(agent, None, None), agent.lacks)

    def with_layer(self, agent: AgentNow, layer: LayerId, version: VersionId | None) -> Effective:
        """Return what an agent would run if `version` were in force in `layer`; None = no version."""
        return self._made_of(self._versions(agent, layer, version), agent.lacks)

    def either(
        self, agent: AgentNow, layer: LayerId, *, one: VersionId | None, other: VersionId | None
    ) -> tuple[Effective, Effective] | None:
        """Return what an agent would run with either version in `layer`, as `with_layer` does for one of them.

        None = the layer is not for this agent. Whole fleets are looked at with it.
        """
        layers = self.layers_of(agent)
        if all(item.id != layer for item in layers):
            return None
        with_one: list[VersionId] = []
        with_other: list[VersionId] = []
        for item in layers:
            mine = item.id == layer
            in_force = None if mine else self._in_force(item, agent.agent)
            for found, version in ((with_one, one), (with_other, other)):
                wanted = version if mine else in_force
                if wanted is not None:
                    found.append(wanted)
        return self._made_of(tuple(with_one), agent.lacks), self._made_of(tuple(with_other), agent.lacks)

    def known(self, config_hash: str) -> Effective | None:
        """Return a configuration that some agent should run, or should before its layers changed, by its hash."""
        return next((known for known in reversed(self._effective.values()) if known.hash == config_hash), None)

    def layers_of(self, agent: AgentNow) -> Sequence[Layer]:
        """Return the layers of an agent, the lowest first."""
        below = self._below.get(agent.groups)
        if below is None:
            keys = [(LayerKind.BASE, ""), *((LayerKind.GROUP, group) for group in reversed(agent.groups))]
            below = [layer for key in keys if (layer := self.layers.get(key)) is not None]
            self._below[agent.groups] = below
        own = self.layers.get((LayerKind.AGENT, agent.agent))
        return below if own is None else [*below, own]

    def offer(self, agent: AgentNow) -> Attempt | None:
        """Return the open offer to an agent, if it is still wanted."""
        attempt = self.newest.get(agent.agent)
        wanted = attempt is not None and attempt.phase in OPEN and attempt.hash == self.target(agent).hash
        return attempt if wanted else None

    def running(self, agent: AgentNow) -> str | None:
        """Return what an agent runs: what it said last, in a heartbeat or in the report of an attempt."""
        applied = self.applied.get(agent.agent)
        return applied[0] if applied is not None and applied[1] > agent.heard_at_ms else agent.running

    def is_managed(self, agent: AgentNow) -> bool:
        """Tell whether the centre decides anything at an agent."""
        return agent.running is not None or bool(self.target(agent).document)

    def _versions(self, agent: AgentNow, layer: LayerId | None, version: VersionId | None) -> Versions:
        found: list[VersionId] = []
        for item in self.layers_of(agent):
            wanted = version if item.id == layer else self._in_force(item, agent.agent)
            if wanted is not None:
                found.append(wanted)
        return tuple(found)

    def _in_force(self, layer: Layer, agent: str) -> VersionId | None:
        rollout = self._on_layer.get(layer.id)
        if rollout is None or rollout.state.status not in OFFERING:
            return layer.current
        attempt = self.waves[rollout.id].get(agent)
        return rollout.version if attempt is not None and attempt.phase in _TAKEN else layer.current

    def _made_of(self, versions: Versions, lacks: Lacks) -> Effective:
        known = self._effective.get((versions, lacks))
        if known is None:
            known = self._effective[versions, lacks] = effective(self._found(versions), lacks)
        return known

    def _found(self, versions: Versions) -> Sequence[ConfigVersion]:
        return [self.versions[version] for version in versions]
