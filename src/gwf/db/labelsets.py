"""Gives each distinct set of labels a number, once for all, and finds sets by what is in them."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.core.clock import Clock, SystemClock
from gwf.db.bulk import Target, insert_new
from gwf.db.half import Half
from gwf.db.tables.columns import json_text
from gwf.db.tables.labels import label_sets

log = logging.getLogger("gwf.db")

Labels = Mapping[str, str]
MAX_SETS = 100_000  #: of one tenant: labels are for what many rows share, not for names of files
TOO_MANY: Labels = {"gwf.labels": "too_many"}  #: stands for every further set of a tenant that has MAX_SETS
_SETS = Target(label_sets, ("digest", "tenant_id", "labels", "created_at_ms"))
_OVERLAP = 1_000  #: numbers below the newest that are read again: a transaction may end after one that began later


class LabelSets:
    """The label sets of all tenants; what was seen once is answered from memory."""

    def __init__(self, events: Half, *, clock: Clock | None = None, max_sets: int = MAX_SETS) -> None:
        """Begin with nothing known."""
        self._events = events
        self._clock = clock or SystemClock()
        self._max_sets = max_sets
        self._ids: dict[tuple[str, frozenset[tuple[str, str]]], int] = {}
        self._sets: dict[str, dict[int, Labels]] = {}
        self._lock = asyncio.Lock()
        #: sets that were replaced by TOO_MANY since the start
        self.replaced = 0

    async def number(self, tenant: str, labels: Labels) -> int:
        """Return the number of a set, giving it one if it is new. Ask before a change of events begins.

        Raises:
            UnavailableError: The database did not answer.
        """
        known = self._ids.get((tenant, frozenset(labels.items())))
        if known is not None:
            return known
        async with self._lock:
            await self._read(tenant)
            if (known := self._ids.get((tenant, frozenset(labels.items())))) is not None:
                return known
            if len(self._sets[tenant]) < self._max_sets or labels == TOO_MANY:
                return await self._add(tenant, labels)
        self.replaced += 1
        log.warning("label_set_replaced", extra={"tenant": tenant, "labels": dict(labels), "limit": self._max_sets})
        return await self.number(tenant, TOO_MANY)

    async def labels(self, tenant: str, numbers: Iterable[int]) -> dict[int, Labels]:
        """Return the sets with these numbers; one that is not the tenant's has no labels.

        Raises:
            UnavailableError: The database did not answer.
        """
        wanted = set(numbers)
        if not wanted <= self._sets.get(tenant, {}).keys():
            async with self._lock:
                await self._read(tenant)
        mine = self._sets.get(tenant, {})
        return {number: mine.get(number, {}) for number in wanted}

    async def matching(self, tenant: str, wanted: Callable[[Labels], bool]) -> Sequence[int]:
        """Return the numbers of all sets of a tenant that are wanted, the lowest first.

        Raises:
            UnavailableError: The database did not answer.
        """
        async with self._lock:
            await self._read(tenant)
        return sorted(number for number, labels in self._sets[tenant].items() if wanted(labels))

    async def _read(self, tenant: str) -> None:
        """Learn the sets that other processes added."""
        mine = self._sets.setdefault(tenant, {})
        async with self._events.view() as connection:
            for number, labels in await _sets_above(connection, tenant, max(mine, default=0) - _OVERLAP):
                self._keep(tenant, number, labels)

    async def _add(self, tenant: str, labels: Labels) -> int:
        digest = _digest(tenant, labels)
        values = (digest, tenant, json_text(dict(labels)), self._clock.now_ms())
        async with self._events.change() as change:
            await insert_new(change, _SETS, [values])
            wanted = sa.select(label_sets.c.label_set_id).where(label_sets.c.digest == digest)
            number: int = (await change.connection.scalars(wanted)).one()
        self._keep(tenant, number, dict(labels))
        return number

    def _keep(self, tenant: str, number: int, labels: Labels) -> None:
        self._sets[tenant][number] = labels
        self._ids[tenant, frozenset(labels.items())] = number


async def _sets_above(connection: AsyncConnection, tenant: str, number: int) -> Sequence[tuple[int, Labels]]:
    wanted = sa.select(label_sets.c.label_set_id, label_sets.c.labels)
    rows = await connection.execute(wanted.where(label_sets.c.tenant_id == tenant, label_sets.c.label_set_id > number))
    return [(row.label_set_id, row.labels) for row in rows]


def _digest(tenant: str, labels: Labels) -> bytes:
    return hashlib.blake2b(json_text([tenant, dict(labels)]).encode(), digest_size=16).digest()
