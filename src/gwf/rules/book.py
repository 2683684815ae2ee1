"""The rules in force, ready to decide; kept up with what this and other servers publish."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from gwf.rules.faults import FaultyRuleError
from gwf.rules.model import Rule
from gwf.rules.ports import RuleReads, RuleStore
from gwf.rules.record import StoredRule, StoredSet
from gwf.rules.ruleset import RuleSet

MAX_OLD_SETS = 20  #: that are kept ready for decisions made earlier

log = logging.getLogger("gwf.rules")


class ReadySet:
    """A set of a tenant with its number."""

    def __init__(self, number: int, rules: RuleSet) -> None:
        """Keep both; 0 = the tenant never published a rule."""
        self.number = number
        self.rules = rules


NOTHING = ReadySet(0, RuleSet(()))


class RuleBook:
    """Used in one event loop."""

    def __init__(self, store: RuleStore) -> None:
        """Know nothing before `refresh`."""
        self._store = store
        self._now: dict[str, ReadySet] = {}
        self._old: dict[tuple[str, int], ReadySet] = {}
        #: versions in force that this release cannot read: they decide nothing
        self.unreadable = 0

    def of(self, tenant: str) -> ReadySet:
        """Return the rules in force, as far as they are known here."""
        return self._now.get(tenant, NOTHING)

    def tenants(self) -> Iterable[str]:
        """Return the tenants that have published rules."""
        return tuple(self._now)

    async def refresh(self) -> bool:
        """Learn what was published; tell whether that was anything.

        Raises:
            UnavailableError: The database did not answer.
        """
        async with self._store.view() as reads:
            fresh = [found for found in await reads.newest_sets() if self.of(found.tenant).number != found.number]
            made = {found.tenant: await self._made(reads, found) for found in fresh}
        self._now |= made
        return bool(made)

    async def numbered(self, tenant: str, number: int) -> ReadySet:
        """Return the rules that were in force under a number.

        Raises:
            NotFoundError: There is no such set.
            UnavailableError: The database did not answer.
        """
        if number == 0:
            return NOTHING
        if (now := self.of(tenant)).number == number:
            return now
        known = self._old.get((tenant, number))
        if known is None:
            async with self._store.view() as reads:
                known = await self._made(reads, await reads.set_numbered(tenant, number))
            while len(self._old) >= MAX_OLD_SETS:
                del self._old[next(iter(self._old))]
            self._old[tenant, number] = known
        return known

    async def _made(self, reads: RuleReads, found: StoredSet) -> ReadySet:
        stored = await reads.versions_of(found.tenant, found.members)
        return ReadySet(found.number, RuleSet(self._readable(stored)))

    def _readable(self, stored: Iterable[StoredRule]) -> list[Rule]:
        rules: list[Rule] = []
        for one in stored:
            try:
                rules.append(one.read())
            except FaultyRuleError as exc:
                self.unreadable += 1
                log.error(
                    "rule_unreadable",
                    extra={"rule_id": one.ref.rule_id, "version": one.ref.version, "error": str(exc.faults[0].message)},
                )
        return rules
