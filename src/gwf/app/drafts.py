"""Makes tasks of what rules decide: one for each draft, whatever is wrong with it stands in the task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gwf.audit.model import SYSTEM
from gwf.rules.decision import ActionDraft, Decision, EventKind
from gwf.tasks.desk import TaskDesk, Wish
from gwf.tasks.keeping import By
from gwf.tasks.model import Cause, Priority


class TaskDrafts:
    """Takes decisions (gwf.rules.ports.DraftSink)."""

    def __init__(self, desk: TaskDesk) -> None:
        """Have them made by `desk`."""
        self._desk = desk

    async def take(self, decisions: Sequence[Decision]) -> None:
        """Make the drafts of decisions into tasks; known ones change nothing.

        Raises:
            UnavailableError: The database did not answer; they come again.
        """
        by_tenant: dict[str, list[Wish]] = {}
        for draft in _drafts(decisions):
            by_tenant.setdefault(draft.event.tenant, []).append(_wish(draft))
        for tenant, wishes in by_tenant.items():
            await self._desk.take(wishes, By(tenant=tenant, actor=SYSTEM, name="rules"))


def _drafts(decisions: Sequence[Decision]) -> Iterator[ActionDraft]:
    for decision in decisions:
        yield from decision.drafts


def _wish(draft: ActionDraft) -> Wish:
    event, rule = draft.event, draft.rule
    return Wish(
        type=draft.kind,
        config=dict(draft.config),
        agent_id=draft.agent_id,
        priority=Priority(draft.urgency.value),
        key=draft.idempotency_key,
        cause=Cause(
            file_event_id=event.row_id if event.kind is EventKind.FILE else None,
            rule_id=rule.rule_id,
            rule_version=rule.version,
        ),
    )
