"""Lets agents in: an enrolment token becomes a credential of their own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gwf.audit.changes import field_changes
from gwf.audit.model import Actor, ActorKind, AuditEntry, Resource
from gwf.control.fleet.credentials import hash_of, new_agent_id, new_credential
from gwf.control.fleet.errors import EnrolmentRefusedError
from gwf.control.fleet.model import Admission, Agent, Application, Credentials
from gwf.control.fleet.ports import AgentRow, FleetChange, FleetStore
from gwf.control.fleet.roster import Live, Roster
from gwf.core.clock import Clock
from gwf.core.errors import GwfError, UnavailableError

log = logging.getLogger(__name__)


AT_ONCE = 100  #: registrations in one transaction, when so many come together


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """An agent that was let in, and its credential, which is told once."""

    live: Live
    credential: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    token_hash: bytes
    application: Application
    request_id: str
    credential: str
    done: asyncio.Future[Live]


class Enrolment:
    """The use case behind POST /api/v1/agents/register. A whole fleet that comes at once shares few transactions."""

    def __init__(self, store: FleetStore, roster: Roster, clock: Clock) -> None:
        """Take the parts."""
        self._store = store
        self._roster = roster
        self._clock = clock
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    async def register(self, token: str, application: Application, *, request_id: str) -> Enrolled:
        """Let an agent in, or give one that is known a new credential; its old one ends when the new one is used.

        An installation that registers again counts as no further use of the token.

        Raises:
            EnrolmentRefusedError: The token is good for nothing, or does not let this agent in.
            ConflictError: The same installation registers elsewhere at this moment; registering again is safe.
            UnavailableError: The database did not answer; registering again is safe.
        """
        waiting = _Waiting(
            token_hash=hash_of(token),
            application=application,
            request_id=request_id,
            credential=new_credential(),
            done=asyncio.get_running_loop().create_future(),
        )
        self._waiting.append(waiting)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all(), name="fleet-enrolment")
        return Enrolled(live=await waiting.done, credential=waiting.credential)

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
            try:
                await self._write(batch)
            except GwfError as exc:
                await self._write_singly(batch, exc)
            finally:
                for waiting in batch:
                    _fail(waiting, UnavailableError("the registration was interrupted"))

    async def _write_singly(self, batch: Sequence[_Waiting], error: GwfError) -> None:
        """Keep the fault of one from the others."""
        for waiting in batch:
            if len(batch) > 1 and not isinstance(error, UnavailableError):
                try:
                    await self._write([waiting])
                except GwfError as exc:
                    _fail(waiting, exc)
            else:
                _fail(waiting, error)

    async def _write(self, batch: Sequence[_Waiting]) -> None:
        rows: list[tuple[_Waiting, AgentRow]] = []
        refused: list[tuple[_Waiting, EnrolmentRefusedError]] = []
        async with self._store.change() as change:
            for waiting in batch:
                try:
                    rows.append((waiting, await self._let_in(change, waiting)))
                except EnrolmentRefusedError as exc:  # before anything of it was written
                    refused.append((waiting, exc))
        for waiting, row in rows:
            live = self._roster.take_row(row)
            log.info("agent_registered", extra={"agent_id": row.agent.agent_id, "request_id": waiting.request_id})
            if not waiting.done.done():
                waiting.done.set_result(live)
        for waiting, error in refused:
            _fail(waiting, error)

    async def _let_in(self, change: FleetChange, waiting: _Waiting) -> AgentRow:
        now_ms, application = self._clock.now_ms(), waiting.application
        admission = await change.find_enrolment_token(waiting.token_hash, now_ms=now_ms)
        if admission is None:
            raise EnrolmentRefusedError("the enrolment token is unknown, expired or revoked")
        known = await change.by_instance(admission.tenant, application.instance_id)
        await _admit(change, admission, known)
        agent = _agent(known, application, admission, now_ms=now_ms)
        credentials = _credentials(known, hash_of(waiting.credential))
        await change.put_agent(agent, credentials)
        change.record(_entry(agent, known, admission, request_id=waiting.request_id))
        return AgentRow(agent=agent, credentials=credentials, status=None)


def _fail(waiting: _Waiting, error: GwfError) -> None:
    if not waiting.done.done():
        waiting.done.set_exception(error)


async def _admit(change: FleetChange, admission: Admission, known: AgentRow | None) -> None:
    revoked_at_ms = None if known is None else known.agent.revoked_at_ms
    if known is not None and revoked_at_ms is None:
        return
    if revoked_at_ms is not None and admission.created_at_ms <= revoked_at_ms:
        raise EnrolmentRefusedError("the agent was revoked; only a token made after that lets it in again")
    if not await change.count_enrolment(admission.token_id):
        raise EnrolmentRefusedError("the enrolment token is used up", token_id=admission.token_id)


def _agent(known: AgentRow | None, application: Application, admission: Admission, *, now_ms: int) -> Agent:
    told = Agent(
        agent_id=new_agent_id(),
        tenant=admission.tenant,
        instance_id=application.instance_id,
        hostname=application.hostname,
        version=application.version,
        os=application.os,
        address=application.address,
        ip=application.ip,
        labels=application.labels,
        set_labels=admission.labels,
        group_id=admission.group_id,
        registered_at_ms=now_ms,
        updated_at_ms=now_ms,
    )
    if known is None:
        return told
    before = known.agent
    return replace(
        told,
        agent_id=before.agent_id,
        set_labels=before.set_labels,
        group_id=before.group_id,
        drain=before.drain,
        registered_at_ms=before.registered_at_ms,
        revision=before.revision + 1,
    )


def _credentials(known: AgentRow | None, fresh: bytes) -> Credentials:
    if known is None or known.agent.revoked_at_ms is not None:
        return Credentials(current=fresh)
    return Credentials(current=known.credentials.current, next=fresh)


def _entry(agent: Agent, known: AgentRow | None, admission: Admission, *, request_id: str) -> AuditEntry:
    return AuditEntry(
        tenant=agent.tenant,
        actor=Actor(kind=ActorKind.AGENT, id=agent.agent_id, address=agent.ip),
        action="agent.register",
        resource=Resource(kind="agent", id=agent.agent_id),
        at_ms=agent.updated_at_ms,
        request_id=request_id,
        changes=field_changes(None if known is None else known.agent.facts(), agent.facts()),
        detail={"enrolment": admission.token_id, "again": known is not None},
    )
