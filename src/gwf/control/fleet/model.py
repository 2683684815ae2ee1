"""Words and values of agents: who they are, and how they are as far as a heartbeat tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NewType

from gwf.control.fleet.groups import GroupId
from gwf.control.fleet.state import AgentHealth, AgentState, Cause

AgentId = NewType("AgentId", str)


@dataclass(frozen=True, kw_only=True)
class Agent:
    """An agent as people and its own start decide it; changes of it are on record."""

    agent_id: AgentId
    tenant: str
    #: UUID in the agent's data directory, or the key by which the Go version's interface knows it
    instance_id: str
    hostname: str
    version: str
    os: str = ""
    #: URL of its own port as others reach it; None when it has none
    address: str | None = None
    #: it called from
    ip: str = ""
    #: told by the agent
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    #: set at the centre, first by the enrolment token; they win
    set_labels: Mapping[str, str] = field(default_factory=dict[str, str])
    #: it was put in by name; None = only selectors decide
    group_id: GroupId | None = None
    #: as an agent without credential says it; "" = it says none
    group_name: str = ""
    #: takes no new work of the centre
    drain: bool = False
    registered_at_ms: int = 0
    updated_at_ms: int = 0
    #: since when its credential is worth nothing; None = it is good
    revoked_at_ms: int | None = None
    #: grows with each change
    revision: int = 1

    @cached_property
    def all_labels(self) -> Mapping[str, str]:
        """The labels that count."""
        return {**self.labels, **self.set_labels}

    def facts(self) -> dict[str, object]:
        """Return what an audit entry compares."""
        return {
            "hostname": self.hostname,
            "version": self.version,
            "os": self.os,
            "address": self.address,
            "labels": dict(self.labels),
            "set_labels": dict(self.set_labels),
            "group_id": self.group_id,
            "group_name": self.group_name,
            "drain": self.drain,
            "revoked": self.revoked_at_ms is not None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """SHA-256 of what an agent proves itself with; the next one replaces the first when it is first used."""

    current: bytes | None
    next: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """One heartbeat, as far as the centre keeps it. Times are the agent's clock."""

    seq: int
    sent_at_ms: int
    started_at_ms: int
    version: str
    hostname: str
    labels: Mapping[str, str]
    health: AgentHealth
    #: {code, params} of each reason for not being well
    reasons: Sequence[Mapping[str, object]] = ()
    #: numbers of one moment by their names on the wire
    metrics: Mapping[str, float | None] = field(default_factory=dict[str, "float | None"])
    #: the last errors: {at, code, message, path}
    errors: Sequence[Mapping[str, object]] = ()
    #: state of the breaker of each store
    breakers: Mapping[str, str] = field(default_factory=dict[str, str])
    #: {epoch, last_seq, acked_seq}; None where it has no history to tell
    outbox: Mapping[str, object] | None = None
    config_hash: str | None = None
    config_version: int | None = None
    #: managed settings were changed on the host
    config_local: bool = False
    #: parts of a configuration that it takes beyond those that every agent does
    knows: Sequence[str] = ()

    def codes(self) -> frozenset[str]:
        """Return the codes of its reasons."""
        return frozenset(str(reason.get("code", "")) for reason in self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How an agent is, as the database keeps it. Times are the centre's clock where nothing else is said."""

    agent_id: AgentId
    tenant: str
    state: AgentState
    cause: Cause
    state_since_ms: int
    #: last heartbeat; None = never
    contact_at_ms: int | None = None
    #: since registration
    heartbeats: int = 0
    #: agent's clock ahead of ours
    skew_ms: int | None = None
    #: seconds until its next heartbeat that it was told last; 0 = not told
    told_wait_s: float = 0.0
    #: the last one; None = never. Its `sent_at_ms`, `version`, `hostname` and `labels` are not kept here
    beat: Beat | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What an enrolment token lets an agent in with."""

    token_id: str
    tenant: str
    labels: Mapping[str, str]
    group_id: GroupId | None
    created_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What an agent says of itself when it registers."""

    instance_id: str
    hostname: str
    version: str
    labels: Mapping[str, str]
    os: str
    address: str | None
    #: it called from
    ip: str
