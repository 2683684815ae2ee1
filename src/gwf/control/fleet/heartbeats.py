"""Takes heartbeats and answers them from memory; the database is asked only for credentials never seen before."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass

from gwf.control.fleet.credentials import hash_of
from gwf.control.fleet.errors import AgentRefusedError, CredentialRevokedError
from gwf.control.fleet.model import Beat, Credentials
from gwf.control.fleet.pace import advise
from gwf.control.fleet.ports import FleetStore, NoWishes, Offer, Wishes
from gwf.control.fleet.roster import Live, Roster
from gwf.control.fleet.state import AgentState
from gwf.core.errors import UnavailableError

KNOWN_STRANGERS = 10_000  #: credentials that are nobody's, remembered so that asking with them costs little
STRANGER_MS = 10_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an agent is told; times are the centre's."""

    now_ms: int
    heartbeat_s: float
    backoff_s: float | None
    state: AgentState
    drain: bool
    offer: Offer | None
    tasks: int
    asks: int
    acked_seq: int


class Heartbeats:
    """Recognises agents by their credentials and takes their heartbeats. Used in one event loop."""

    def __init__(self, roster: Roster, store: FleetStore, wishes: Wishes | None = None) -> None:
        """Take the parts; `wishes` may be set later, by whoever puts the areas together."""
        self._roster = roster
        self._store = store
        self.wishes: Wishes = wishes or NoWishes()
        self._strangers: OrderedDict[bytes, int] = OrderedDict()
        #: how late the event loop is; set by whoever measures it
        self.lag_s = 0.0
        #: heartbeats taken since the start
        self.taken_total = 0

    async def recognise(self, credential: str) -> Live:
        """Return whose credential this is; every call of an agent begins so.

        Raises:
            AgentRefusedError: It is nobody's.
            CredentialRevokedError: It was somebody's.
            UnavailableError: The database did not answer.
        """
        mark = hash_of(credential)
        live = self._roster.by_credential(mark) or await self._ask_database(mark)
        if live.agent.revoked_at_ms is not None:
            raise CredentialRevokedError("this agent was revoked", agent_id=live.agent.agent_id)
        if mark == live.credentials.next:
            await self._end_the_old_one(live, mark)
        return live

    def take(self, live: Live, beat: Beat) -> Answer:
        """Take a heartbeat and return what the agent is told; never waits."""
        self._roster.hear(live, beat)
        self.taken_total += 1
        advice = advise(live.membership.thresholds.heartbeat_s, lag_s=self.lag_s)
        live.told_wait_s = max(advice.heartbeat_s, advice.backoff_s or 0.0)
        agent_id = live.agent.agent_id
        return Answer(
            now_ms=self._roster.steady.wall_ms(self._roster.steady.now_ms()),
            heartbeat_s=advice.heartbeat_s,
            backoff_s=advice.backoff_s,
            state=live.verdict.state,
            drain=live.agent.drain,
            offer=self.wishes.offer(agent_id, beat),
            tasks=0 if live.agent.drain else self.wishes.tasks(agent_id),
            asks=self.wishes.asks(agent_id),
            acked_seq=self._acked_seq(live, beat),
        )

    async def _end_the_old_one(self, live: Live, mark: bytes) -> None:
        credentials = Credentials(current=mark)
        try:
            async with self._store.change() as change:
                await change.put_credentials(live.agent.agent_id, credentials)
        except UnavailableError as exc:  # both stay good until the next call
            log.warning("credential_not_replaced", extra={"agent_id": live.agent.agent_id, "error": str(exc)})
            return
        self._roster.take_agent(live.agent, credentials)

    def _acked_seq(self, live: Live, beat: Beat) -> int:
        if beat.outbox is None:
            return 0
        told, epoch = beat.outbox.get("acked_seq"), beat.outbox.get("epoch")
        stored = self.wishes.acked_seq(live.agent.agent_id, str(epoch))
        return stored if stored is not None else told if isinstance(told, int) else 0

    async def _ask_database(self, mark: bytes) -> Live:
        """Look for an agent that another process let in, or this one before it forgot."""
        now_ms = self._roster.steady.now_ms()
        if self._strangers.get(mark, 0) > now_ms:
            raise AgentRefusedError("no agent has this credential")
        async with self._store.view() as reads:
            row = await reads.by_credential(mark)
        if row is not None:
            return self._roster.take_row(row)
        self._strangers[mark] = now_ms + STRANGER_MS
        if len(self._strangers) > KNOWN_STRANGERS:
            self._strangers.popitem(last=False)
        raise AgentRefusedError("no agent has this credential")
