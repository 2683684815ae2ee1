"""/api/v1/rules:order: in which order the rules in force are asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Body, Query, Request

from gwf.api.acts import ActRoute
from gwf.api.caller import caller_of
from gwf.api.v1.author import word
from gwf.api.v1.rules import Publishing
from gwf.api.v1.ruleviews import rule_ref
from gwf.rules.decision import RuleVersion
from gwf.rules.model import Rule
from gwf.rules.reading import Reordering
from gwf.rules.service import RuleService
from gwf.rules.shadow import shadowed
from gwf.wire.rules import RuleHidden, RuleMove, RuleSequence, RuleSequenceWish


def rule_order_routes(rules: RuleService) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["rules"], route_class=ActRoute)

    @router.post("/rules:order", summary="Have the rules in force asked in another order, or say what that changes")
    async def order_rules(
        request: Request,
        who: Publishing,
        wish: Annotated[RuleSequenceWish, Body()],
        *,
        dry_run: Annotated[bool, Query(description="only say what would change")] = False,
    ) -> RuleSequence:
        if dry_run:
            return sequence(rules.put_in_order(who.tenant, wish.rule_ids), dry_run=True)
        by = caller_of(request, who, word(wish.reason))
        order = await rules.put_into_order(who.tenant, wish.rule_ids, set_no=wish.set_no, by=by)
        return sequence(order, dry_run=False)

    return router


def sequence(order: Reordering, *, dry_run: bool) -> RuleSequence:
    """Return what another order changes as it is sent."""
    now = {rule.ref.rule_id: rule for rule in order.before.rules}
    before, after = shadowed(order.before.rules), shadowed(order.after.rules)
    moved = [rule for rule in order.after.rules if rule.ref.rule_id in order.priorities]
    return RuleSequence(
        dry_run=dry_run,
        set_no=order.set_no,
        moved=[
            RuleMove(
                rule_id=rule.ref.rule_id,
                name=rule.name,
                before=now[rule.ref.rule_id].priority,
                after=rule.priority,
            )
            for rule in moved
        ],
        hidden=[_hidden(now, rule_id, by) for rule_id, by in after.items() if rule_id not in before],
        freed=[_hidden(now, rule_id, by) for rule_id, by in before.items() if rule_id not in after],
    )


def _hidden(now: Mapping[str, Rule], rule_id: str, by: RuleVersion) -> RuleHidden:
    return RuleHidden(rule_id=rule_id, name=now[rule_id].name, by=rule_ref(by), by_name=now[by.rule_id].name)
