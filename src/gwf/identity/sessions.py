"""What may be done with sessions: look at those of a person, end one or all."""

from __future__ import annotations

from collections.abc import Sequence

from gwf.core.clock import Clock
from gwf.core.errors import NotFoundError
from gwf.identity.logins import SessionRules
from gwf.identity.model import Session, SessionId, UserId
from gwf.identity.ports import IdentityStore
from gwf.identity.record import By, entry, of_user
from gwf.identity.validity import session_counts


class Sessions:
    """The sessions of each person."""

    def __init__(self, store: IdentityStore, rules: SessionRules, clock: Clock) -> None:
        """Keep the parts; by `rules` a session is over."""
        self._store = store
        self._rules = rules
        self._clock = clock

    async def of(self, tenant: str, user_id: UserId) -> Sequence[Session]:
        """Return the sessions of a person that let somebody in, newest first.

        Raises:
            NotFoundError: The tenant has no such person.
        """
        now_ms = self._clock.now_ms()
        async with self._store.view() as reads:
            if await reads.find_user(tenant, user_id) is None:
                raise NotFoundError("no user has this id", user=user_id)
            found = await reads.sessions(tenant, user_id)
        return [one for one in found if session_counts(one, idle_ms=self._rules.idle_ms, now_ms=now_ms)]

    async def end(self, user_id: UserId, session_id: SessionId, by: By) -> None:
        """End one session of a person.

        Raises:
            NotFoundError: The person has no such session.
        """
        async with self._store.change() as change:
            found = [item for item in await change.sessions(by.tenant, user_id) if item.id == session_id]
            if not found or not await change.end_session(found[0].hash):
                raise NotFoundError("no session has this id", session=session_id)
            change.record(entry(by, "session.end", of_user(user_id), at_ms=self._clock.now_ms()))

    async def end_all(self, user_id: UserId, by: By, *, but: bytes = b"") -> int:
        """End all sessions of a person but the one whose secret has the hash `but`; return how many there were.

        Raises:
            NotFoundError: The tenant has no such person.
        """
        async with self._store.change() as change:
            if await change.find_user(by.tenant, user_id) is None:
                raise NotFoundError("no user has this id", user=user_id)
            ended = await change.end_sessions(by.tenant, user_id, but=but)
            if ended:
                change.record(entry(by, "session.end", of_user(user_id), at_ms=self._clock.now_ms()))
        return ended
