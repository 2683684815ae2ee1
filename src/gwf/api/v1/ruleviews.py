"""Rules, decisions and traces in the shapes that the API sends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gwf.api.v1.rolloutviews import document_changes
from gwf.core.clock import utc_text
from gwf.events.model import JsonValue
from gwf.rules.decided import HOUR_MS, Hits, Kept
from gwf.rules.decision import ActionDraft, ActionFault, Decision, RuleVersion
from gwf.rules.facts import Facts
from gwf.rules.matcher import Trace
from gwf.rules.model import Rule
from gwf.rules.reading import RuleNow
from gwf.rules.record import StoredRule
from gwf.rules.ruleset import RuleStory
from gwf.rules.stage import stage_of
from gwf.wire.rules import (
    ActionFaultView,
    DecisionView,
    DraftView,
    RuleHit,
    RuleItem,
    RuleRef,
    RuleStoryView,
    RuleVersionView,
    RuleView,
    TraceView,
)

DAYS = 7  #: of which lists tell how often a rule matched


def rule_item(now: RuleNow, hits: Hits | None, shadowed_by: RuleVersion | None) -> RuleItem:
    """Return a rule in a list."""
    return RuleItem.model_validate(_item(now, hits, shadowed_by))


def rule_view(now: RuleNow, hits: Hits | None, shadowed_by: RuleVersion | None) -> RuleView:
    """Return one rule with its documents."""
    published = None if now.published is None else dict(now.published.document)
    changes = [] if published is None else document_changes(published, now.shown.document)
    values = {"rule": dict(now.shown.document), "reason": now.shown.reason, "published": published, "changes": changes}
    return RuleView.model_validate({**_item(now, hits, shadowed_by), **values})


def _item(now: RuleNow, hits: Hits | None, shadowed_by: RuleVersion | None) -> dict[str, Any]:
    head, shown = now.head, now.shown
    document = shown.document
    then = document.get("then")
    return {
        "rule_id": head.rule_id,
        "name": head.name,
        "state": head.state.value,
        "version": shown.ref.version,
        "published_version": head.published,
        "draft_version": head.draft,
        "priority": shown.priority,
        "enabled": shown.enabled,
        "stage": None if now.published is None else stage_of(now.published).value,
        "published_priority": None if now.published is None else now.published.priority,
        "on_match": document.get("on_match", "continue"),
        "description": document.get("description", ""),
        "owner": document.get("owner", ""),
        "actions": [one["action"] for one in then if isinstance(one, dict)] if isinstance(then, list) else [],
        "author": shown.author,
        "created_at": utc_text(head.created_at_ms),
        "updated_at": utc_text(head.updated_at_ms),
        "revision": head.revision,
        "hits_7d": 0 if hits is None else hits.total,
        "hits_days": [0] * DAYS if hits is None else list(hits.days),
        "last_hit_at": None if hits is None else utc_text(hits.last_at_ms),
        "shadowed_by": None if shadowed_by is None else rule_ref(shadowed_by),
    }


def version_view(stored: StoredRule) -> RuleVersionView:
    """Return a version as it is sent."""
    return RuleVersionView(
        rule_id=stored.ref.rule_id,
        version=stored.ref.version,
        state=stored.state.value,
        author=stored.author,
        reason=stored.reason,
        created_at=utc_text(stored.created_at_ms),
        published_at=None if stored.published_at_ms is None else utc_text(stored.published_at_ms),
        retired_at=None if stored.retired_at_ms is None else utc_text(stored.retired_at_ms),
        rule=dict(stored.document),
    )


def hit_view(kept: Kept, rule_id: str, facts: Facts | None) -> RuleHit:
    """Return a match of a rule; `facts` of the event, None when it is not kept any more."""
    return RuleHit(
        row_id=str(kept.event.row_id),
        kind=kept.event.kind.value,
        version=next(ref.version for ref in kept.matched if ref.rule_id == rule_id),
        set_no=kept.set_no,
        decided_at=utc_text(kept.decided_at_ms),
        drafts=kept.drafts,
        faults=kept.faults,
        handed_at=utc_text(kept.handed_at_ms) if kept.handed_at_ms else None,
        at=None if facts is None else utc_text(facts.at_ms),
        type=None if facts is None else facts.type,
        subject=None if facts is None else facts.subject,
        agent_id=None if facts is None else facts.agent_id,
    )


def place_of(kept: Kept) -> tuple[int, int]:
    """Return where a list of matches goes on after this one: the hour it was decided in, and its event."""
    return kept.decided_at_ms - kept.decided_at_ms % HOUR_MS, kept.event.row_id


def rule_ref(ref: RuleVersion) -> RuleRef:
    """Return the name of a version."""
    return RuleRef(rule_id=ref.rule_id, version=ref.version)


def failed_view(leaves: Iterable[Trace], rule: Rule) -> list[TraceView]:
    """Return the conditions that kept a rule from matching, each with what the rule says there."""
    return [trace_view(leaf, rule.said(leaf.pointer)) for leaf in leaves]


def trace_view(trace: Trace, condition: JsonValue = None) -> TraceView:
    """Return what became of a condition and of those below it."""
    return TraceView(
        pointer=trace.pointer,
        kind=trace.kind,
        ok=trace.ok,
        field=trace.field,
        seen=trace.seen,
        present=trace.present,
        condition=condition,
        children=[trace_view(child) for child in trace.children],
    )


def story_view(story: RuleStory, *, whole: bool) -> RuleStoryView:
    """Return what became of a rule; with `whole`, all its conditions."""
    rule = story.rule
    return RuleStoryView(
        rule_id=rule.ref.rule_id,
        version=rule.ref.version,
        name=rule.name,
        priority=rule.priority,
        outcome=story.outcome.value,
        shadowed_by=None if story.shadowed_by is None else rule_ref(story.shadowed_by),
        failed=failed_view(story.trace.failed_leaves(), rule),
        trace=trace_view(story.trace) if whole else None,
    )


def stories_view(stories: Iterable[RuleStory], *, whole: RuleVersion | None) -> list[RuleStoryView]:
    """Return what became of rules; of `whole`, and of those that matched, all conditions."""
    return [story_view(story, whole=story.trace.ok or story.rule.ref == whole) for story in stories]


def decision_view(decision: Decision) -> DecisionView:
    """Return a decision as it is sent."""
    return DecisionView.model_validate(decision_values(decision))


def decision_values(decision: Decision) -> Mapping[str, Any]:
    """Return the parts of a decision as they are sent."""
    return {
        "matched": [rule_ref(ref) for ref in decision.matched],
        "observed": [rule_ref(ref) for ref in decision.observed],
        "drafts": [_draft(draft) for draft in decision.drafts],
        "faults": [_fault(fault) for fault in decision.faults],
    }


def _draft(draft: ActionDraft) -> DraftView:
    return DraftView.model_validate(
        {
            "action": draft.kind,
            "config": draft.config,
            "idempotency_key": draft.idempotency_key,
            "urgency": draft.urgency.word,
            "agent_id": draft.agent_id,
            "rule": rule_ref(draft.rule),
            "position": draft.position,
        }
    )


def _fault(fault: ActionFault) -> ActionFaultView:
    return ActionFaultView(
        action=fault.kind, rule=rule_ref(fault.rule), position=fault.position, pointer=fault.pointer, field=fault.field
    )
