"""/api/v1/alert-rules, /chains, /schedules and /inhibitions: what people decide about alerts, in versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import APIRouter, Body, Path, Query, Request

from gwf.alerts.cases import FailedCase
from gwf.alerts.documents.record import DocKind, DocVersion, Shelf
from gwf.alerts.documents.service import MAX_HISTORY, DocNow, DocService
from gwf.api.acts import ActRoute
from gwf.api.bodies import BadBodyError
from gwf.api.caller import caller_of
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.alertdocviews import Counts, doc_item, doc_view, failed_test, version_view
from gwf.api.v1.author import word
from gwf.api.v1.rolloutviews import document_changes
from gwf.api.v1.typed import document_of_json, document_of_yaml
from gwf.control.config.check import FaultyDocumentError
from gwf.core.clock import Clock, utc_text
from gwf.rules.faults import placed
from gwf.rules.model import Document
from gwf.wire.alertdocs import (
    AlertDocCheck,
    AlertDocCheckWish,
    AlertDocOrder,
    AlertDocPage,
    AlertDocRollbackWish,
    AlertDocVersionPage,
    AlertDocVersionView,
    AlertDocView,
    AlertDocWish,
)

RECENT_MS = 7 * 86_400_000

DocId = Annotated[str, Path(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Asking = Annotated[Principal, require(Permission.ALERTS_READ)]
Acting = Annotated[Principal, require(Permission.ALERTS_ACT)]
Writing = Annotated[Principal, require(Permission.ALERTS_WRITE)]
ReasonInQuery = Annotated[str, Query(max_length=1_000, description="why, for the record")]


class RuleCounts(Protocol):
    """Knows how many alerts rules have."""

    async def counts(self, tenant: str, since_ms: int) -> Counts:
        """Return by rule its open alerts, and those that began since a moment."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a kind of documents stands in the API."""

    kind: DocKind
    #: below /api/v1
    path: str
    #: of operations, as in list_chains and get_chain
    many: str
    one: str
    #: as people call one, with its article
    words: str


PLACES = (
    Place(DocKind.RULE, "alert-rules", "alert_rules", "alert_rule", "a rule of alerts"),
    Place(DocKind.CHAIN, "chains", "chains", "chain", "an escalation chain"),
    Place(DocKind.SCHEDULE, "schedules", "schedules", "schedule", "an on-call schedule"),
    Place(DocKind.INHIBITION, "inhibitions", "inhibitions", "inhibition", "an inhibition"),
)


class DocDesk:
    """What the routes ask: documents of all kinds, and how many alerts rules have."""

    def __init__(self, service: DocService, counts: RuleCounts, clock: Clock) -> None:
        """Keep the parts."""
        self.service = service
        self._counts = counts
        self._clock = clock

    async def page(self, shelf: Shelf) -> AlertDocPage:
        """Return all documents of a kind."""
        found = await self.service.all(shelf)
        counts = await self._counted(shelf)
        items = [doc_item(now, counts) for now in found]
        return AlertDocPage(items=items, total=len(items), as_of=utc_text(self._clock.now_ms()))

    async def view(self, now: DocNow) -> AlertDocView:
        """Return one document."""
        return doc_view(now, await self._counted(Shelf(now.head.tenant, now.head.kind)))

    async def checked(self, shelf: Shelf, wish: AlertDocCheckWish) -> AlertDocCheck:
        """Return what is wrong with a document.

        Raises:
            BadBodyError: Both forms of it were sent, or none.
            NotFoundError: There is nothing of the id that was named.
        """
        if (wish.document is None) is (wish.text is None):
            raise BadBodyError("exactly one of document and text is needed", pointer="/body", code="one_of")
        now = None if wish.id is None else await self.service.one(shelf, wish.id)
        read = document_of_json(wish.document) if wish.document is not None else document_of_yaml(wish.text or "")
        if read.document is None:
            return AlertDocCheck(document=None, text=read.text, faults=read.faults(()), failed_tests=[], changes=[])
        before: Document = {} if now is None or now.published is None else now.published.document
        failed: Sequence[FailedCase] = ()
        try:
            await self.service.check_whole(shelf, read.document)
            faults = read.faults(())
            failed = await self.service.failed_tests(shelf, read.document)
        except FaultyDocumentError as exc:
            faults = read.faults(exc.faults)
        changes = document_changes(before, read.document)
        return AlertDocCheck(
            document=read.document, text=read.text, faults=faults,
            failed_tests=[failed_test(one) for one in failed], changes=changes,
        )  # fmt: skip

    async def _counted(self, shelf: Shelf) -> Counts:
        if shelf.kind is not DocKind.RULE:
            return {}
        return await self._counts.counts(shelf.tenant, self._clock.now_ms() - RECENT_MS)


