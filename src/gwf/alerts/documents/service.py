"""Use cases of documents of alerts, the same for all kinds: drafted, put into force, taken back, switched, retired."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from gwf.alerts.book import AlertBook
from gwf.alerts.cases import FailedCase, failed_cases
from gwf.alerts.documents.links import check_links, users_of
from gwf.alerts.documents.ports import DocChange, DocReads, DocStore
from gwf.alerts.documents.reading import check
from gwf.alerts.documents.record import DocHead, DocKind, DocVersion, Shelf, StoredDoc
from gwf.alerts.sight.reading import read_alert_rule
from gwf.audit.model import AuditEntry, Resource
from gwf.control.caller import Caller
from gwf.core.clock import Clock
from gwf.core.errors import ConflictError, InputError, NotFoundError
from gwf.rules.current import Current, current_of
from gwf.rules.model import Document
from gwf.rules.service import RuleTestsError
from gwf.rules.versioned import Deed, VersionState, entry

MAX_DOCUMENTS = 2_000  #: of one kind of one tenant
MAX_HISTORY = 200  #: versions of one page

Amend = Callable[[Document], Document]
DocNow = Current[DocHead, StoredDoc]


class InUseError(ConflictError):
    """Others in force name it: it can neither go nor be called otherwise."""

    code = "alert_document_in_use"


class DocService:
    """Documents of all kinds and tenants. Used in one event loop."""

    def __init__(
        self,
        store: DocStore,
        book: AlertBook,
        clock: Clock,
        *,
        new_id: Callable[[], str],
        channels: Callable[[], Collection[str]],
    ) -> None:
        """Keep the parts; `new_id` makes an id that no other server makes, `channels` names those that there are."""
        self._store = store
        self._book = book
        self._clock = clock
        self._new_id = new_id
        self.channels = channels

    # -- reading -----------------------------------------------------------------------------------------

    async def all(self, shelf: Shelf) -> Sequence[DocNow]:
        """Return all documents of a kind, by name."""
        async with self._store.view() as reads:
            return await current_of(reads, shelf.tenant, await reads.heads(*shelf))

    async def one(self, shelf: Shelf, doc_id: str) -> DocNow:
        """Return a document.

        Raises:
            NotFoundError: There is none.
        """
        async with self._store.view() as reads:
            return (await current_of(reads, shelf.tenant, [await reads.head(*shelf, doc_id)]))[0]

    async def version(self, shelf: Shelf, ref: DocVersion) -> StoredDoc:
        """Return a version.

        Raises:
            NotFoundError: There is no such document or version.
        """
        async with self._store.view() as reads:
            await reads.head(*shelf, ref.doc_id)
            return await _version(reads, shelf.tenant, ref)

    async def history(self, shelf: Shelf, doc_id: str, *, before: int | None, limit: int) -> Sequence[StoredDoc]:
        """Return versions of a document, newest first.

        Raises:
            NotFoundError: There is no such document.
        """
        async with self._store.view() as reads:
            await reads.head(*shelf, doc_id)
            return await reads.history(shelf.tenant, doc_id, before=before, limit=limit)

    async def check_whole(self, shelf: Shelf, document: Document) -> None:
        """Look at a document as publishing does.

        Raises:
            FaultyDocumentError: Something in it is wrong, or it names what is not there; it has all faults.
        """
        check(shelf.kind, document)
        async with self._store.view() as reads:
            check_links(shelf.kind, document, await reads.in_force(shelf.tenant), channels=self.channels())

    async def failed_tests(self, shelf: Shelf, document: Document) -> Sequence[FailedCase]:
        """Return the test cases that a document fails; only rules have some.

        Raises:
            FaultyDocumentError: Something in it is wrong; it has all faults.
        """
        if shelf.kind is not DocKind.RULE:
            return ()
        rule = read_alert_rule(document, rule_id="draft", version=0)
        return await asyncio.to_thread(failed_cases, rule)

    # -- changing ----------------------------------------------------------------------------------------

    async def create(self, shelf: Shelf, document: Document, *, by: Caller, publish: bool = False) -> DocNow:
        """Write the first draft of a document; with `publish` it is in force at once.

        Raises:
            FaultyDocumentError: The document is wrong; it has all faults.
            ConflictError: Another one of its kind has its name.
            RuleTestsError: It is published, and fails test cases of its own.
            InputError: There are too many.
        """
        check(shelf.kind, document)
        now_ms = self._clock.now_ms()
        head = DocHead(
            doc_id=f"{shelf.kind.prefix}_{self._new_id()}", kind=shelf.kind, tenant=shelf.tenant,
            name=str(document["name"]), draft=1, published=None, last_version=1, created_at_ms=now_ms,
            updated_at_ms=now_ms,
        )  # fmt: skip
        async with self._store.change() as change:
            if len(await change.heads(*shelf)) >= MAX_DOCUMENTS:
                raise InputError("there are too many", limit=MAX_DOCUMENTS)
            draft = self._draft(head, document, by)
            if publish:
                await self._check_tests(head, draft)
                await self._check(change, head, draft)
                head = replace(head.put_into_force(1, head.name, now_ms=now_ms), revision=1)
                draft = draft.put_into_force(now_ms=now_ms)
                await change.count_plan(shelf.tenant, now_ms=now_ms)
            await change.add_head(head)
            await change.put_version(draft)
            deed = Deed(by, f"{shelf.kind.value}.create")
            change.record(self._entry(None, head, deed=deed, documents=({}, document)))
        await self._book.refresh()
        return Current(head=head, shown=draft, published=draft if publish else None)

    async def write(
        self, shelf: Shelf, doc_id: str, document: Document, *, by: Caller, publish: bool = False
    ) -> DocNow:
        """Write the draft of a document; without one, the next version begins. With `publish` it is in force at once.

        Raises:
            NotFoundError: There is no such document.
            FaultyDocumentError: The document is wrong; it has all faults.
            ConflictError: Another one has its name, or somebody wrote since the revision that was named.
            InUseError: Others name it, and it is to be called otherwise.
        """
        check(shelf.kind, document)
        async with self._store.change() as change:
            head = await change.head(*shelf, doc_id)
            before = await _version(change, shelf.tenant, head.shown)
            written = head.written(str(document["name"]), now_ms=self._clock.now_ms())
            draft = self._draft(written, document, by)
            if head.draft is not None:
                draft = replace(draft, created_at_ms=before.created_at_ms)
            deed = Deed(by, f"{shelf.kind.value}.{'publish' if publish else 'update'}")
            if publish:
                await self._put_into_force(change, written, draft, deed=deed, was=head)
            else:
                await change.put_head(written)
                await change.put_version(draft)
                change.record(self._entry(head, written, deed=deed, documents=(before.document, document)))
        await self._book.refresh()
        return await self.one(shelf, doc_id)

    async def publish(self, shelf: Shelf, doc_id: str, *, by: Caller) -> DocNow:
        """Put the draft of a document into force; the version before is retired.

        Raises:
            NotFoundError: There is no such document.
            ConflictError: It has no draft, another one in force has its name, or somebody wrote since the revision that
                was named.
            FaultyDocumentError: It names what is not there; it has all faults.
            RuleTestsError: It fails test cases of its own.
            InUseError: Others name it, and it is to be called otherwise.
        """
        async with self._store.change() as change:
            head = await change.head(*shelf, doc_id)
            if head.draft is None:
                raise ConflictError("there is no draft to publish: write one first", id=doc_id)
            draft = await _version(change, shelf.tenant, DocVersion(doc_id, head.draft))
            await self._put_into_force(change, head, draft, deed=Deed(by, f"{shelf.kind.value}.publish"))
        await self._book.refresh()
        return await self.one(shelf, doc_id)

    async def go_back(self, shelf: Shelf, doc_id: str, version: int, *, by: Caller) -> DocNow:
        """Put the content of an old version into force, as a new version. A draft stays as it is.

        Raises:
            NotFoundError: There is no such document or version.
            ConflictError: The version is a draft, or somebody wrote since the revision that was named.
            FaultyDocumentError: It names what is not there any more.
            InUseError: Others name it, and it was called otherwise.
        """
        async with self._store.change() as change:
            head = await change.head(*shelf, doc_id)
            old = await _version(change, shelf.tenant, DocVersion(doc_id, version))
            if old.state is VersionState.DRAFT:
                raise ConflictError("this version was never in force: publish it", version=version)
            by = replace(by, reason=by.reason or f"back to version {version}")
            await self._renew(change, head, old.document, deed=Deed(by, f"{shelf.kind.value}.rollback"))
        await self._book.refresh()
        return await self.one(shelf, doc_id)

    async def switch(self, shelf: Shelf, doc_id: str, *, on: bool, by: Caller) -> DocNow:
        """Switch a rule or an inhibition in force on or off, as a new version. A draft stays as it is.

        Raises:
            NotFoundError: There is no such document.
            ConflictError: It is not in force, it is so already, or somebody wrote since the revision that was named.
        """

        def switched(document: Document) -> Document:
            if (document.get("enabled", True) is True) is on:
                raise ConflictError(f"the {shelf.kind.words} is switched {'on' if on else 'off'} already", id=doc_id)
            return {**document, "enabled": on}

        deed = Deed(by, f"{shelf.kind.value}.{'enable' if on else 'disable'}")
        return await self.amend(shelf, doc_id, switched, deed=deed)

    async def amend(self, shelf: Shelf, doc_id: str, amended: Amend, *, deed: Deed, with_draft: bool = False) -> DocNow:
        """Put what is in force into force with some other content, as a new version.

        Args:
            shelf: Where the document stands.
            doc_id: Its id.
            amended: Returns the other content.
            deed: Who does what.
            with_draft: Let a draft have the same done to it; else it stays as it is.

        Raises:
            NotFoundError: There is no such document.
            ConflictError: It is not in force, or somebody wrote since the revision that was named.
            FaultyDocumentError: It cannot be used so; it has all faults.
        """
        async with self._store.change() as change:
            head = await change.head(*shelf, doc_id)
            if head.published is None:
                raise ConflictError(f"the {shelf.kind.words} is not in force", id=doc_id)
            old = await _version(change, shelf.tenant, DocVersion(doc_id, head.published))
            if with_draft and head.draft is not None:
                draft = await _version(change, shelf.tenant, DocVersion(doc_id, head.draft))
                await change.put_version(replace(draft, document=amended(draft.document)))
            await self._renew(change, head, amended(old.document), deed=deed)
        await self._book.refresh()
        return await self.one(shelf, doc_id)

    async def retire(self, shelf: Shelf, doc_id: str, *, by: Caller) -> DocNow:
        """Take a document out of force; its versions stay.

        Raises:
            NotFoundError: There is no such document.
            ConflictError: It is not in force, or somebody wrote since the revision that was named.
            InUseError: Others name it.
        """
        async with self._store.change() as change:
            head = await change.head(*shelf, doc_id)
            if head.published is None:
                raise ConflictError(f"the {shelf.kind.words} is not in force", id=doc_id)
            old = await _version(change, shelf.tenant, DocVersion(doc_id, head.published))
            now_ms = self._clock.now_ms()
            await change.count_plan(shelf.tenant, now_ms=now_ms)
            _refuse_in_use(old, await change.in_force(shelf.tenant))
            after = head.retired(now_ms=now_ms)
            await change.put_version(old.retired(now_ms=now_ms))
            await change.put_head(after)
            deed = Deed(by, f"{shelf.kind.value}.retire")
            change.record(self._entry(head, after, deed=deed, documents=(old.document, {})))
        await self._book.refresh()
        return await self.one(shelf, doc_id)

    async def discard(self, shelf: Shelf, doc_id: str, *, by: Caller) -> DocNow:
        """Throw the draft of a document away that has been in force.

        Raises:
            NotFoundError: There is no such document, or it has no draft.
            ConflictError: The draft is all there is of it.
        """
        async with self._store.change() as change:
            head = await change.head(*shelf, doc_id)
            if head.draft is None:
                raise NotFoundError(f"the {shelf.kind.words} has no draft", id=doc_id)
            newest = await change.history(shelf.tenant, doc_id, before=None, limit=2)
            others = [one for one in newest if one.ref.version != head.draft]
            if not others:
                raise ConflictError("the draft is all there is: publish it, or leave it", id=doc_id)
            draft = await _version(change, shelf.tenant, DocVersion(doc_id, head.draft))
            kept = others[0]
            if head.published is not None:
                kept = await _version(change, shelf.tenant, DocVersion(doc_id, head.published))
            after = head.without_draft(kept.name, now_ms=self._clock.now_ms())
            await change.drop_version(draft)
            await change.put_head(after)
            documents = draft.document, kept.document
            change.record(self._entry(head, after, deed=Deed(by, f"{shelf.kind.value}.discard"), documents=documents))
        return await self.one(shelf, doc_id)

    # -- parts -------------------------------------------------------------------------------------------

    async def _renew(self, change: DocChange, head: DocHead, document: Document, *, deed: Deed) -> None:
        """Put a document into force as a new version, beside the draft if there is one."""
        version = self._draft(head, document, deed.by, number=head.last_version + 1)
        await self._put_into_force(change, head, version, deed=deed)

    async def _put_into_force(
        self, change: DocChange, head: DocHead, stored: StoredDoc, *, deed: Deed, was: DocHead | None = None
    ) -> None:
        was = was or head
        if deed.action != f"{DocKind.RULE.value}.disable":  # one that is in the way can always be switched off
            await self._check_tests(head, stored)
        now_ms = self._clock.now_ms()
        await change.count_plan(head.tenant, now_ms=now_ms)  # from here on nobody else changes what is in force
        await self._check(change, head, stored)
        before: Document = {}
        if head.published is not None:
            old = await _version(change, head.tenant, DocVersion(head.doc_id, head.published))
            before = old.document
            await change.put_version(old.retired(now_ms=now_ms))
        after = head.put_into_force(stored.ref.version, stored.name, now_ms=now_ms)
        after = replace(after, revision=was.revision + 1)
        await change.put_head(after)
        await change.put_version(stored.put_into_force(now_ms=now_ms))
        change.record(self._entry(was, after, deed=deed, documents=(before, stored.document)))

    async def _check_tests(self, head: DocHead, stored: StoredDoc) -> None:
        failed = await self.failed_tests(Shelf(head.tenant, head.kind), stored.document)
        if failed:
            first = failed[0]
            severity = "" if first.severity is None else first.severity.word
            raise RuleTestsError(
                "the rule fails its own test cases", failed=len(failed), first=first.name, place=first.place,
                alert=first.standing.value, severity=severity,
            )  # fmt: skip

    async def _check(self, change: DocChange, head: DocHead, stored: StoredDoc) -> None:
        """Look whether a version can be in force beside the others."""
        check(head.kind, stored.document)  # it may have been written under an earlier release
        in_force = await change.in_force(head.tenant)
        for one in in_force:
            if one.ref.doc_id == head.doc_id:
                if one.name != stored.name:
                    _refuse_in_use(one, in_force)
            elif one.kind is head.kind and one.name == stored.name:
                what = f"another {head.kind.words} in force has this name"
                raise ConflictError(what, field="document/name", id=one.ref.doc_id)
        check_links(head.kind, stored.document, in_force, channels=self.channels())

    def _draft(self, head: DocHead, document: Document, by: Caller, *, number: int | None = None) -> StoredDoc:
        now_ms = self._clock.now_ms()
        return StoredDoc(
            ref=DocVersion(head.doc_id, number or head.draft or head.last_version),
            kind=head.kind,
            tenant=head.tenant,
            state=VersionState.DRAFT,
            document=document,
            author=by.name,
            reason=by.reason,
            created_at_ms=now_ms,
            updated_at_ms=now_ms,
        )

    def _entry(
        self, before: DocHead | None, after: DocHead, *, deed: Deed, documents: tuple[Document, Document]
    ) -> AuditEntry:
        resource = Resource(kind=after.kind.value, id=after.doc_id)
        return entry(resource, (before, after), documents, deed=deed, at_ms=self._clock.now_ms())


def _refuse_in_use(stored: StoredDoc, in_force: Sequence[StoredDoc]) -> None:
    users = users_of(stored.kind, stored.name, in_force)
    if users:
        names = ", ".join(sorted(f"{one.kind.words} {one.name}" for one in users)[:10])
        what = f"it is named by others in force: change them first ({names})"
        raise InUseError(what, name=stored.name, users=names, count=len(users))


async def _version(reads: DocReads, tenant: str, ref: DocVersion) -> StoredDoc:
    found = await reads.versions_of(tenant, [ref])
    if not found:
        raise NotFoundError("there is no such version", id=ref.doc_id, version=ref.version)
    return found[0]
