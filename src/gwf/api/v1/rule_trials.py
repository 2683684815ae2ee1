"""/api/v1/rules:check, :dry-run, and the decisions about stored events: rules are asked, nothing is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import JsonValue

from gwf.api.bodies import BadBodyError
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.events import RowId, number_of
from gwf.api.v1.rolloutviews import document_changes
from gwf.api.v1.rules import RuleId, Writing
from gwf.api.v1.ruleviews import decision_values, decision_view, rule_ref, stories_view
from gwf.api.v1.typed import document_of_json, document_of_yaml
from gwf.control.config.check import FaultyDocumentError
from gwf.core.clock import utc_text
from gwf.rules.actioncheck import action_faults
from gwf.rules.book import RuleBook
from gwf.rules.decided import Events
from gwf.rules.decider import AtHost, DecisionDesk, Found
from gwf.rules.decision import EventKind, EventRef, RuleVersion
from gwf.rules.facts import Facts
from gwf.rules.faults import Faults, placed
from gwf.rules.parse import DRAFT, read_rule
from gwf.rules.reading import Trial
from gwf.rules.ruleset import failed_tests
from gwf.rules.sample import read_sample
from gwf.rules.service import RuleService
from gwf.rules.shadow import shadowed
from gwf.wire.rules import (
    DryRunView,
    DryRunWish,
    EventDecision,
    FailedTest,
    HostDecision,
    RuleCheck,
    RuleCheckWish,
)

Reading = Annotated[Principal, require(Permission.EVENTS_READ)]


def trial_routes(rules: RuleService, book: RuleBook, events: Events) -> APIRouter:
    """Return the routes that try rules."""
    router = APIRouter(tags=["rules"])

    checks = CheckDesk(rules, book)

    @router.post("/rules:check", summary="What is wrong with a rule, as JSON or YAML; nothing is kept")
    async def check_rule(who: Writing, wish: Annotated[RuleCheckWish, Body()]) -> RuleCheck:
        return await checks.checked(who.tenant, wish)

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


_NOTHING: Mapping[str, JsonValue] = {}
_USUAL: Mapping[str, JsonValue] = {"enabled": True, "priority": 0}  #: stored versions always say these


class CheckDesk:
    """Tells what is wrong with rules while they are written."""

    def __init__(self, rules: RuleService, book: RuleBook) -> None:
        """Ask these."""
        self._rules = rules
        self._book = book

    async def checked(self, tenant: str, wish: RuleCheckWish) -> RuleCheck:
        """Return everything about a rule that can be told without events.

        Raises:
            BadBodyError: Both forms of the rule were sent, or none.
            NotFoundError: There is no rule of this id.
        """
        if (wish.rule is None) is (wish.text is None):
            raise BadBodyError("exactly one of rule and text is needed", pointer="/body", code="one_of")
        before = _NOTHING if wish.rule_id is None else await self._in_force(tenant, wish.rule_id)
        read = document_of_json(wish.rule) if wish.rule is not None else document_of_yaml(wish.text or "")
        told, document = read.faults(()), read.document
        if document is None:
            return RuleCheck(
                rule=None, text=read.text, faults=told, action_faults=[], failed_tests=[], shadowed_by=None, changes=[]
            )
        changes = document_changes(before, {**_USUAL, **document} if before else document)
        ref = RuleVersion(wish.rule_id or DRAFT.rule_id, 0)
        try:
            rule = read_rule(document, ref)
        except FaultyDocumentError as exc:
            return RuleCheck(
                rule=document, text=read.text, faults=[*told, *read.faults(exc.faults)], action_faults=[],
                failed_tests=[], shadowed_by=None, changes=changes,
            )  # fmt: skip
        others = [one for one in self._book.of(tenant).rules.rules if one.ref.rule_id != ref.rule_id]
        hidden = shadowed([*others, rule]).get(ref.rule_id)
        return RuleCheck(
            rule=document,
            text=read.text,
            faults=told,
            action_faults=read.faults(action_faults(rule, self._rules.check)),
            failed_tests=[FailedTest(place=at, name=rule.tests[at].name, got=got) for at, got in failed_tests(rule)],
            shadowed_by=None if hidden is None else rule_ref(hidden),
            changes=changes,
        )

    async def _in_force(self, tenant: str, rule_id: str) -> Mapping[str, JsonValue]:
        now = await self._rules.rule(tenant, rule_id)
        return _NOTHING if now.published is None else now.published.document


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
            "at_host": None if found.at_host is None else _at_host(found.at_host),
        }
    )


def _at_host(found: AtHost) -> HostDecision:
    return HostDecision(
        rule=rule_ref(found.rule),
        set_no=found.set_no,
        same=found.same,
        rules=stories_view(found.explanation.stories, whole=found.rule),
    )
