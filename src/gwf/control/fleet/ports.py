"""What the fleet needs from outside: stored agents and groups, and what other parts have for an agent."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from gwf.audit.model import AuditEntry
from gwf.control.fleet.groups import AgentGroup, GroupId
from gwf.control.fleet.model import Admission, Agent, AgentId, Beat, Credentials, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRow:
    """Everything stored about one agent."""

    agent: Agent
    credentials: Credentials
    #: None = never written
    status: Status | None


class AgentMark(NamedTuple):
    """The few values of a stored agent that tell whether anything of it is news."""

    agent_id: str
    revision: int
    updated_at_ms: int
    credential: bytes | None
    next_credential: bytes | None
    #: None, as all that follows = its status was never written
    state: str | None
    cause: str | None
    state_since_ms: int | None
    contact_at_ms: int | None
    seq: int | None


class FleetReads(Protocol):
    """Stored agents and groups at one moment."""

    async def rows(self, agents: Sequence[AgentId] | None = None) -> Sequence[AgentRow]:
        """Return these agents, or those of all tenants."""
        ...

    async def marks(self, *, updated_since_ms: int) -> Sequence[AgentMark]:
        """Return the marks of agents of all tenants whose agent or status changed at or after a moment."""
        ...

    async def row(self, agent_id: AgentId) -> AgentRow | None:
        """Return one agent, None if there is none."""
        ...

    async def by_instance(self, tenant: str, instance_id: str) -> AgentRow | None:
        """Return the agent of this installation, None if it never registered."""
        ...

    async def by_credential(self, credential_hash: bytes) -> AgentRow | None:
        """Return the agent whose current or next credential this is, None if it is nobody's."""
        ...

    async def groups(self) -> Sequence[AgentGroup]:
        """Return the groups of all tenants."""
        ...

    async def statuses(self, agents: Sequence[AgentId]) -> Sequence[Status]:
        """Return how these agents are; one that was never written is left out."""
        ...


class FleetChange(FleetReads, Protocol):
    """A transaction over agents and groups; what it does is on record."""

    def record(self, entry: AuditEntry) -> None:
        """Write an audit entry with this change."""
        ...

    async def by_instances(self, tenant: str, instances: Sequence[str]) -> Sequence[AgentRow]:
        """Return the agents of those of these installations that ever registered."""
        ...

    async def find_enrolment_token(self, token_hash: bytes, *, now_ms: int) -> Admission | None:
        """Return what a token lets in with, None for one that is unknown, expired or revoked."""
        ...

    async def count_enrolments(self, token_id: str, wanted: int) -> int:
        """Count up to `wanted` more uses of a token; return how many it had left of them."""
        ...

    async def next_number(self) -> int:
        """Return the next number for the id of an agent that has no credential; none twice."""
        ...

    async def put_agent(self, agent: Agent, credentials: Credentials | None = None) -> None:
        """Write an agent; its credentials stay as they are when none are given.

        Raises:
            ConflictError: Somebody else changed it meanwhile: its revision is not the one before `agent.revision`.
        """
        ...

    async def add_agents(self, fresh: Sequence[tuple[Agent, Credentials]]) -> None:
        """Write agents that are new, all at once.

        Raises:
            ConflictError: One of them is there already.
        """
        ...

    async def put_credentials(self, agent_id: AgentId, credentials: Credentials) -> None:
        """Write the credentials of an agent, whatever else changed of it."""
        ...

    async def put_group(self, group: AgentGroup) -> None:
        """Write a group.

        Raises:
            ConflictError: The name is taken, or its revision is not the one before `group.revision`.
        """
        ...

    async def delete_group(self, group_id: GroupId, *, now_ms: int) -> int:
        """Remove a group; return how many agents had been put in by name."""
        ...

    async def hold_statuses(self, agents: Sequence[AgentId]) -> Sequence[Status]:
        """Return how these agents are, as `statuses` does; nobody else writes it until the transaction ends."""
        ...

    async def put_statuses(self, statuses: Sequence[Status]) -> None:
        """Write how agents are."""
        ...


class FleetStore(Protocol):
    """Where agents and groups are kept.

    Every call raises UnavailableError when the database does not answer.
    """

    def view(self) -> AbstractAsyncContextManager[FleetReads]:
        """Open a moment to read from."""
        ...

    def change(self) -> AbstractAsyncContextManager[FleetChange]:
        """Open a transaction, committed at the end of the block."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A configuration that an agent should run and does not."""

    hash: str
    attempt_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigPart:
    """One version that a configuration is made of."""

    #: base, group or agent
    kind: str
    #: id of the group or agent; "" for the base
    subject: str
    #: of the version within its layer
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigStand:
    """How the configuration of an agent stands."""

    #: in_sync, offered, waiting, held, local or unmanaged
    standing: str
    #: hash that should run; None = the centre decides nothing
    wanted: str | None
    #: hash that runs; None = only the host's own file
    running: str | None


class Configs(Protocol):
    """What the fleet's configuration says of agents; asked for whole lists, so it answers from memory."""

    def stand(self, tenant: str, agent_id: AgentId) -> ConfigStand | None:
        """Return how it stands at an agent; None for one that has none, for example because it is revoked."""
        ...

    def parts(self, tenant: str, config_hash: str) -> Sequence[ConfigPart]:
        """Return what a configuration is made of, the lowest layer first; empty when that is not at hand."""
        ...


class NoConfigs:
    """Nothing known; for a centre without configurations, and for tests."""

    def stand(self, tenant: str, agent_id: AgentId) -> ConfigStand | None:  # noqa: ARG002
        """Return None."""
        return None

    def parts(self, tenant: str, config_hash: str) -> Sequence[ConfigPart]:  # noqa: ARG002
        """Return nothing."""
        return ()


class Wishes(Protocol):
    """What the other parts of the centre have for an agent; asked with every heartbeat, so it answers from memory."""

    def offer(self, agent_id: AgentId, beat: Beat) -> Offer | None:
        """Return the configuration it should take now, None if it runs what it should."""
        ...

    def tasks(self, agent_id: AgentId) -> int:
        """Return how many tasks wait for it."""
        ...

    def asks(self, agent_id: AgentId) -> int:
        """Return how many questions wait for it."""
        ...

    def acked_seq(self, agent_id: AgentId, epoch: str) -> int | None:
        """Return up to where its history of this epoch is stored; None if that is not at hand."""
        ...


class NoWishes:
    """Nothing for anybody; for a centre that only watches, and for tests."""

    def offer(self, agent_id: AgentId, beat: Beat) -> Offer | None:  # noqa: ARG002
        """Return None."""
        return None

    def tasks(self, agent_id: AgentId) -> int:  # noqa: ARG002
        """Return 0."""
        return 0

    def asks(self, agent_id: AgentId) -> int:  # noqa: ARG002
        """Return 0."""
        return 0

    def acked_seq(self, agent_id: AgentId, epoch: str) -> int | None:  # noqa: ARG002
        """Return None."""
        return None
