"""The use cases of flows as documents: written as drafts, published, taken back, retired; each on record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from gwf.audit.model import AuditEntry, Resource
from gwf.control.caller import Caller
from gwf.core.clock import Clock
from gwf.core.errors import ConflictError, InputError, NotFoundError
from gwf.flows.check import check_kinds
from gwf.flows.model import Document, FlowVersion, Plan
from gwf.flows.parse import read_flow
from gwf.flows.ports import FlowChange, FlowReads, FlowStore
from gwf.flows.record import FlowHead, StoredFlow
from gwf.rules.current import Current, current_of
from gwf.rules.versioned import Deed, VersionState, entry
from gwf.tasks.worker.catalog import Catalog

MAX_FLOWS = 1_000  #: of one tenant
MAX_HISTORY = 200  #: versions of one page

FlowNow = Current[FlowHead, StoredFlow]


class FlowService:
    """Flows of all tenants. Used in one event loop."""

    def __init__(self, store: FlowStore, catalog: Catalog, clock: Clock, *, new_id: Callable[[], str]) -> None:
        """Keep the parts; `new_id` makes an id that no other server makes."""
        self._store = store
        self._catalog = catalog
        self._clock = clock
        self._new_id = new_id

    def checked(self, document: Document) -> Plan:
        """Return the flow that a document says.

        Raises:
            FaultyFlowError: Something in it is wrong; it has all faults.
            TooLargeError: It is too large.
        """
        plan = read_flow(document)
        check_kinds(plan, self._catalog)
        return plan

    # -- reading -----------------------------------------------------------------------------------------

    async def flows(self, tenant: str) -> Sequence[FlowNow]:
        """Return all flows, by name."""
        async with self._store.view() as reads:
            return await current_of(reads, tenant, await reads.heads(tenant))

    async def flow(self, tenant: str, flow_id: str) -> FlowNow:
        """Return a flow.

        Raises:
            NotFoundError: There is none.
        """
        async with self._store.view() as reads:
            return (await current_of(reads, tenant, [await reads.head(tenant, flow_id)]))[0]

    async def version(self, tenant: str, ref: FlowVersion) -> StoredFlow:
        """Return a version.

        Raises:
            NotFoundError: There is none.
        """
        async with self._store.view() as reads:
            return await _one(reads, tenant, ref)

    async def history(self, tenant: str, flow_id: str, *, before: int | None, limit: int) -> Sequence[StoredFlow]:
        """Return versions of a flow, newest first.

        Raises:
            NotFoundError: There is no such flow.
        """
        async with self._store.view() as reads:
            await reads.head(tenant, flow_id)
            return await reads.history(tenant, flow_id, before=before, limit=limit)

    # -- changing ----------------------------------------------------------------------------------------

    async def create(self, tenant: str, document: Document, *, by: Caller) -> FlowNow:
        """Write the first draft of a flow.

        Raises:
            FaultyFlowError: The document is wrong; it has all faults.
            ConflictError: Another flow has its name.
            InputError: There are too many flows.
        """
        plan = self.checked(document)
        now_ms = self._clock.now_ms()
        head = FlowHead(
            flow_id=f"flw_{self._new_id()}", tenant=tenant, name=plan.name, draft=1, published=None, last_version=1,
            created_at_ms=now_ms, updated_at_ms=now_ms,
        )  # fmt: skip
        async with self._store.change() as change:
            if len(await change.heads(tenant)) >= MAX_FLOWS:
                raise InputError("there are too many flows", limit=MAX_FLOWS)
            draft = self._draft(head, document, by)
            await change.add_head(head)
            await change.put_version(draft)
            change.record(self._entry(None, head, deed=Deed(by, "flow.create"), documents=({}, document)))
        return Current(head=head, shown=draft, published=None)

    async def write(self, tenant: str, flow_id: str, document: Document, *, by: Caller) -> FlowNow:
        """Write the draft of a flow; without one, the next version begins.

        Raises:
            NotFoundError: There is no such flow.
            FaultyFlowError: The document is wrong; it has all faults.
            ConflictError: Another flow has its name, or somebody wrote since the revision that was named.
        """
        plan = self.checked(document)
        async with self._store.change() as change:
            head = await change.head(tenant, flow_id)
            before = await _one(change, tenant, head.shown)
            after = head.written(plan.name, now_ms=self._clock.now_ms())
            draft = self._draft(after, document, by)
            if head.draft is not None:
                draft = replace(draft, created_at_ms=before.created_at_ms)
            await change.put_head(after)
            await change.put_version(draft)
            change.record(self._entry(head, after, deed=Deed(by, "flow.update"), documents=(before.document, document)))
        return await self.flow(tenant, flow_id)

    async def publish(self, tenant: str, flow_id: str, *, by: Caller) -> FlowNow:
        """Let runs begin by the draft of a flow; the version before is retired, its runs go on by it.

        Raises:
            NotFoundError: There is no such flow.
            ConflictError: It has no draft, or somebody wrote since the revision that was named.
            FaultyFlowError: It names kinds of tasks that there are not any more.
        """
        async with self._store.change() as change:
            head = await change.head(tenant, flow_id)
            if head.draft is None:
                raise ConflictError("there is no draft to publish: write one first", flow_id=flow_id)
            draft = await _one(change, tenant, FlowVersion(flow_id, head.draft))
            self.checked(draft.document)
            await self._publish(change, head, draft, deed=Deed(by, "flow.publish"))
        return await self.flow(tenant, flow_id)

    async def go_back(self, tenant: str, flow_id: str, version: int, *, by: Caller) -> FlowNow:
        """Publish the content of an old version, as a new version. A draft stays as it is.

        Raises:
            NotFoundError: There is no such flow or version.
            ConflictError: The version is a draft, or somebody wrote since the revision that was named.
            FaultyFlowError: It names kinds of tasks that there are not any more.
        """
        async with self._store.change() as change:
            head = await change.head(tenant, flow_id)
            old = await _one(change, tenant, FlowVersion(flow_id, version))
            if old.state is VersionState.DRAFT:
                raise ConflictError("this version was never published: publish it", version=version)
            self.checked(old.document)
            by = replace(by, reason=by.reason or f"back to version {version}")
            copy = self._draft(head, old.document, by, number=head.last_version + 1)
            await self._publish(change, head, copy, deed=Deed(by, "flow.rollback"))
        return await self.flow(tenant, flow_id)

    async def retire(self, tenant: str, flow_id: str, *, by: Caller) -> FlowNow:
        """Let no further run begin; those under way go on.

        Raises:
            NotFoundError: There is no such flow.
            ConflictError: It is not published, or somebody wrote since the revision that was named.
        """
        async with self._store.change() as change:
            head = await change.head(tenant, flow_id)
            if head.published is None:
                raise ConflictError("the flow is not published", flow_id=flow_id)
            await self._retire(change, head)
            after = head.retired(now_ms=self._clock.now_ms())
            await change.put_head(after)
            change.record(self._entry(head, after, deed=Deed(by, "flow.retire")))
        return await self.flow(tenant, flow_id)

    async def discard(self, tenant: str, flow_id: str, *, by: Caller) -> FlowNow:
        """Throw the draft of a flow away that has been published.

        Raises:
            NotFoundError: There is no such flow, or it has no draft.
            ConflictError: The draft is all there is of the flow.
        """
        async with self._store.change() as change:
            head = await change.head(tenant, flow_id)
            if head.draft is None:
                raise NotFoundError("the flow has no draft", flow_id=flow_id)
            history = await change.history(tenant, flow_id, before=None, limit=2)
            others = [one for one in history if one.ref.version != head.draft]
            if not others:
                raise ConflictError("the draft is all there is of this flow: publish it, or leave it", flow_id=flow_id)
            draft = await _one(change, tenant, FlowVersion(flow_id, head.draft))
            kept = others[0]
            if head.published is not None:
                kept = await _one(change, tenant, FlowVersion(flow_id, head.published))
            after = head.without_draft(kept.name, now_ms=self._clock.now_ms())
            await change.drop_version(draft)
            await change.put_head(after)
            change.record(
                self._entry(head, after, deed=Deed(by, "flow.discard"), documents=(draft.document, kept.document))
            )
        return await self.flow(tenant, flow_id)

    # -- parts -------------------------------------------------------------------------------------------

    async def _publish(self, change: FlowChange, head: FlowHead, stored: StoredFlow, *, deed: Deed) -> None:
        before: Document = {}
        if head.published is not None:
            before = (await _one(change, head.tenant, FlowVersion(head.flow_id, head.published))).document
        await self._retire(change, head)
        now_ms = self._clock.now_ms()
        after = head.put_into_force(stored.ref.version, stored.name, now_ms=now_ms)
        await change.put_head(after)
        await change.put_version(stored.put_into_force(now_ms=now_ms))
        change.record(self._entry(head, after, deed=deed, documents=(before, stored.document)))

    async def _retire(self, change: FlowChange, head: FlowHead) -> None:
        if head.published is not None:
            old = await _one(change, head.tenant, FlowVersion(head.flow_id, head.published))
            await change.put_version(old.retired(now_ms=self._clock.now_ms()))

    def _draft(self, head: FlowHead, document: Document, by: Caller, *, number: int | None = None) -> StoredFlow:
        now_ms = self._clock.now_ms()
        return StoredFlow(
            ref=FlowVersion(head.flow_id, number or head.draft or head.last_version),
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
        before: FlowHead | None,
        after: FlowHead,
        *,
        deed: Deed,
        documents: tuple[Document, Document] = ({}, {}),
    ) -> AuditEntry:
        resource = Resource(kind="flow", id=after.flow_id)
        return entry(resource, (before, after), documents, deed=deed, at_ms=self._clock.now_ms())


async def _one(reads: FlowReads, tenant: str, ref: FlowVersion) -> StoredFlow:
    found = await reads.versions_of(tenant, [ref])
    if not found:
        raise NotFoundError("the flow has no such version", flow_id=ref.flow_id, version=ref.version)
    return found[0]
