"""/api/v1/rules: what is to be done about events; drafts, versions, putting into force and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request

from gwf.api.acts import ActRoute
from gwf.api.caller import caller_of
from gwf.api.cursor import MAX_CHARS, CursorError, read_cursor, write_cursor
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.author import word
from gwf.api.v1.events import number_of
from gwf.api.v1.ruleviews import DAYS, hit_view, place_of, rule_item, rule_view, version_view
from gwf.core.clock import Clock, utc_text
from gwf.core.errors import NotFoundError
from gwf.rules.book import RuleBook
from gwf.rules.decided import DAY_MS, Decisions, Events, Hits
from gwf.rules.decision import EventRef, RuleVersion
from gwf.rules.facts import Facts
from gwf.rules.faults import placed
from gwf.rules.model import Mode
from gwf.rules.reading import RuleNow
from gwf.rules.service import MAX_HISTORY, Publication, RuleService
from gwf.rules.shadow import shadowed
from gwf.rules.stage import Stage
from gwf.wire.rules import (
    RuleHitPage,
    RuleOrder,
    RulePage,
    RulePublishWish,
    RuleRollbackWish,
    RuleVersionPage,
    RuleVersionView,
    RuleView,
    RuleWish,
)

RuleId = Annotated[str, Path(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Asking = Annotated[Principal, require(Permission.RULES_READ)]
Writing = Annotated[Principal, require(Permission.RULES_WRITE)]
Publishing = Annotated[Principal, require(Permission.RULES_PUBLISH)]
ReasonInQuery = Annotated[str, Query(max_length=1_000, description="why, for the record")]


class RuleDesk:
    """What the routes ask: rules, how often they match, and which can never match."""

    def __init__(
        self, service: RuleService, book: RuleBook, *, decisions: Decisions, events: Events, clock: Clock
    ) -> None:
        """Keep the parts."""
        self._events = events
        self.service = service
        self._book = book
        self._decisions = decisions
        self._clock = clock

    async def page(self, tenant: str) -> RulePage:
        """Return all rules."""
        found = await self.service.rules(tenant)
        hits, hidden = await self.hits(tenant), self.hidden(tenant)
        items = [rule_item(now, hits.get(now.head.rule_id), hidden.get(now.head.rule_id)) for now in found]
        return RulePage(
            items=items, total=len(items), set_no=self._book.of(tenant).number, as_of=utc_text(self._clock.now_ms())
        )

    async def view(self, now: RuleNow) -> RuleView:
        """Return one rule."""
        head = now.head
        hits = await self.hits(head.tenant)
        return rule_view(now, hits.get(head.rule_id), self.hidden(head.tenant).get(head.rule_id))

    async def hits(self, tenant: str) -> Mapping[str, Hits]:
        """Return how often each rule matched in the last week."""
        return await self._decisions.hits(tenant, since_ms=self._clock.now_ms() - DAYS * DAY_MS, days=DAYS)

    async def matches(self, tenant: str, rule_id: str, *, cursor: str | None, limit: int) -> RuleHitPage:
        """Return the events that a rule matched, newest first.

        Raises:
            NotFoundError: There is no such rule.
            CursorError: The cursor is none of ours.
        """
        await self.service.rule(tenant, rule_id)
        place = read_cursor(cursor)
        if place is not None and not place[1].isdecimal():
            raise CursorError("the cursor is none of ours: take next_cursor of the page before")
        after = None if place is None else (place[0], number_of(place[1]))
        found = await self._decisions.of_rule(tenant, rule_id, after=after, limit=limit)
        last = found[-1] if len(found) == limit else None
        return RuleHitPage(
            items=[hit_view(one, rule_id, await self._facts(one.event)) for one in found],
            next_cursor=None if last is None else write_cursor(place_of(last)[0], str(last.event.row_id)),
        )

    async def _facts(self, ref: EventRef) -> Facts | None:
        try:
            return await self._events.one(ref)
        except NotFoundError:  # what was decided is kept longer than the event
            return None

    def hidden(self, tenant: str) -> Mapping[str, RuleVersion]:
        """Return the rules in force that can never match."""
        return shadowed(self._book.of(tenant).rules.rules)


def rule_routes(desk: RuleDesk) -> APIRouter:
    """Return the routes that show rules."""
    router = APIRouter(prefix="/rules", tags=["rules"])
    rules = desk.service

    @router.get("", summary="All rules, in the order in which they are asked")
    async def list_rules(who: Asking) -> RulePage:
        return await desk.page(who.tenant)

    @router.get("/{rule_id}", summary="One rule with its draft and what is in force")
    async def get_rule(who: Asking, rule_id: RuleId) -> RuleView:
        return await desk.view(await rules.rule(who.tenant, rule_id))

    @router.get("/{rule_id}/versions", summary="Versions of a rule, newest first")
    async def list_rule_versions(
        who: Asking,
        rule_id: RuleId,
        *,
        before: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="next_before of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_HISTORY)] = 50,
    ) -> RuleVersionPage:
        found = await rules.history(who.tenant, rule_id, before=before, limit=limit)
        more = len(found) == limit and found[-1].ref.version > 1
        return RuleVersionPage(
            items=[version_view(one) for one in found], next_before=found[-1].ref.version if more else None
        )

    @router.get("/{rule_id}/versions/{version}", summary="One version of a rule")
    async def get_rule_version(who: Asking, rule_id: RuleId, version: Number) -> RuleVersionView:
        return version_view(await rules.version(who.tenant, RuleVersion(rule_id, version)))

    @router.get("/{rule_id}/matches", summary="Events that a rule matched, newest first")
    async def list_rule_matches(
        who: Asking,
        rule_id: RuleId,
        *,
        cursor: Annotated[str | None, Query(max_length=MAX_CHARS, description="next_cursor of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_HISTORY)] = 50,
    ) -> RuleHitPage:
        return await desk.matches(who.tenant, rule_id, cursor=cursor, limit=limit)

    return router


def rule_orders(desk: RuleDesk) -> APIRouter:
    """Return the routes that write rules."""
    router = APIRouter(prefix="/rules", tags=["rules"], route_class=ActRoute)
    rules = desk.service

    @router.post(
        "", status_code=201, summary="Write the first draft of a rule; it decides nothing before it is published"
    )
    async def create_rule(request: Request, who: Writing, wish: Annotated[RuleWish, Body()]) -> RuleView:
        by = caller_of(request, who, word(wish.reason))
        with placed("/rule"):
            return await desk.view(await rules.create(who.tenant, wish.rule, by=by))

    @router.put("/{rule_id}", summary="Write the draft of a rule, whole; what is in force stays so")
    async def write_rule(
        request: Request, who: Writing, rule_id: RuleId, wish: Annotated[RuleWish, Body()]
    ) -> RuleView:
        by = caller_of(request, who, word(wish.reason))
        with placed("/rule"):
            return await desk.view(await rules.write(who.tenant, rule_id, wish.rule, by=by))

    @router.delete("/{rule_id}/draft", summary="Throw the draft away of a rule that has been in force")
    async def discard_rule_draft(
        request: Request, who: Writing, rule_id: RuleId, *, reason: ReasonInQuery = ""
    ) -> RuleView:
        by = caller_of(request, who, word(reason))
        return await desk.view(await rules.discard(who.tenant, rule_id, by=by))

    return router


def rule_switches(desk: RuleDesk) -> APIRouter:
    """Return the routes that say which rules are in force."""
    router = APIRouter(prefix="/rules", tags=["rules"], route_class=ActRoute)
    rules = desk.service

    @router.post("/{rule_id}:publish", summary="Put the draft into force, if it passes its own test cases")
    async def publish_rule(
        request: Request, who: Publishing, rule_id: RuleId, order: Annotated[RulePublishWish, Body()]
    ) -> RuleView:
        by = caller_of(request, who, word(order.reason))
        seen = None if order.backtest is None else order.backtest.model_dump()
        how = Publication(mode=None if order.mode is None else Mode(order.mode), backtest=seen)
        return await desk.view(await rules.publish(who.tenant, rule_id, by=by, how=how))

    @router.post("/{rule_id}:rollback", summary="Put the content of an old version into force, as a new version")
    async def rollback_rule(
        request: Request, who: Publishing, rule_id: RuleId, wish: Annotated[RuleRollbackWish, Body()]
    ) -> RuleView:
        by = caller_of(request, who, word(wish.reason))
        return await desk.view(await rules.go_back(who.tenant, rule_id, wish.version, by=by))

    @router.post("/{rule_id}:enable", summary="Let a rule in force match and act again, as a new version")
    async def enable_rule(
        request: Request, who: Publishing, rule_id: RuleId, order: Annotated[RuleOrder, Body()]
    ) -> RuleView:
        by = caller_of(request, who, word(order.reason))
        return await desk.view(await rules.switch(who.tenant, rule_id, Stage.ACT, by=by))

    @router.post("/{rule_id}:observe", summary="Let a rule in force only note what it matches, as a new version")
    async def observe_rule(
        request: Request, who: Publishing, rule_id: RuleId, order: Annotated[RuleOrder, Body()]
    ) -> RuleView:
        by = caller_of(request, who, word(order.reason))
        return await desk.view(await rules.switch(who.tenant, rule_id, Stage.OBSERVE, by=by))

    @router.post("/{rule_id}:disable", summary="Keep a rule in force from matching, as a new version")
    async def disable_rule(
        request: Request, who: Publishing, rule_id: RuleId, order: Annotated[RuleOrder, Body()]
    ) -> RuleView:
        by = caller_of(request, who, word(order.reason))
        return await desk.view(await rules.switch(who.tenant, rule_id, Stage.OFF, by=by))

    @router.post("/{rule_id}:retire", summary="Take a rule out of force; its versions stay")
    async def retire_rule(
        request: Request, who: Publishing, rule_id: RuleId, order: Annotated[RuleOrder, Body()]
    ) -> RuleView:
        by = caller_of(request, who, word(order.reason))
        return await desk.view(await rules.retire(who.tenant, rule_id, by=by))

    return router
