"""An edge that runs with everything that shows it: reads, snapshots, view, metrics page."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from gwf.agent.engine import Edge
from gwf.agent.exposition import EdgeCollector
from gwf.agent.health import Verdict, judge
from gwf.agent.journal.reads import JournalReads
from gwf.agent.snapshot import MAX_AGE_S, SnapshotSource
from gwf.agent.view import EdgeView
from gwf.core.clock import ManualClock
from gwf.core.metrics import new_registry, render
from gwf.core.settings.model import Settings
from gwf.storage.ports import ObjectStore
from tests.agent.edges import running_edge


@dataclass
class Shown:
    """The edge and its faces; each look is fresh."""

    edge: Edge
    view: EdgeView
    snapshots: SnapshotSource
    #: decides only how old a snapshot is
    clock: ManualClock
    collector: EdgeCollector

    def verdict(self) -> Verdict:
        """Return state and reasons as they are now."""
        self.clock.advance(MAX_AGE_S)
        return judge(self.snapshots.get())

    def codes(self) -> set[str]:
        """Return the codes of all reasons."""
        return {reason.code for reason in self.verdict().reasons}

    def page(self) -> str:
        """Return the text of /metrics."""
        self.clock.advance(MAX_AGE_S)
        registry = new_registry()
        registry.register(self.collector)
        return render(registry)

    def value(self, series: str) -> float:
        """Return the number of one series, named as on the page."""
        for line in self.page().splitlines():
            if line.startswith(series + " "):
                return float(line.rpartition(" ")[2])
        raise AssertionError(f"{series} is not on the page")


@contextmanager
def shown_edge(settings: Settings, stores: Mapping[str, ObjectStore] | None = None) -> Generator[Shown]:
    """Run an edge and show it until the block ends."""
    with running_edge(settings, stores) as edge:
        reads = JournalReads(edge.journal.path, edge.clock)
        clock = ManualClock(now_ms=edge.clock.now_ms())
        snapshots = SnapshotSource(edge, reads, clock)
        view = EdgeView(edge, reads, snapshots=snapshots, clock=edge.clock, build="b")
        try:
            yield Shown(edge, view, snapshots, clock, EdgeCollector(edge.metrics, snapshots))
        finally:
            reads.close()
