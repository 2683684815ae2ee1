"""/api/v1/schedules:on-call and beside it: who is on call, who takes over from whom, whom a chain tells now."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Query, Request
from pydantic import AwareDatetime

from gwf.alerts.book import AlertBook
from gwf.alerts.documents.faults import DocFaults
from gwf.alerts.documents.overrides import override_at, with_override, without_override
from gwf.alerts.documents.reading import read_chain, read_schedule
from gwf.alerts.documents.record import DocKind, Shelf
from gwf.alerts.documents.service import DocNow, DocService
from gwf.alerts.oncall import Override, Schedule, resolve, shifts
from gwf.api.acts import ActRoute
from gwf.api.caller import caller_of
from gwf.api.v1.alertdocs import Acting, Asking, DocDesk, DocId, Writing
from gwf.api.v1.alertdocviews import on_call_view, recipient_view, shift_views
from gwf.api.v1.author import word
from gwf.api.v1.silences import moment_ms
from gwf.core.clock import Clock, utc_text
from gwf.core.errors import ConflictError, InputError
from gwf.rules.faults import placed
from gwf.rules.versioned import Deed
from gwf.wire.alertdocs import (
    AlertDocView,
    ChainReceivers,
    LevelView,
    OnCallPage,
    OnCallView,
    OverrideEndWish,
    OverrideWish,
    ShiftsView,
    ShiftsWish,
)

DAY_MS = 86_400_000
MAX_OVERRIDE_MS = 92 * DAY_MS

Days = Annotated[int, Query(ge=1, le=92, description="how many days are shown")]
Since = Annotated[AwareDatetime | None, Query(description="RFC 3339; without it from now on")]
At = Annotated[AwareDatetime | None, Query(description="RFC 3339; without it now")]


class OnCallDesk:
    """Tells who is on call."""

    def __init__(self, docs: DocService, book: AlertBook, clock: Clock) -> None:
        """Keep the parts."""
        self.docs = docs
        self._book = book
        self._clock = clock

    async def page(self, tenant: str, since: datetime | None, days: int) -> OnCallPage:
        """Return who has each schedule in force."""
        since_ms, until_ms = self._span(since, days)
        found = await self.docs.all(Shelf(tenant, DocKind.SCHEDULE))
        items = [self._view(now, since_ms, until_ms) for now in found if now.published is not None]
        return OnCallPage(items=items, since=utc_text(since_ms), until=utc_text(until_ms))

    async def one(self, tenant: str, doc_id: str, *, since: datetime | None, days: int) -> OnCallView:
        """Return who has a schedule in force.

        Raises:
            NotFoundError: There is no such schedule.
            ConflictError: It is not in force.
        """
        now = await self.docs.one(Shelf(tenant, DocKind.SCHEDULE), doc_id)
        return self._view(now, *self._span(since, days))

    def drafted(self, wish: ShiftsWish) -> ShiftsView:
        """Return who would be on call.

        Raises:
            FaultyAlertDocumentError: The schedule is wrong.
        """
        since_ms, until_ms = self._span(None, wish.days)
        with placed("/document"):
            schedule = read_schedule(wish.document)
        found = shifts(schedule, since_ms, until_ms)
        return ShiftsView(shifts=shift_views(found), since=utc_text(since_ms), until=utc_text(until_ms))

    async def receivers(self, tenant: str, doc_id: str, at: datetime | None) -> ChainReceivers:
        """Return whom a chain in force tells at a moment.

        Raises:
            NotFoundError: There is no such chain.
            ConflictError: It is not in force.
        """
        at_ms = self._clock.now_ms() if at is None else moment_ms(at)
        now = await self.docs.one(Shelf(tenant, DocKind.CHAIN), doc_id)
        if now.published is None:
            raise ConflictError("the chain is not in force", id=doc_id)
        await self._book.refresh()
        chain, schedules = read_chain(now.published.document), self._book.schedules(tenant)
        levels = [
            LevelView(
                level=number,
                after_s=level.after_s,
                receivers=list(level.receivers),
                recipients=[recipient_view(one) for one in resolve(level.receivers, at_ms, schedules)],
            )
            for number, level in enumerate(chain.at(at_ms).levels)
        ]
        inside = chain.hours is None or chain.hours.holds(at_ms)
        return ChainReceivers(at=utc_text(at_ms), within_hours=inside, levels=levels)

    async def take_over(self, tenant: str, doc_id: str, override: Override, *, deed: Deed) -> DocNow:
        """Let somebody take a part of the turns of others.

        Raises:
            NotFoundError: There is no such schedule.
            ConflictError: It is not in force.
            InputError: The times do not fit.
            FaultyAlertDocumentError: There is nobody of this name.
        """
        now_ms = self._clock.now_ms()
        if override.ends_at_ms <= max(now_ms, override.begins_at_ms):
            raise InputError("the end lies after the begin, and after now", field="ends_at")
        if override.ends_at_ms - override.begins_at_ms > MAX_OVERRIDE_MS:
            raise InputError("an override lasts at most 92 days: change the schedule", field="ends_at", max_days=92)
        shelf = Shelf(tenant, DocKind.SCHEDULE)
        known = [person.name for person in _in_force(await self.docs.one(shelf, doc_id)).people]
        faults = DocFaults()
        faults.choice(override.person, "/person", known)
        faults.raise_any()
        return await self.docs.amend(
            shelf, doc_id, lambda one: with_override(one, override, now_ms=now_ms), deed=deed, with_draft=True
        )

    async def give_back(self, tenant: str, doc_id: str, wish: OverrideEndWish, *, deed: Deed) -> DocNow:
        """Take an override out of a schedule.

        Raises:
            NotFoundError: There is no such schedule, or no such override.
            ConflictError: It is not in force.
        """
        shelf = Shelf(tenant, DocKind.SCHEDULE)
        now = await self.docs.one(shelf, doc_id)
        if now.published is None:
            raise ConflictError("the schedule is not in force", id=doc_id)
        gone = override_at(now.published.document, wish.place, wish.person)
        return await self.docs.amend(shelf, doc_id, lambda one: without_override(one, gone), deed=deed, with_draft=True)

    def _view(self, now: DocNow, since_ms: int, until_ms: int) -> OnCallView:
        moment = self._clock.now_ms()
        return on_call_view(now.head.doc_id, _in_force(now), since_ms=since_ms, until_ms=until_ms, now_ms=moment)

    def _span(self, since: datetime | None, days: int) -> tuple[int, int]:
        since_ms = self._clock.now_ms() if since is None else min(moment_ms(since), _LAST_MS)
        return since_ms, since_ms + days * DAY_MS


def _in_force(now: DocNow) -> Schedule:
    if now.published is None:
        raise ConflictError("the schedule is not in force", id=now.head.doc_id)
    return read_schedule(now.published.document)


_LAST_MS = 200 * 365 * DAY_MS  #: what lies later is shown as this


def on_call_routes(desk: OnCallDesk) -> APIRouter:
    """Return the routes that tell who is on call."""
    router = APIRouter(tags=["alerts"])

    @router.get("/schedules:on-call", summary="Who is on call by the schedules in force, now and in the next days")
    async def list_on_call(who: Asking, *, since: Since = None, days: Days = 14) -> OnCallPage:
        return await desk.page(who.tenant, since, days)

    @router.get("/schedules/{doc_id}/shifts", summary="Who has a schedule in force, now and in the next days")
    async def list_schedule_shifts(who: Asking, doc_id: DocId, *, since: Since = None, days: Days = 14) -> OnCallView:
        return await desk.one(who.tenant, doc_id, since=since, days=days)

    @router.post("/schedules:preview", summary="Who would be on call by a schedule as it is being written")
    async def preview_schedule(who: Writing, wish: Annotated[ShiftsWish, Body()]) -> ShiftsView:  # noqa: ARG001  # the permission is asked for
        return desk.drafted(wish)

    @router.get("/chains/{doc_id}/receivers", summary="Whom a chain in force tells now, or at another moment")
    async def list_chain_receivers(who: Asking, doc_id: DocId, *, at: At = None) -> ChainReceivers:
        return await desk.receivers(who.tenant, doc_id, at)

    return router


def on_call_orders(desk: OnCallDesk, views: DocDesk) -> APIRouter:
    """Return the routes by which people take over from each other."""
    router = APIRouter(prefix="/schedules", tags=["alerts"], route_class=ActRoute)

    @router.post("/{doc_id}:override", summary="Let somebody take a part of the turns of others")
    async def override_schedule(
        request: Request, who: Acting, doc_id: DocId, wish: Annotated[OverrideWish, Body()]
    ) -> AlertDocView:
        deed = Deed(caller_of(request, who, word(wish.reason)), "schedule.override")
        override = Override(
            begins_at_ms=moment_ms(wish.begins_at), ends_at_ms=moment_ms(wish.ends_at), person=wish.person
        )
        return await views.view(await desk.take_over(who.tenant, doc_id, override, deed=deed))

    @router.post("/{doc_id}:end-override", summary="Take an override out of a schedule")
    async def end_schedule_override(
        request: Request, who: Acting, doc_id: DocId, wish: Annotated[OverrideEndWish, Body()]
    ) -> AlertDocView:
        deed = Deed(caller_of(request, who, word(wish.reason)), "schedule.end_override")
        return await views.view(await desk.give_back(who.tenant, doc_id, wish, deed=deed))

    return router
