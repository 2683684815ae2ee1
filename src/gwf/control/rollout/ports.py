"""What configurations and rollouts need from outside: the fleet, and a store with transactions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from gwf.audit.model import AuditEntry
from gwf.control.config.model import ConfigVersion, Layer, LayerId, VersionId
from gwf.control.rollout.model import AttemptId, AttemptPhase, HealthLevel, RolloutId, RolloutStatus
from gwf.control.rollout.records import Attempt, OfferKind, PhaseChange, Rollout
from gwf.core.settings.compare import Place
from gwf.vault.ports import SecretChange, SecretReads


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentNow:
    """One agent as its last contact left it."""

    tenant: str
    agent: str
    labels: Mapping[str, str]
    #: ids of its groups, the one that decides most first
    groups: tuple[str, ...]
    #: it can be told something: in contact, neither draining nor revoked
    reachable: bool
    #: GONE = out of contact
    health: HealthLevel
    #: hash of the configuration it works by; None = only its own file
    running: str | None
    #: managed settings were changed on the host
    local: bool
    #: when it said so
    heard_at_ms: int
    #: as people know it
    hostname: str = ""
    #: places of a configuration that it would refuse, because its build does not know them
    lacks: tuple[Place, ...] = ()


class Fleet(Protocol):
    """The agents of a centre, from memory."""

    def find(self, tenant: str, agent: str) -> AgentNow | None:
        """Return an agent, or None for one that is unknown or revoked."""
        ...

    def knows(self, tenant: str, agent: str) -> bool:
        """Tell whether a tenant has, or had, an agent: one that is revoked counts too."""
        ...

    def all(self, tenant: str) -> Iterable[AgentNow]:
        """Yield every agent of a tenant that is not revoked."""
        ...

    def group_names(self, tenant: str) -> dict[str, str]:
        """Return the name of each group by its id."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A bounded part of a list: what comes after `after`."""

    limit: int
    #: (time in ms, id) of the last item of the page before; None = from the start
    after: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFilter:
    """Which versions a list shows; None or empty = all."""

    layer: LayerId | None = None
    #: in the id, the author or the reason, without regard to case; `v12` or `12` is the number too
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutFilter:
    """Which rollouts a list shows; None or empty = all."""

    layer: LayerId | None = None
    statuses: tuple[RolloutStatus, ...] = ()
    #: in the id, the author or the reason, without regard to case
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFilter:
    """Which attempts a list shows; None or empty = all."""

    rollout: RolloutId | None = None
    agent: str | None = None
    phases: tuple[AttemptPhase, ...] = ()


@dataclass(frozen=True, slots=True)
class Take:
    """An agent began to run a configuration."""

    agent: str
    versions: tuple[VersionId, ...]
    at_ms: int