def doc_routes(desk: DocDesk) -> Sequence[APIRouter]:
    """Return the routes of all kinds of documents."""
    return [
        router
        for place in PLACES
        for router in (_reading(desk, place), _checking(desk, place), *_changing(desk, place))
    ]


def _reading(desk: DocDesk, place: Place) -> APIRouter:
    router = APIRouter(prefix=f"/{place.path}", tags=["alerts"])
    docs, kind = desk.service, place.kind

    @router.get("", name=f"list_{place.many}", summary=f"All {place.many.replace('_', ' ')}, by name")
    async def list_documents(who: Asking) -> AlertDocPage:
        return await desk.page(Shelf(who.tenant, kind))

    @router.get("/{doc_id}", name=f"get_{place.one}", summary=f"One: {place.words} with its draft and what is in force")
    async def get_document(who: Asking, doc_id: DocId) -> AlertDocView:
        return await desk.view(await docs.one(Shelf(who.tenant, kind), doc_id))

    @router.get(
        "/{doc_id}/versions", name=f"list_{place.one}_versions", summary=f"Versions of {place.words}, newest first"
    )
    async def list_versions(
        who: Asking,
        doc_id: DocId,
        *,
        before: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="next_before of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_HISTORY)] = 50,
    ) -> AlertDocVersionPage:
        found = await docs.history(Shelf(who.tenant, kind), doc_id, before=before, limit=limit)
        more = len(found) == limit and found[-1].ref.version > 1
        return AlertDocVersionPage(
            items=[version_view(one) for one in found], next_before=found[-1].ref.version if more else None
        )

    @router.get(
        "/{doc_id}/versions/{version}", name=f"get_{place.one}_version", summary=f"One version of {place.words}"
    )
    async def get_version(who: Asking, doc_id: DocId, version: Number) -> AlertDocVersionView:
        return version_view(await docs.version(Shelf(who.tenant, kind), DocVersion(doc_id, version)))

    return router


def _checking(desk: DocDesk, place: Place) -> APIRouter:
    router = APIRouter(tags=["alerts"])

    @router.post(
        f"/{place.path}:check",
        name=f"check_{place.one}",
        summary=f"What is wrong with {place.words}, as JSON or YAML; nothing is kept",
    )
    async def check_document(who: Writing, wish: Annotated[AlertDocCheckWish, Body()]) -> AlertDocCheck:
        return await desk.checked(Shelf(who.tenant, place.kind), wish)

    return router


def _changing(desk: DocDesk, place: Place) -> Sequence[APIRouter]:
    found = [_writing(desk, place), _publishing(desk, place)]
    if place.kind in {DocKind.RULE, DocKind.INHIBITION}:
        found.append(_switching(desk, place))
    return found


