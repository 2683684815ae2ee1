"""Makes tasks and runs of flows of what rules decide: one for each draft; what is wrong with it stands in a task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from pydantic import JsonValue

from gwf.audit.model import SYSTEM
from gwf.control.config.model import Fault
from gwf.core.errors import InputError
from gwf.flows.ruleaction import FlowAction
from gwf.flows.run import Origin
from gwf.flows.runs import Started
from gwf.flows.wishes import RunWish
from gwf.rules.decided import Events
from gwf.rules.decision import ActionDraft, Decision, EventKind
from gwf.tasks.desk import TaskDesk, Wish
from gwf.tasks.keeping import By
from gwf.tasks.model import Cause, Priority
from gwf.tasks.worker.catalog import FLOW_KIND, Catalog, FaultyTaskError, shape_faults

AUTHOR = "rules"


class Runs(Protocol):
    """Begins runs, see gwf.flows.runs.RunService."""

    async def start(self, wish: RunWish, by: By) -> Started:
        """Begin a run; the one that is there when its key was used before."""
        ...


class TaskDrafts:
    """Takes decisions (gwf.rules.ports.DraftSink)."""

    def __init__(self, desk: TaskDesk, runs: Runs | None = None, events: Events | None = None) -> None:
        """Have tasks made by `desk`, and runs about `events` begun by `runs`."""
        self._desk = desk
        self._runs = runs
        self._events = events

    async def take(self, decisions: Sequence[Decision]) -> None:
        """Make the drafts of decisions into work; known ones change nothing.

        Raises:
            UnavailableError: The database did not answer; they come again.
        """
        by_tenant: dict[str, list[Wish]] = {}
        for draft in _drafts(decisions):
            if draft.kind == FLOW_KIND and self._runs is not None and self._events is not None:
                await self._begin(draft, self._runs, self._events)
            else:
                by_tenant.setdefault(draft.event.tenant, []).append(_wish(draft))
        for tenant, wishes in by_tenant.items():
            await self._desk.take(wishes, _by(tenant))

    async def _begin(self, draft: ActionDraft, runs: Runs, events: Events) -> None:
        by = _by(draft.event.tenant)
        origin = Origin(by=AUTHOR, rule_id=draft.rule.rule_id, rule_version=draft.rule.version)
        try:
            action = _action(draft.config)
            event = await events.one(draft.event)
            wish = RunWish(flow=action.flow, event=event, input=action.input, key=draft.idempotency_key, origin=origin)
            await runs.start(wish, by)
        except InputError as exc:
            await self._desk.refuse(_wish(draft), exc, by)


def _action(config: Mapping[str, JsonValue]) -> FlowAction:
    faults = shape_faults(FlowAction, config)
    if faults:
        raise FaultyTaskError("the rule does not say which flow", faults)
    return FlowAction.model_validate(config)


def _by(tenant: str) -> By:
    return By(tenant=tenant, actor=SYSTEM, name=AUTHOR)


class ActionCheck:
    """Knows which configurations of actions can work (gwf.rules.actioncheck.Check)."""

    def __init__(self, catalog: Catalog) -> None:
        """Ask the actions themselves."""
        self._catalog = catalog

    def __call__(self, kind: str, config: Mapping[str, JsonValue]) -> Sequence[Fault]:
        """Return what is wrong."""
        if kind == FLOW_KIND:
            faults = shape_faults(FlowAction, config)
            return [Fault(pointer=f"/config{one.pointer}", code=one.code, message=one.message) for one in faults]
        try:
            self._catalog.check(kind, config)
        except FaultyTaskError as exc:
            return [Fault(pointer=one.pointer, code=one.code, message=one.message) for one in exc.faults]
        return ()


def _drafts(decisions: Sequence[Decision]) -> Iterator[ActionDraft]:
    for decision in decisions:
        yield from decision.drafts


def _wish(draft: ActionDraft) -> Wish:
    event, rule = draft.event, draft.rule
    return Wish(
        type=draft.kind,
        about=draft.about,
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
