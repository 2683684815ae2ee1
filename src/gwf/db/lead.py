"""Gives the lead over some work to one of several processes that share a PostgreSQL: a row with an end."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from gwf.core.clock import Clock
from gwf.db.half import CoreHalf
from gwf.db.tables.work import leases

LEASE_S = 10.0  #: after a process died another one takes over so late
RENEW_S = 4.0


class SoleLead:
    """The lead of a process that has its database for itself."""

    async def is_mine(self) -> bool:
        """Return True."""
        return True

    async def release(self) -> None:
        """Do nothing: nobody waits for it."""


class SharedLead:
    """The lead among processes that share a PostgreSQL. Time is the database's, so that their clocks do not matter."""

    def __init__(self, core: CoreHalf, *, name: str, owner: str, clock: Clock) -> None:
        """Ask for the lead `name` on behalf of `owner`, which no other process is called."""
        self._core = core
        self._name = name
        self._owner = owner
        self._clock = clock
        self._asked_s: float | None = None

    async def is_mine(self) -> bool:
        """Take the lead if it is free, keep it if it is ours; tell whether it is ours for the next seconds.

        Raises:
            UnavailableError: The database did not answer: then it must be taken as lost.
        """
        began_s = self._clock.monotonic_s()
        if self._asked_s is not None and began_s - self._asked_s < RENEW_S:
            return True
        self._asked_s = None
        now_ms = sa.cast(sa.func.extract("epoch", sa.func.clock_timestamp()) * 1000, sa.BigInteger())
        until_ms = now_ms + int(LEASE_S * 1000)
        taken = insert(leases).values(name=self._name, owner=self._owner, fence=1, expires_at_ms=until_ms)
        taken = taken.on_conflict_do_update(
            index_elements=[leases.c.name],
            set_={
                "owner": self._owner,
                "fence": leases.c.fence + sa.case((leases.c.owner == self._owner, 0), else_=1),
                "expires_at_ms": until_ms,
            },
            where=sa.or_(leases.c.owner == self._owner, leases.c.expires_at_ms < now_ms),
        )
        async with self._core.change() as change:
            mine = await change.connection.scalar(taken.returning(leases.c.owner)) is not None
        self._asked_s = began_s if mine else None
        return mine

    async def release(self) -> None:
        """Give the lead back if it is ours."""
        self._asked_s = None
        mine = sa.and_(leases.c.name == self._name, leases.c.owner == self._owner)
        async with self._core.change() as change:
            await change.connection.execute(sa.update(leases).where(mine).values(expires_at_ms=0))
