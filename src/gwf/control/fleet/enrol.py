"""Lets agents in: an enrolment token becomes a credential of their own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """Somebody with a good token."""

    waiting: _Waiting
    admission: Admission
    #: None = the installation is new
    known: AgentRow | None

    @property
    def revoked_at_ms(self) -> int:
        """When it was revoked; 0 = it is not."""
        return 0 if self.known is None else self.known.agent.revoked_at_ms or 0

    @property
    def is_revoked(self) -> bool:
        """Tell whether a person took it out of the fleet."""
        return self.revoked_at_ms > 0


@dataclass(slots=True)
class _Sorted:
    """Who of a batch is let in and who is not."""

    let_in: list[_Case] = field(default_factory=list[_Case])
    refused: list[tuple[_Waiting, EnrolmentRefusedError]] = field(
        default_factory=list[tuple[_Waiting, EnrolmentRefusedError]]
    )


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
            batch = self._next_batch()
            try:
                await self._write(batch)
            except GwfError as exc:
                await self._write_singly(batch, exc)
            except Exception:  # the edge of a task that others wait for: these are told below
                log.exception("registrations_crashed")
            finally:
                for waiting in batch:
                    _fail(waiting, UnavailableError("the registration was interrupted"))

    def _next_batch(self) -> Sequence[_Waiting]:
        """Take the first that wait; of one installation only one, because the next builds on what it leaves."""
        batch: dict[str, _Waiting] = {}
        left: list[_Waiting] = []
        for waiting in self._waiting:
            if len(batch) < AT_ONCE and waiting.application.instance_id not in batch:
                batch[waiting.application.instance_id] = waiting
            else:
                left.append(waiting)
        self._waiting = left
        return tuple(batch.values())

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
        now_ms = self._clock.now_ms()
        async with self._store.change() as change:
            found = await _sort_out(change, batch, now_ms=now_ms)
            rows = [(case, _row(case, now_ms=now_ms)) for case in found.let_in]
            await change.add_agents([(row.agent, row.credentials) for case, row in rows if case.known is None])
            for case, row in rows:
                if case.known is not None:
                    await change.put_agent(row.agent, row.credentials)
                change.record(_entry(row.agent, case))
        for case, row in rows:
            live = self._roster.take_row(row)
            request_id = case.waiting.request_id
            log.info("agent_registered", extra={"agent_id": row.agent.agent_id, "request_id": request_id})
            if not case.waiting.done.done():
                case.waiting.done.set_result(live)
        for waiting, error in found.refused:
            _fail(waiting, error)


def _fail(waiting: _Waiting, error: GwfError) -> None:
    if not waiting.done.done():
        waiting.done.set_exception(error)


async def _sort_out(change: FleetChange, batch: Sequence[_Waiting], *, now_ms: int) -> _Sorted:
    """Decide who of a batch is let in; the uses of tokens are counted."""
    hashes = sorted({waiting.token_hash for waiting in batch})
    tokens = {one: await change.find_enrolment_token(one, now_ms=now_ms) for one in hashes}
    found = _Sorted()
    fresh: dict[str, list[_Case]] = {}  # by id of the token
    for case in await _cases(change, batch, tokens):
        if case.is_revoked and case.admission.created_at_ms <= case.revoked_at_ms:
            text = "the agent was revoked; only a token made after that lets it in again"
            found.refused.append((case.waiting, EnrolmentRefusedError(text)))
        elif case.known is None or case.is_revoked:
            fresh.setdefault(case.admission.token_id, []).append(case)
        else:
            found.let_in.append(case)
    for token_id, cases in sorted(fresh.items()):
        granted = await change.count_enrolments(token_id, len(cases))
        found.let_in += cases[:granted]
        used_up = EnrolmentRefusedError("the enrolment token is used up", token_id=token_id)
        found.refused += [(case.waiting, used_up) for case in cases[granted:]]
    unknown = EnrolmentRefusedError("the enrolment token is unknown, expired or revoked")
    found.refused += [(waiting, unknown) for waiting in batch if tokens[waiting.token_hash] is None]
    return found


async def _cases(
    change: FleetChange, batch: Sequence[_Waiting], tokens: Mapping[bytes, Admission | None]
) -> Sequence[_Case]:
    """Return those with a good token, each with what is known of its installation."""
    by_tenant: dict[str, list[tuple[_Waiting, Admission]]] = {}
    for waiting in batch:
        admission = tokens[waiting.token_hash]
        if admission is not None:
            by_tenant.setdefault(admission.tenant, []).append((waiting, admission))
    cases: list[_Case] = []
    for tenant, mine in by_tenant.items():
        rows = await change.by_instances(tenant, [waiting.application.instance_id for waiting, _ in mine])
        known = {row.agent.instance_id: row for row in rows}
        cases += [
            _Case(waiting=waiting, admission=admission, known=known.get(waiting.application.instance_id))
            for waiting, admission in mine
        ]
    return cases


def _row(case: _Case, *, now_ms: int) -> AgentRow:
    known, fresh = case.known, hash_of(case.waiting.credential)
    if known is None or case.is_revoked:
        credentials = Credentials(current=fresh)
    else:
        credentials = Credentials(current=known.credentials.current, next=fresh)
    return AgentRow(agent=_agent(case, now_ms=now_ms), credentials=credentials, status=None)


def _agent(case: _Case, *, now_ms: int) -> Agent:
    application, admission = case.waiting.application, case.admission
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
    if case.known is None:
        return told
    before = case.known.agent
    return replace(
        told,
        agent_id=before.agent_id,
        set_labels=before.set_labels,
        group_id=before.group_id,
        drain=before.drain,
        registered_at_ms=before.registered_at_ms,
        revision=before.revision + 1,
    )


def _entry(agent: Agent, case: _Case) -> AuditEntry:
    known = case.known
    return AuditEntry(
        tenant=agent.tenant,
        actor=Actor(kind=ActorKind.AGENT, id=agent.agent_id, address=agent.ip),
        action="agent.register",
        resource=Resource(kind="agent", id=agent.agent_id),
        at_ms=agent.updated_at_ms,
        request_id=case.waiting.request_id,
        changes=field_changes(None if known is None else known.agent.facts(), agent.facts()),
        detail={"enrolment": case.admission.token_id, "again": known is not None},
    )