class ConfigReads(Protocol):
    """Reads of layers, versions, rollouts and attempts. Everything is of one tenant."""

    @property
    def sealed(self) -> SecretReads:
        """Return the secrets that documents refer to, as of the same moment."""
        ...

    async def layers(self, tenant: str) -> Sequence[Layer]:
        """Return all layers."""
        ...

    async def layer(self, tenant: str, layer: LayerId) -> Layer:
        """Return a layer.

        Raises:
            NotFoundError: There is none.
        """
        ...

    async def version(self, tenant: str, version: VersionId) -> ConfigVersion:
        """Return a version.

        Raises:
            NotFoundError: There is none.
        """
        ...

    async def versions(self, tenant: str, ids: Collection[VersionId]) -> Sequence[ConfigVersion]:
        """Return those of `ids` that there are."""
        ...

    async def newest_version(self, tenant: str, layer: LayerId) -> ConfigVersion | None:
        """Return the version of a layer with the highest number; None = it has none."""
        ...

    async def list_versions(self, tenant: str, wanted: VersionFilter, page: Page) -> Sequence[ConfigVersion]:
        """Return versions, newest first."""
        ...

    async def count_versions(self, tenant: str, wanted: VersionFilter) -> int:
        """Return how many versions fit."""
        ...

    async def version_numbers(self, tenant: str, layer: LayerId) -> Mapping[VersionId, int]:
        """Return the number of each version of a layer."""
        ...

    async def rollout(self, tenant: str, rollout: RolloutId) -> Rollout:
        """Return a rollout; inside `change` it stays as it is until the transaction ends.

        Raises:
            NotFoundError: There is none.
        """
        ...

    async def rollouts(self, tenant: str, ids: Collection[RolloutId]) -> Sequence[Rollout]:
        """Return those of `ids` that there are."""
        ...

    async def active_rollouts(self, tenant: str) -> Sequence[Rollout]:
        """Return all that have not ended."""
        ...

    async def list_rollouts(self, tenant: str, wanted: RolloutFilter, page: Page) -> Sequence[Rollout]:
        """Return rollouts, newest first."""
        ...

    async def count_rollouts(self, tenant: str, wanted: RolloutFilter) -> int:
        """Return how many rollouts fit."""
        ...

    async def attempt(self, tenant: str, attempt: AttemptId) -> Attempt:
        """Return an attempt.

        Raises:
            NotFoundError: There is none.
        """
        ...

    async def list_attempts(self, tenant: str, wanted: AttemptFilter, page: Page) -> Sequence[Attempt]:
        """Return attempts, newest first."""
        ...

    async def count_attempts(self, tenant: str, rollout: RolloutId) -> Mapping[tuple[OfferKind, AttemptPhase], int]:
        """Return how many attempts of a rollout there are of each kind and phase."""
        ...

    async def count_attempts_of(
        self, tenant: str, wanted: Collection[RolloutId]
    ) -> Mapping[RolloutId, Mapping[AttemptPhase, int]]:
        """Return how many offers of their waves there are of each phase, for those of `wanted` that made any."""
        ...

    async def newest_rollouts(self, tenant: str, versions: Collection[VersionId]) -> Mapping[VersionId, Rollout]:
        """Return the newest rollout of each version that had one."""
        ...

    async def versions_by_hash(self, tenant: str, hashes: Collection[str]) -> Mapping[str, tuple[VersionId, ...]]:
        """Return what configurations were made of when they were offered last, as far as they were."""
        ...

    async def takes(self, tenant: str, *, since_ms: int, until_ms: int, limit: int) -> Sequence[Take]:
        """Return when agents took which versions, oldest first: for each agent its last one before `since_ms`, and
        all until `until_ms`; the newest `limit` of them.
        """
        ...

    async def attempts_that_count(self, tenant: str) -> Sequence[Attempt]:
        """Return what a centre must know to go on: open ones, those of active rollouts, refused and not forgiven."""
        ...

    async def changes(self) -> int:
        """Return a number that grows with every committed change of any server."""
        ...

    async def attempts_since(self, tenant: str, change: int) -> Sequence[Attempt]:
        """Return attempts that were written after the change of this number."""
        ...

    async def tenants(self) -> Sequence[str]:
        """Return the ids of all tenants."""
        ...


class ConfigChange(ConfigReads, Protocol):
    """Reads and writes of one transaction."""

    @property
    def sealing(self) -> SecretChange:
        """Return what writes secrets with this transaction."""
        ...

    async def add_layer(self, layer: Layer) -> None:
        """Store a new layer.

        Raises:
            ConflictError: The group or agent has one.
        """
        ...

    async def put_layer(self, layer: Layer) -> None:
        """Store what changed of a layer."""
        ...

    async def remove_layer(self, layer: Layer) -> None:
        """Remove a layer; its versions stay."""
        ...

    async def add_version(self, version: ConfigVersion) -> None:
        """Store a new version."""
        ...

    async def add_rollout(self, rollout: Rollout) -> None:
        """Store a new rollout.

        Raises:
            ConflictError: The layer has one that has not ended.
        """
        ...

    async def put_rollout(self, rollout: Rollout) -> None:
        """Store a new state of a rollout.

        Raises:
            ConflictError: Somebody else changed it: its revision is not one more than the stored one.
        """
        ...

    async def add_attempts(self, attempts: Sequence[Attempt]) -> None:
        """Store new attempts."""
        ...

    async def put_phases(self, changes: Sequence[PhaseChange]) -> None:
        """Store new phases of attempts."""
        ...

    async def forgive(self, tenant: str, agent: str, config_hash: str) -> int:
        """Mark the refusals of a configuration by an agent as forgiven; return how many there were."""
        ...

    def record(self, entry: AuditEntry) -> None:
        """Have an entry written to the audit with this transaction."""
        ...


class ConfigStore(Protocol):
    """Where layers, versions, rollouts and attempts are kept."""

    def view(self) -> AbstractAsyncContextManager[ConfigReads]:
        """Return reads."""
        ...

    def change(self) -> AbstractAsyncContextManager[ConfigChange]:
        """Return a transaction: committed at the end, undone when an error leaves it."""
        ...


class Leadership(Protocol):
    """Says which of several servers moves rollouts."""

    async def is_mine(self) -> bool:
        """Take or keep the lead if nobody else has it; tell whether it is ours for the next seconds."""
        ...

    async def release(self) -> None:
        """Give it back, so that another server need not wait."""
        ...
