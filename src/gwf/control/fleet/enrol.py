"""Lets agents in: an enrolment token becomes a credential of their own."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from gwf.audit.changes import field_changes
from gwf.audit.model import Actor, ActorKind, AuditEntry, Resource
from gwf.control.fleet.credentials import hash_of, new_agent_id, new_credential
from gwf.control.fleet.errors import EnrolmentRefusedError
from gwf.control.fleet.model import Admission, Agent, Application, Credentials
from gwf.control.fleet.ports import AgentRow, FleetChange, FleetStore
from gwf.control.fleet.roster import Live, Roster
from gwf.core.clock import Clock

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """An agent that was let in, and its credential, which is told once."""

    live: Live
    credential: str


class Enrolment:
    """The use case behind POST /api/v1/agents/register."""

    def __init__(self, store: FleetStore, roster: Roster, clock: Clock) -> None:
        """Take the parts."""
        self._store = store
        self._roster = roster
        self._clock = clock

    async def register(self, token: str, application: Application, *, request_id: str) -> Enrolled:
        """Let an agent in, or give one that is known a new credential; its old one ends when the new one is used.

        An installation that registers again counts as one use of the token.

        Raises:
            EnrolmentRefusedError: The token is good for nothing, or does not let this agent in.
            UnavailableError: The database did not answer; registering again is safe.
        """
        credential = new_credential()
        now_ms = self._clock.now_ms()
        async with self._store.change() as change:
            admission = await change.find_enrolment_token(hash_of(token), now_ms=now_ms)
            if admission is None:
                raise EnrolmentRefusedError("the enrolment token is unknown, expired or revoked")
            known = await change.by_instance(admission.tenant, application.instance_id)
            await _let_in(change, admission, known)
            agent = _agent(known, application, admission, now_ms=now_ms)
            credentials = _credentials(known, hash_of(credential))
            await change.put_agent(agent, credentials)
            change.record(_entry(agent, known, admission, request_id=request_id))
        live = self._roster.take_row(AgentRow(agent=agent, credentials=credentials, status=None))
        log.info("agent_registered", extra={"agent_id": agent.agent_id, "again": known is not None})
        return Enrolled(live=live, credential=credential)


async def _let_in(change: FleetChange, admission: Admission, known: AgentRow | None) -> None:
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
