"""/api/v1/rules:check, :dry-run, and the decisions about stored events: rules are asked, nothing is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import JsonValue

from gwf.api.bodies import BadBodyError
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.events import RowId, number_of
from gwf.api.v1.rules import RuleId, Writing
from gwf.api.v1.ruleviews import decision_values, decision_view, rule_ref, stories_view
from gwf.control.config.check import FaultyDocumentError
from gwf.core.clock import utc_text
from gwf.core.settings.plain import plain_yaml
from gwf.rules.book import RuleBook
from gwf.rules.decided import Events
from gwf.rules.decider import DecisionDesk, Found
from gwf.rules.decision import EventKind, EventRef
from gwf.rules.facts import Facts
from gwf.rules.faults import Faults, placed
from gwf.rules.parse import DRAFT, read_rule
from gwf.rules.ruleset import failed_tests
from gwf.rules.sample import read_sample
from gwf.rules.service import RuleService, Trial
from gwf.rules.shadow import shadowed
from gwf.wire.configforms import DocumentFault
from gwf.wire.rules import DryRunView, DryRunWish, EventDecision, FailedTest, RuleCheck, RuleWish

Reading = Annotated[Principal, require(Permission.EVENTS_READ)]


def trial_routes(rules: RuleService, book: RuleBook, events: Events) -> APIRouter:
    """Return the routes that try rules."""
    router = APIRouter(tags=["rules"])

    @router.post("/rules:check", summary="What is wrong with a rule; nothing is kept")
    async def check_rule(who: Writing, wish: Annotated[RuleWish, Body()]) -> RuleCheck:
        return _checked(wish.rule, book, who.tenant)

    @router.post("/rules:dry-run", summary="What an event would come to by the rules in force, or with a new one")
    async def try_rules(who: Writing, wish: Annotated[DryRunWish, Body()]) -> DryRunView:
        facts = await _facts(wish, who.tenant, events)
        with placed("/rule"):
            return _tried(await rules.tried(who.tenant, facts, rule_id=None, document=wish.rule))

    @router.post("/rules/{rule_id}:dry-run", summary="What an event would come to with the draft of a rule")
    async def try_rule(who: Writing, rule_id: RuleId, wish: Annotated[DryRunWish, Body()]) -> DryRunView:
        facts = await _facts(wish, who.tenant, events)
        with placed("/rule"):
            return _tried(await rules.tried(who.tenant, facts, rule_id=rule_id, document=wish.rule))

    return router


def decision_routes(desk: DecisionDesk) -> APIRouter:
    """Return the routes that show what was decided about stored events."""
    router = APIRouter(tags=["events"])

    @router.get("/events/{row_id}/decision", summary="What the rules decided about an event, and why")
    async def get_event_decision(who: Reading, row_id: RowId) -> EventDecision:
        return event_decision(await desk.find(EventRef(who.tenant, EventKind.EVENT, number_of(row_id))))

    @router.get("/file-events/{row_id}/decision", summary="What the rules decided about a file event, and why")
    async def get_file_decision(who: Reading, row_id: RowId) -> EventDecision:
        return event_decision(await desk.find(EventRef(who.tenant, EventKind.FILE, number_of(row_id))))

    return router


def _checked(document: Mapping[str, JsonValue], book: RuleBook, tenant: str) -> RuleCheck:
    text = plain_yaml(dict(document))
    try:
        rule = read_rule(document)
    except FaultyDocumentError as exc:
        faults = [
            DocumentFault(pointer=one.pointer, code=one.code, message=one.message, line=None) for one in exc.faults
        ]
        return RuleCheck(text=text, faults=faults, failed_tests=[], shadowed_by=None)
    failed = [FailedTest(place=place, name=rule.tests[place].name, got=got) for place, got in failed_tests(rule)]
    others = [one for one in book.of(tenant).rules.rules if one.name != rule.name]
    hidden = shadowed([*others, rule]).get(DRAFT.rule_id)
    return RuleCheck(
        text=text, faults=[], failed_tests=failed, shadowed_by=None if hidden is None else rule_ref(hidden)
    )


async def _facts(wish: DryRunWish, tenant: str, events: Events) -> Facts:
    given = [name for name in ("event", "path", "row_id") if getattr(wish, name) is not None]
    if len(given) != 1:
        raise BadBodyError("exactly one of event, path and row_id is needed", pointer="/body", code="one_of")
    if wish.row_id is not None:
        return await events.one(EventRef(tenant, EventKind(wish.kind), number_of(wish.row_id)))
    faults = Faults()
    value = {"path": wish.path} if wish.event is None else wish.event
    facts = read_sample(value, "/event" if wish.event is not None else "", faults, tenant=tenant)
    faults.raise_any()
    return facts


def _tried(trial: Trial) -> DryRunView:
    return DryRunView(
        before=decision_view(trial.before.decision),
        after=decision_view(trial.after.decision),
        tried=None if trial.tried is None else rule_ref(trial.tried),
        rules=stories_view(trial.after.stories, whole=trial.tried),
    )


def event_decision(found: Found) -> EventDecision:
    """Return what was decided about an event as it is sent."""
    return EventDecision.model_validate(
        {
            **decision_values(found.explanation.decision),
            "row_id": str(found.explanation.decision.event.row_id),
            "kind": found.explanation.decision.event.kind.value,
            "state": found.state.value,
            "set_no": found.set_no,
            "decided_at": None if found.decided_at_ms is None else utc_text(found.decided_at_ms),
            "same": found.same,
            "rules": stories_view(found.explanation.stories, whole=None),
        }
    )