def _writing(desk: DocDesk, place: Place) -> APIRouter:
    router = APIRouter(prefix=f"/{place.path}", tags=["alerts"], route_class=ActRoute)
    docs, kind = desk.service, place.kind

    @router.post(
        "",
        status_code=201,
        name=f"create_{place.one}",
        summary=f"Write the first draft of {place.words}, or begin by it",
    )
    async def create_document(request: Request, who: Writing, wish: Annotated[AlertDocWish, Body()]) -> AlertDocView:
        by = caller_of(request, who, word(wish.reason))
        with placed("/document"):
            made = await docs.create(Shelf(who.tenant, kind), wish.document, by=by, publish=wish.publish)
        return await desk.view(made)

    @router.put(
        "/{doc_id}",
        name=f"write_{place.one}",
        summary=f"Write the draft of {place.words}, whole; or put it into force too",
    )
    async def write_document(
        request: Request, who: Writing, doc_id: DocId, wish: Annotated[AlertDocWish, Body()]
    ) -> AlertDocView:
        by = caller_of(request, who, word(wish.reason))
        with placed("/document"):
            now = await docs.write(Shelf(who.tenant, kind), doc_id, wish.document, by=by, publish=wish.publish)
        return await desk.view(now)

    @router.delete(
        "/{doc_id}/draft",
        name=f"discard_{place.one}_draft",
        summary=f"Throw the draft away of {place.words} that has been in force",
    )
    async def discard_draft(
        request: Request, who: Writing, doc_id: DocId, *, reason: ReasonInQuery = ""
    ) -> AlertDocView:
        by = caller_of(request, who, word(reason))
        return await desk.view(await docs.discard(Shelf(who.tenant, kind), doc_id, by=by))

    return router


def _publishing(desk: DocDesk, place: Place) -> APIRouter:
    router = APIRouter(prefix=f"/{place.path}", tags=["alerts"], route_class=ActRoute)
    docs, kind = desk.service, place.kind

    @router.post("/{doc_id}:publish", name=f"publish_{place.one}", summary=f"Put the draft of {place.words} into force")
    async def publish_document(
        request: Request, who: Writing, doc_id: DocId, order: Annotated[AlertDocOrder, Body()]
    ) -> AlertDocView:
        by = caller_of(request, who, word(order.reason))
        return await desk.view(await docs.publish(Shelf(who.tenant, kind), doc_id, by=by))

    @router.post(
        "/{doc_id}:rollback",
        name=f"rollback_{place.one}",
        summary=f"Put an old version of {place.words} into force, as a new version",
    )
    async def rollback_document(
        request: Request, who: Writing, doc_id: DocId, wish: Annotated[AlertDocRollbackWish, Body()]
    ) -> AlertDocView:
        by = caller_of(request, who, word(wish.reason))
        return await desk.view(await docs.go_back(Shelf(who.tenant, kind), doc_id, wish.version, by=by))

    @router.post(
        "/{doc_id}:retire", name=f"retire_{place.one}", summary=f"Take {place.words} out of force; its versions stay"
    )
    async def retire_document(
        request: Request, who: Writing, doc_id: DocId, order: Annotated[AlertDocOrder, Body()]
    ) -> AlertDocView:
        by = caller_of(request, who, word(order.reason))
        return await desk.view(await docs.retire(Shelf(who.tenant, kind), doc_id, by=by))

    return router


def _switching(desk: DocDesk, place: Place) -> APIRouter:
    router = APIRouter(prefix=f"/{place.path}", tags=["alerts"], route_class=ActRoute)
    docs, kind = desk.service, place.kind

    @router.post(
        "/{doc_id}:enable", name=f"enable_{place.one}", summary=f"Switch {place.words} in force on, as a new version"
    )
    async def enable_document(
        request: Request, who: Writing, doc_id: DocId, order: Annotated[AlertDocOrder, Body()]
    ) -> AlertDocView:
        by = caller_of(request, who, word(order.reason))
        return await desk.view(await docs.switch(Shelf(who.tenant, kind), doc_id, on=True, by=by))

    @router.post(
        "/{doc_id}:disable", name=f"disable_{place.one}", summary=f"Switch {place.words} in force off, as a new version"
    )
    async def disable_document(
        request: Request, who: Writing, doc_id: DocId, order: Annotated[AlertDocOrder, Body()]
    ) -> AlertDocView:
        by = caller_of(request, who, word(order.reason))
        return await desk.view(await docs.switch(Shelf(who.tenant, kind), doc_id, on=False, by=by))

    return router
