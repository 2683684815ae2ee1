"""Use cases of rules: write a draft, try it, publish it, go back to an old version, take it out of force."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gwf.audit.model import AuditEntry, Resource
from gwf.control.caller import Caller
from gwf.core.clock import Clock
from gwf.core.errors import ConflictError, InputError, NotFoundError
from gwf.rules.actioncheck import Check, action_faults, no_check
from gwf.rules.book import RuleBook
from gwf.rules.current import Current
from gwf.rules.decision import RuleVersion
from gwf.rules.faults import FaultyRuleError
from gwf.rules.model import Document, Mode
from gwf.rules.parse import read_rule
from gwf.rules.ports import RuleChange, RuleStore
from gwf.rules.reading import Reordering, RuleNow, RuleReader, version_in
from gwf.rules.record import RuleHead, StoredRule
from gwf.rules.ruleset import failed_tests
from gwf.rules.stage import Stage, in_mode, stage_of, staged
from gwf.rules.versioned import Deed, VersionState, entry

MAX_RULES = 2_000  #: of one tenant
MAX_HISTORY = 200  #: versions of one page


class RuleTestsError(ConflictError):
    """A rule fails test cases of its own and is not published."""

    code = "rule_tests_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """How a draft is put into force."""

    #: instead of what the draft says; None = as it says
    mode: Mode | None = None
    #: what the back-test told that was looked at beforehand; None = none was
    backtest: Mapping[str, object] | None = None


AS_WRITTEN = Publication()
_SWITCHES = {Stage.ACT: "rule.enable", Stage.OBSERVE: "rule.observe", Stage.OFF: "rule.disable"}


class RuleService(RuleReader):
    """Rules of all tenants. Used in one event loop."""

    def __init__(
        self, store: RuleStore, book: RuleBook, clock: Clock, *, new_id: Callable[[], str], check: Check = no_check
    ) -> None:
        """Keep the parts; `new_id` makes an id that no other server makes, `check` knows the actions."""
        super().__init__(store, book)
        self.check = check
        self._clock = clock
        self._new_id = new_id

    # -- changing ----------------------------------------------------------------------------------------

    async def create(self, tenant: str, document: Document, *, by: Caller) -> RuleNow:
        """Write the first draft of a rule.

        Raises:
            FaultyRuleError: The document is wrong; it has all faults.
            ConflictError: Another rule has its name.
            InputError: There are too many rules.
        """
        rule = read_rule(document)
        now_ms = self._clock.now_ms()
        rule_id = f"rul_{self._new_id()}"
        head = RuleHead(
            rule_id=rule_id, tenant=tenant, name=rule.name, draft=1, published=None, last_version=1,
            created_at_ms=now_ms, updated_at_ms=now_ms,
        )  # fmt: skip
        async with self._store.change() as change:
            if len(await change.heads(tenant)) >= MAX_RULES:
                raise InputError("there are too many rules", limit=MAX_RULES)
            draft = self._draft(head, document, by)
            await change.add_head(head)
            await change.put_version(draft)
            change.record(self._entry(None, head, deed=Deed(by, "rule.create"), documents=({}, document)))
        return Current(head=head, shown=draft, published=None)

    async def write(self, tenant: str, rule_id: str, document: Document, *, by: Caller) -> RuleNow:
        """Write the draft of a rule; without one, the next version begins.

        Raises:
            NotFoundError: There is no such rule.
            FaultyRuleError: The document is wrong; it has all faults.
            ConflictError: Another rule has its name, or somebody wrote since the revision that was named.
        """
        rule = read_rule(document)
        async with self._store.change() as change:
            head = await change.head(tenant, rule_id)
            before = await version_in(change, tenant, head.shown)
            after = head.written(rule.name, now_ms=self._clock.now_ms())
            draft = self._draft(after, document, by)
            if head.draft is not None:
                draft = replace(draft, created_at_ms=before.created_at_ms)
            await change.put_head(after)
            await change.put_version(draft)
            change.record(self._entry(head, after, deed=Deed(by, "rule.update"), documents=(before.document, document)))
        return await self.rule(tenant, rule_id)

    async def publish(self, tenant: str, rule_id: str, *, by: Caller, how: Publication = AS_WRITTEN) -> RuleNow:
        """Put the draft of a rule into force; the version before is retired.

        Raises:
            NotFoundError: There is no such rule.
            ConflictError: It has no draft, or somebody wrote since the revision that was named.
            RuleTestsError: It fails test cases of its own.
            FaultyRuleError: Its actions cannot work; it has all faults.
        """
        async with self._store.change() as change:
            head = await change.head(tenant, rule_id)
            if head.draft is None:
                raise ConflictError("there is no draft to publish: write one first", rule_id=rule_id)
            draft = await version_in(change, tenant, RuleVersion(rule_id, head.draft))
            if how.mode is not None:
                draft = replace(draft, document=in_mode(draft.document, how.mode))
            seen = {"backtest": "skipped" if how.backtest is None else dict(how.backtest)}
            await self._put_into_force(change, head, draft, deed=Deed(by, "rule.publish", seen))
        await self._book.refresh()
        return await self.rule(tenant, rule_id)

    async def go_back(self, tenant: str, rule_id: str, version: int, *, by: Caller) -> RuleNow:
        """Put the content of an old version into force, as a new version. A draft stays as it is.

        Raises:
            NotFoundError: There is no such rule or version.
            ConflictError: The version is a draft, or somebody wrote since the revision that was named.
            RuleTestsError: It fails test cases of its own.
        """
        async with self._store.change() as change:
            head = await change.head(tenant, rule_id)
            old = await version_in(change, tenant, RuleVersion(rule_id, version))
            if old.state is VersionState.DRAFT:
                raise ConflictError("this version was never in force: publish it", version=version)
            by = replace(by, reason=by.reason or f"back to version {version}")
            await self._renew(change, head, old.document, deed=Deed(by, "rule.rollback"))
        await self._book.refresh()
        return await self.rule(tenant, rule_id)

    async def switch(self, tenant: str, rule_id: str, to: Stage, *, by: Caller) -> RuleNow:
        """Let a rule in force act, only note what it matches, or match nothing, as a new version.

        A draft stays as it is.

        Raises:
            NotFoundError: There is no such rule.
            ConflictError: It is not in force, it is so already, or somebody wrote since the revision that was named.
            RuleTestsError: It fails test cases of its own.
            FaultyRuleError: Its actions cannot work; it has all faults.
        """
        async with self._store.change() as change:
            head = await change.head(tenant, rule_id)
            if head.published is None:
                raise ConflictError("the rule is not in force", rule_id=rule_id)
            old = await version_in(change, tenant, RuleVersion(rule_id, head.published))
            if stage_of(old) is to:
                raise ConflictError(f"the rule is at the stage {to.value!r} already", rule_id=rule_id)
            await self._renew(change, head, staged(old.document, to), deed=Deed(by, _SWITCHES[to]))
        await self._book.refresh()
        return await self.rule(tenant, rule_id)

    async def put_into_order(self, tenant: str, wanted: Sequence[str], *, set_no: int | None, by: Caller) -> Reordering:
        """Have the rules in force asked in another order, as few as possible by a new version of another priority.

        A draft beside a rule that had the same priority gets the new one too.

        Args:
            tenant: Whose rules.
            wanted: The ids of all rules in force, the one that is asked first at the front.
            set_no: The set that was looked at; None = whichever is in force.
            by: Who, and why.

        Raises:
            InputError: Other rules are in force than those.
            ConflictError: Another set is in force than the one that was looked at, or they are in this order already.
        """
        await self._book.refresh()
        async with self._store.change() as change:
            order = self.put_in_order(tenant, wanted)
            newest = {found.tenant: found.number for found in await change.newest_sets()}.get(tenant, 0)
            if newest != order.set_no or set_no not in {None, newest}:
                raise ConflictError("other rules were published meanwhile: look at them first", set_no=newest)
            if not order.priorities:
                raise ConflictError("the rules are asked in this order already", set_no=newest)
            for rule_id, priority in order.priorities.items():
                await self._move(change, await change.head(tenant, rule_id), priority, by=by)
            await self._add_set(change, tenant)
        await self._book.refresh()
        return order

    async def retire(self, tenant: str, rule_id: str, *, by: Caller) -> RuleNow:
        """Take a rule out of force; its versions stay.

        Raises:
            NotFoundError: There is no such rule.
            ConflictError: It is not in force, or somebody wrote since the revision that was named.
        """
        async with self._store.change() as change:
            head = await change.head(tenant, rule_id)
            if head.published is None:
                raise ConflictError("the rule is not in force", rule_id=rule_id)
            await self._retire(change, head)
            after = head.retired(now_ms=self._clock.now_ms())
            await change.put_head(after)
            await self._add_set(change, tenant)
            change.record(self._entry(head, after, deed=Deed(by, "rule.retire")))
        await self._book.refresh()
        return await self.rule(tenant, rule_id)

    async def discard(self, tenant: str, rule_id: str, *, by: Caller) -> RuleNow:
        """Throw the draft of a rule away that has been in force.

        Raises:
            NotFoundError: There is no such rule, or it has no draft.
            ConflictError: The draft is all there is of the rule.
        """
        async with self._store.change() as change:
            head = await change.head(tenant, rule_id)
            if head.draft is None:
                raise NotFoundError("the rule has no draft", rule_id=rule_id)
            newest = await change.history(tenant, rule_id, before=None, limit=2)
            others = [one for one in newest if one.ref.version != head.draft]
            if not others:
                raise ConflictError("the draft is all there is of this rule: publish it, or leave it", rule_id=rule_id)
            draft = await version_in(change, tenant, RuleVersion(rule_id, head.draft))
            kept = others[0]
            if head.published is not None:
                kept = await version_in(change, tenant, RuleVersion(rule_id, head.published))
            after = head.without_draft(kept.name, now_ms=self._clock.now_ms())
            await change.drop_version(draft)
            await change.put_head(after)
            documents = draft.document, kept.document
            change.record(self._entry(head, after, deed=Deed(by, "rule.discard"), documents=documents))
        return await self.rule(tenant, rule_id)

    # -- parts -------------------------------------------------------------------------------------------

    async def _renew(self, change: RuleChange, head: RuleHead, document: Document, *, deed: Deed) -> None:
        """Put a document into force as a new version, beside the draft if there is one."""
        version = self._draft(head, document, deed.by, number=head.last_version + 1)
        await self._put_into_force(change, head, version, deed=deed)

    async def _put_into_force(self, change: RuleChange, head: RuleHead, stored: StoredRule, *, deed: Deed) -> None:
        rule = stored.read()
        failed = failed_tests(rule)
        if failed:
            place, what = failed[0]
            name = rule.tests[place].name
            raise RuleTestsError(
                "the rule fails its own test cases", failed=len(failed), first=name, place=place, what=what
            )
        faults = action_faults(rule, self.check)
        if faults:
            raise FaultyRuleError("actions of the rule cannot work", faults=faults)
        await self._replace(change, head, stored, deed=deed)
        await self._add_set(change, head.tenant)

    async def _replace(self, change: RuleChange, head: RuleHead, stored: StoredRule, *, deed: Deed) -> None:
        """Let a version take the place of the one in force, before the next set is made."""
        before: Document = {}
        if head.published is not None:
            before = (await version_in(change, head.tenant, RuleVersion(head.rule_id, head.published))).document
            await self._retire(change, head)
        now_ms = self._clock.now_ms()
        after = head.put_into_force(stored.ref.version, stored.name, now_ms=now_ms)
        await change.put_head(after)
        await change.put_version(stored.put_into_force(now_ms=now_ms))
        change.record(self._entry(head, after, deed=deed, documents=(before, stored.document)))

    async def _move(self, change: RuleChange, head: RuleHead, priority: int, *, by: Caller) -> None:
        old = await version_in(change, head.tenant, RuleVersion(head.rule_id, head.published or 0))
        if head.draft is not None:
            draft = await version_in(change, head.tenant, RuleVersion(head.rule_id, head.draft))
            if draft.priority == old.priority:
                await change.put_version(replace(draft, document={**draft.document, "priority": priority}))
        version = self._draft(head, {**old.document, "priority": priority}, by, number=head.last_version + 1)
        await self._replace(change, head, version, deed=Deed(by, "rule.order"))

    async def _retire(self, change: RuleChange, head: RuleHead) -> None:
        if head.published is not None:
            old = await version_in(change, head.tenant, RuleVersion(head.rule_id, head.published))
            await change.put_version(old.retired(now_ms=self._clock.now_ms()))

    async def _add_set(self, change: RuleChange, tenant: str) -> None:
        heads = await change.heads(tenant)
        refs = [RuleVersion(head.rule_id, head.published) for head in heads if head.published is not None]
        stored = await change.versions_of(tenant, refs)
        members = sorted(stored, key=lambda one: (-one.priority, one.ref.rule_id))
        await change.add_set([one.ref for one in members], tenant=tenant, now_ms=self._clock.now_ms())

    def _draft(self, head: RuleHead, document: Document, by: Caller, *, number: int | None = None) -> StoredRule:
        now_ms = self._clock.now_ms()
        return StoredRule(
            ref=RuleVersion(head.rule_id, number or head.draft or head.last_version),
            tenant=head.tenant,
            state=VersionState.DRAFT,
            document=document,
            author=by.name,
            reason=by.reason,
            created_at_ms=now_ms,
            updated_at_ms=now_ms,
        )

    def _entry(
        self,
        before: RuleHead | None,
        after: RuleHead,
        *,
        deed: Deed,
        documents: tuple[Document, Document] = ({}, {}),
    ) -> AuditEntry:
        resource = Resource(kind="rule", id=after.rule_id)
        return entry(resource, (before, after), documents, deed=deed, at_ms=self._clock.now_ms())
