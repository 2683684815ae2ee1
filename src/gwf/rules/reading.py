"""Rules as they are looked at and tried: what there is, what it says, what an event would come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gwf.core.errors import InputError, NotFoundError
from gwf.rules.book import RuleBook
from gwf.rules.current import Current, current_of
from gwf.rules.decision import RuleVersion
from gwf.rules.facts import Facts
from gwf.rules.model import Document, Rule
from gwf.rules.order import reordered
from gwf.rules.parse import read_rule
from gwf.rules.ports import RuleReads, RuleStore
from gwf.rules.record import RuleHead, StoredRule
from gwf.rules.ruleset import Explanation, RuleSet

RuleNow = Current[RuleHead, StoredRule]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What an event would come to under the rules in force, and with one rule as it is being written."""

    before: Explanation
    after: Explanation
    #: the rule that is being tried, by its id in `after`
    tried: RuleVersion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reordering:
    """What becomes of the rules in force when they are asked in another order."""

    #: that was in force
    set_no: int
    #: of the rules that get another one, by id
    priorities: Mapping[str, int]
    before: RuleSet
    after: RuleSet


class RuleReader:
    """Rules of all tenants. Used in one event loop."""

    def __init__(self, store: RuleStore, book: RuleBook) -> None:
        """Keep the parts."""
        self._store = store
        self._book = book

    async def rules(self, tenant: str) -> Sequence[RuleNow]:
        """Return all rules in the order in which they are asked; those that are not in force stand where they would."""
        async with self._store.view() as reads:
            heads = await reads.heads(tenant)
            found = await current_of(reads, tenant, heads)
        return sorted(found, key=lambda one: (-one.shown.priority, one.head.rule_id))

    async def rule(self, tenant: str, rule_id: str) -> RuleNow:
        """Return a rule.

        Raises:
            NotFoundError: There is none.
        """
        async with self._store.view() as reads:
            return (await current_of(reads, tenant, [await reads.head(tenant, rule_id)]))[0]

    async def heads(self, tenant: str) -> Sequence[RuleHead]:
        """Return what all rules are called, and which versions they have."""
        async with self._store.view() as reads:
            return await reads.heads(tenant)

    async def version(self, tenant: str, ref: RuleVersion) -> StoredRule:
        """Return a version.

        Raises:
            NotFoundError: There is none.
        """
        async with self._store.view() as reads:
            return await version_in(reads, tenant, ref)

    async def documents(self, tenant: str, refs: Sequence[RuleVersion]) -> dict[RuleVersion, Document]:
        """Return what those of some versions say that there are."""
        async with self._store.view() as reads:
            return {one.ref: one.document for one in await reads.versions_of(tenant, refs)}

    async def history(self, tenant: str, rule_id: str, *, before: int | None, limit: int) -> Sequence[StoredRule]:
        """Return versions of a rule, newest first.

        Raises:
            NotFoundError: There is no such rule.
        """
        async with self._store.view() as reads:
            await reads.head(tenant, rule_id)
            return await reads.history(tenant, rule_id, before=before, limit=limit)

    async def tried(self, tenant: str, facts: Facts, *, rule_id: str | None, document: Document | None) -> Trial:
        """Decide about an event without doing anything: as it is now, and with a rule as it is being written.

        Args:
            tenant: Whose rules.
            facts: The event.
            rule_id: The rule that is tried; None = a new one.
            document: What it says; None = its draft.

        Raises:
            NotFoundError: There is no such rule.
            FaultyRuleError: The document is wrong.
        """
        live = self._book.of(tenant).rules
        tried = await self._tried(tenant, rule_id, document)
        after = live if tried is None else RuleSet([*_without(live.rules, rule_id), tried])
        return Trial(before=live.explain(facts), after=after.explain(facts), tried=None if tried is None else tried.ref)

    async def set_with(self, tenant: str, *, rule_id: str | None, document: Document | None) -> RuleSet:
        """Return the rules in force with one of them as it is being written; raises as `tried`."""
        live = self._book.of(tenant).rules
        tried = await self._tried(tenant, rule_id, document)
        return live if tried is None else RuleSet([*_without(live.rules, rule_id), tried])

    def put_in_order(self, tenant: str, wanted: Sequence[str]) -> Reordering:
        """Return what becomes of the rules in force when they are asked in another order.

        Raises:
            InputError: Other rules are in force than those.
        """
        live = self._book.of(tenant)
        now = {rule.ref.rule_id: rule for rule in live.rules.rules}
        if sorted(now) != sorted(wanted):
            unknown, missing = sorted(set(wanted) - now.keys()), sorted(now.keys() - set(wanted))
            told = "name each rule that is in force once: load them anew"
            raise InputError(told, field="rule_ids", unknown=unknown, missing=missing)
        priorities = reordered({rule_id: rule.priority for rule_id, rule in now.items()}, wanted)
        after = [replace(rule, priority=priorities.get(rule_id, rule.priority)) for rule_id, rule in now.items()]
        kept = [new if new.priority != now[new.ref.rule_id].priority else now[new.ref.rule_id] for new in after]
        return Reordering(set_no=live.number, priorities=priorities, before=live.rules, after=RuleSet(kept))

    async def _tried(self, tenant: str, rule_id: str | None, document: Document | None) -> Rule | None:
        if rule_id is None:
            return None if document is None else read_rule(document)
        now = await self.rule(tenant, rule_id)
        return read_rule(now.shown.document if document is None else document, now.shown.ref)


async def version_in(reads: RuleReads, tenant: str, ref: RuleVersion) -> StoredRule:
    """Return a version, or raise NotFoundError."""
    found = await reads.versions_of(tenant, [ref])
    if not found:
        raise NotFoundError("the rule has no such version", rule_id=ref.rule_id, version=ref.version)
    return found[0]


def _without(rules: Sequence[Rule], rule_id: str | None) -> list[Rule]:
    return [rule for rule in rules if rule.ref.rule_id != rule_id]
