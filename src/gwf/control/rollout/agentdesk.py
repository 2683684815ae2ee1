"""What an agent asks about its configuration, and what it reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from gwf.audit.model import Actor, ActorKind, AuditEntry, Resource
from gwf.control.config.model import Document, Fault, VersionId
from gwf.control.rollout.boards import Boards
from gwf.control.rollout.metrics import RolloutMetrics
from gwf.control.rollout.model import OPEN, REFUSED, AttemptId, AttemptPhase
from gwf.control.rollout.phases import after_report
from gwf.control.rollout.ports import AgentNow, ConfigStore, Fleet
from gwf.control.rollout.records import Attempt, PhaseChange
from gwf.control.rollout.secrets import ConfigSecrets
from gwf.control.rollout.teller import Teller
from gwf.control.rollout.told import refused_event
from gwf.core.clock import Clock
from gwf.core.errors import ConflictError, NotFoundError
from gwf.core.grouping import GroupedWrites

MAX_REASONS_KEPT = 50
MAX_BATCH = 200  #: reports in one transaction; more hold up heartbeats
PAUSE_S = 0.25  #: between two of them: a wave of thousands is told in fewer, larger ones; agents have the time


class NothingOfferedError(NotFoundError):
    """The agent runs what it should."""

    code = "nothing_offered"


class OtherHashError(ConflictError):
    """A report names another configuration than the one that was offered."""

    code = "other_hash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A configuration that an agent should take."""

    attempt: AttemptId
    hash: str
    versions: tuple[VersionId, ...]
    #: with references in the place of secrets; the hash names it
    document: Document
    #: what the references stand for, by id
    secrets: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an agent says became of an offer."""

    attempt: AttemptId
    hash: str
    phase: AttemptPhase
    reason: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class _Told:
    attempt: Attempt
    report: Report


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskParts:
    """What the desk works with."""

    store: ConfigStore
    boards: Boards
    fleet: Fleet
    secrets: ConfigSecrets
    teller: Teller
    metrics: RolloutMetrics
    clock: Clock


class AgentDesk:
    """Answers agents from memory, and writes down their reports: many in one transaction when many come at once."""

    def __init__(self, parts: DeskParts) -> None:
        """Begin with nothing waiting."""
        self._parts = parts
        self._reports = GroupedWrites(self._commit, most=MAX_BATCH, name="config-reports", pause_s=PAUSE_S)

    def desired(
        self, tenant: str, agent: str, running: str | None, *, local: bool = False
    ) -> tuple[str, AttemptId] | None:
        """Return hash and attempt of what an agent should run instead of `running`; None = nothing else.

        `local` says that managed settings were changed on the host: then it may be offered what it runs already.
        From memory: it may be asked with every heartbeat.
        """
        now = self._parts.fleet.find(tenant, agent)
        attempt = None if now is None else self._parts.boards.of(tenant).offer(now)
        return None if attempt is None or (attempt.hash == running and not local) else (attempt.hash, attempt.id)

    async def offered(self, tenant: str, agent: str) -> Offered:
        """Return the configuration that an agent should take now.

        Raises:
            NothingOfferedError: It should go on with what it runs.
            SecretsUnavailableError: A secret in it cannot be read by this server.
        """
        now = self._known(tenant, agent)
        board = self._parts.boards.of(tenant)
        attempt = board.offer(now)
        if attempt is None:
            raise NothingOfferedError("no other configuration is offered to this agent")
        target = board.target(now)
        return Offered(
            attempt=attempt.id,
            hash=target.hash,
            versions=target.versions,
            document=target.document,
            secrets=await self._parts.secrets.of(tenant, target.document),
        )

    async def report(self, tenant: str, agent: str, report: Report) -> bool:
        """Write down what became of an offer; tell whether this configuration is still wanted there.

        The same report may come again. One that is older than what is known changes nothing.

        Raises:
            NotFoundError: This attempt is none of this agent's.
            OtherHashError: The attempt was for another configuration.
            UnavailableError: The database did not answer; reporting again is safe.
        """
        attempt = await self._attempt(tenant, agent, report.attempt)
        if attempt.hash != report.hash:
            raise OtherHashError("the attempt was for another configuration", offered=attempt.hash)
        if after_report(attempt.phase, report.phase) is not None:
            await self._reports.put(_Told(attempt, report))
        board = self._parts.boards.of(tenant)
        return board.target(self._known(tenant, agent)).hash == report.hash

    async def close(self) -> None:
        """Wait until every report that was taken is written."""
        await self._reports.close()

    def _known(self, tenant: str, agent: str) -> AgentNow:
        now = self._parts.fleet.find(tenant, agent)
        if now is None:
            raise NotFoundError("no such agent", agent_id=agent)
        return now

    async def _attempt(self, tenant: str, agent: str, attempt_id: AttemptId) -> Attempt:
        newest = self._parts.boards.of(tenant).newest.get(agent)
        if newest is not None and newest.id == attempt_id:
            return newest
        async with self._parts.store.view() as reads:
            attempt = await reads.attempt(tenant, attempt_id)
        if attempt.agent != agent:
            raise NotFoundError("no such attempt", attempt_id=attempt_id)
        return attempt

    async def _commit(self, batch: Sequence[_Told]) -> None:
        now_ms = self._parts.clock.now_ms()
        newest: dict[AttemptId, Attempt] = {}
        for item in batch:
            attempt = newest.get(item.attempt.id, item.attempt)
            phase = after_report(attempt.phase, item.report.phase)
            if phase is not None:
                reason = item.report.reason[:MAX_REASONS_KEPT]
                newest[attempt.id] = replace(attempt, phase=phase, changed_at_ms=now_ms, reason=reason)
        async with self._parts.store.change() as change:
            await change.put_phases(
                [PhaseChange(id=one.id, phase=one.phase, at_ms=now_ms, reason=one.reason) for one in newest.values()]
            )
            for attempt in newest.values():
                if attempt.phase not in OPEN:
                    change.record(_entry(attempt, now_ms))
        for attempt in newest.values():
            self._parts.metrics.reported(attempt.phase)
        await self._parts.boards.take(list(newest.values()))
        await self._parts.teller.tell(refused_event(one, now_ms) for one in newest.values() if one.phase in REFUSED)


def _entry(attempt: Attempt, now_ms: int) -> AuditEntry:
    return AuditEntry(
        tenant=attempt.tenant,
        actor=Actor(kind=ActorKind.AGENT, id=attempt.agent),
        action=f"config.{attempt.phase.value}",
        resource=Resource(kind="agent", id=attempt.agent),
        at_ms=now_ms,
        detail={
            "hash": attempt.hash,
            "rollout": attempt.rollout,
            "attempt": attempt.id,
            "reason": [{"pointer": fault.pointer, "message": fault.message} for fault in attempt.reason],
        },
    )
