"""Use cases of rules: write a draft, try it, publish it, go back to an old version, take it out of force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gwf.audit.changes import field_changes
from gwf.audit.model import AuditEntry, Resource
from gwf.control.caller import Caller
from gwf.core.clock import Clock
from gwf.core.errors import ConflictError, InputError, NotFoundError
from gwf.rules.actioncheck import Check, action_faults, no_check
from gwf.rules.book import RuleBook
from gwf.rules.decision import RuleVersion
from gwf.rules.faults import FaultyRuleError
from gwf.rules.model import Document
from gwf.rules.parse import read_rule
from gwf.rules.ports import RuleChange, RuleStore
from gwf.rules.reading import RuleNow, RuleReader, version_in
from gwf.rules.record import RuleHead, RuleState, StoredRule
from gwf.rules.ruleset import failed_tests

MAX_RULES = 2_000  #: of one tenant
MAX_HISTORY = 200  #: versions of one page


class RuleTestsError(ConflictError):
    """A rule fails test cases of its own and is not published."""

    code = "rule_tests_failed"


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
            change.record(self._entry("rule.create", None, head, by=by, documents=({}, document)))
        return RuleNow(head=head, shown=draft, published=None)

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
            version = head.draft or head.last_version + 1
            after = self._moved(head, name=rule.name, draft=version, last_version=max(version, head.last_version))
            draft = self._draft(after, document, by)
            if head.draft is not None:
                draft = replace(draft, created_at_ms=before.created_at_ms)
            await change.put_head(after)
            await change.put_version(draft)
            change.record(self._entry("rule.update", head, after, by=by, documents=(before.document, document)))
        return await self.rule(tenant, rule_id)

    async def publish(self, tenant: str, rule_id: str, *, by: Caller) -> RuleNow:
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
            await self._put_into_force(change, head, draft, by=by, action="rule.publish")
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
            if old.state is RuleState.DRAFT:
                raise ConflictError("this version was never in force: publish it", version=version)
            by = replace(by, reason=by.reason or f"back to version {version}")
            await self._renew(change, head, old.document, by=by, action="rule.rollback")
        await self._book.refresh()
        return await self.rule(tenant, rule_id)

    async def switch(self, tenant: str, rule_id: str, *, enabled: bool, by: Caller) -> RuleNow:
        """Let a rule in force match, or not, as a new version. A draft stays as it is.

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
            if old.enabled is enabled:
                raise ConflictError(f"the rule is {'enabled' if enabled else 'disabled'} already", rule_id=rule_id)
            action = "rule.enable" if enabled else "rule.disable"
            await self._renew(change, head, {**old.document, "enabled": enabled}, by=by, action=action)
        await self._book.refresh()
        return await self.rule(tenant, rule_id)

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
            after = self._moved(head, published=None)
            await change.put_head(after)
            await self._add_set(change, tenant)
            change.record(self._entry("rule.retire", head, after, by=by))
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
            after = self._moved(head, draft=None, name=kept.name)
            await change.drop_version(draft)
            await change.put_head(after)
            change.record(self._entry("rule.discard", head, after, by=by, documents=(draft.document, kept.document)))
        return await self.rule(tenant, rule_id)

    # -- parts -------------------------------------------------------------------------------------------

    async def _renew(self, change: RuleChange, head: RuleHead, document: Document, *, by: Caller, action: str) -> None:
        """Put a document into force as a new version, beside the draft if there is one."""
        number = head.last_version + 1
        version = self._draft(replace(head, draft=number), document, by)
        await self._put_into_force(change, replace(head, last_version=number), version, by=by, action=action)

    async def _put_into_force(
        self, change: RuleChange, head: RuleHead, stored: StoredRule, *, by: Caller, action: str
    ) -> None:
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
        before: Document = {}
        if head.published is not None:
            before = (await version_in(change, head.tenant, RuleVersion(head.rule_id, head.published))).document
            await self._retire(change, head)
        now_ms = self._clock.now_ms()
        published = replace(stored, state=RuleState.PUBLISHED, published_at_ms=now_ms, updated_at_ms=now_ms)
        draft = None if head.draft == stored.ref.version else head.draft
        name = head.name if draft is not None else stored.name
        after = self._moved(head, draft=draft, published=stored.ref.version, name=name)
        await change.put_head(after)
        await change.put_version(published)
        await self._add_set(change, head.tenant)
        change.record(self._entry(action, head, after, by=by, documents=(before, stored.document)))

    async def _retire(self, change: RuleChange, head: RuleHead) -> None:
        if head.published is not None:
            old = await version_in(change, head.tenant, RuleVersion(head.rule_id, head.published))
            await change.put_version(replace(old, state=RuleState.RETIRED, retired_at_ms=self._clock.now_ms()))

    async def _add_set(self, change: RuleChange, tenant: str) -> None:
        heads = await change.heads(tenant)
        refs = [RuleVersion(head.rule_id, head.published) for head in heads if head.published is not None]
        stored = await change.versions_of(tenant, refs)
        members = sorted(stored, key=lambda one: (-one.priority, one.ref.rule_id))
        await change.add_set([one.ref for one in members], tenant=tenant, now_ms=self._clock.now_ms())

    def _moved(self, head: RuleHead, **changes: object) -> RuleHead:
        now_ms = self._clock.now_ms()
        return replace(head, updated_at_ms=now_ms, revision=head.revision + 1, **changes)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    def _draft(self, head: RuleHead, document: Document, by: Caller) -> StoredRule:
        now_ms = self._clock.now_ms()
        return StoredRule(
            ref=RuleVersion(head.rule_id, head.draft or head.last_version),
            tenant=head.tenant,
            state=RuleState.DRAFT,
            document=document,
            author=by.name,
            reason=by.reason,
            created_at_ms=now_ms,
            updated_at_ms=now_ms,
        )

    def _entry(
        self,
        action: str,
        before: RuleHead | None,
        after: RuleHead,
        *,
        by: Caller,
        documents: tuple[Document, Document] = ({}, {}),
    ) -> AuditEntry:
        old, new = documents
        head = field_changes(None if before is None else before.facts(), after.facts())
        return AuditEntry(
            tenant=after.tenant,
            actor=by.actor,
            action=action,
            resource=Resource(kind="rule", id=after.rule_id),
            at_ms=self._clock.now_ms(),
            reason=by.reason,
            request_id=by.request_id,
            changes=(*head, *field_changes({"rule": dict(old)}, {"rule": dict(new)})),
        )
