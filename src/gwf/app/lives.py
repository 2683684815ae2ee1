"""Lives of files put together: what tells them, and what runs of flows say of the files that they are about."""

from __future__ import annotations

from collections.abc import Sequence

from gwf.app.events import Events
from gwf.app.flows import Flows
from gwf.app.rules import Rules
from gwf.app.work import Work
from gwf.core.clock import Clock
from gwf.core.settings.server import KeepSettings
from gwf.db.database import Database
from gwf.db.flow_store import SqlFlowStore
from gwf.db.notification_reads import SqlNotifications
from gwf.flows.run import Run
from gwf.flows.wishes import keyed_run_id
from gwf.letters.ports import LetterStore
from gwf.rules.decision import RuleVersion
from gwf.tasks.genealogist import Genealogist
from gwf.tasks.lineage import FlowRun, LineageParts


class LivesOfRuns:
    """See gwf.tasks.lineage.FlowRuns."""

    def __init__(self, store: SqlFlowStore) -> None:
        """Look into `store`."""
        self._store = store

    async def ids_of(self, tenant: str, wishes: Sequence[tuple[str, str]]) -> Sequence[str]:
        """Return the ids of the runs that flows have for keys."""
        if not wishes:
            return ()
        async with self._store.view() as view:
            heads = {name: await view.find_head(tenant, name) for name in {flow for flow, _ in wishes}}
        found = [(heads[flow], key) for flow, key in wishes]
        return ["" if head is None else keyed_run_id(tenant, head.flow_id, key) for head, key in found]

    async def at(self, tenant: str, run_ids: Sequence[str], row_ids: Sequence[int]) -> Sequence[FlowRun]:
        """Return those of some runs that are kept, and those that file events began."""
        async with self._store.view() as view:
            return [_shown(run) for run in await view.runs_at(tenant, run_ids, row_ids)]


def genealogist(
    database: Database,
    areas: tuple[Events, Rules, Work, Flows],
    letters: LetterStore,
    *,
    keep: KeepSettings,
    clock: Clock,
) -> Genealogist:
    """Return what tells lives of files over these areas."""
    events, rules, work, flows = areas
    return Genealogist(
        LineageParts(
            events=events.reads,
            decisions=rules.decided,
            rules=rules.store,
            tasks=work.tasks,
            runs=LivesOfRuns(flows.store),
            letters=letters,
            notifications=SqlNotifications(database.core),
            clock=clock,
            kept_ms=round(keep.file_events * 1000),
        )
    )


def _shown(run: Run) -> FlowRun:
    origin = run.origin
    return FlowRun(
        run_id=run.run_id,
        number=run.number,
        flow_id=run.flow.flow_id,
        version=run.flow.version,
        name=run.name,
        state=run.state.value,
        reason=run.reason,
        created_at_ms=run.created_at_ms,
        finished_at_ms=run.finished_at_ms,
        event_row_id=origin.event_row_id if origin.replay_of is None else None,
        rule=RuleVersion(origin.rule_id, origin.rule_version) if origin.rule_id and origin.rule_version else None,
        file=_file(run),
    )


def _file(run: Run) -> tuple[str, str, int | None] | None:
    """Return the file that the event told of which began a run, as the run keeps it."""
    event = run.event or {}
    agent_id, path, file = event.get("agent_id"), event.get("path"), event.get("file")
    if not (isinstance(agent_id, str) and isinstance(path, str) and isinstance(file, dict)):
        return None
    version = file.get("version")
    return agent_id, path, version if isinstance(version, int) else None
