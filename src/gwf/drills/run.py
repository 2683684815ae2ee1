"""Runs one drill: before the failure, while it lasts, after it, and the account."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path

from gwf import __version__
from gwf.core.clock import SystemClock, utc_text
from gwf.core.errors import InputError
from gwf.drills import judge
from gwf.drills.catalog import Drill
from gwf.drills.judge import OK_AGAIN_S, probe_interval_s
from gwf.drills.live import LiveInstance
from gwf.drills.model import DrillPlan, Measures, Report
from gwf.drills.notes import DrillNotes
from gwf.drills.stage import TRIED, Stage
from gwf.drills.watcher import Watcher

LEAD_S = 1.0  #: of easy work before and after the failure
LOOK_EVERY_S = 0.05
TELL_EVERY_S = 2.0
PATIENCE_S = 60.0  #: a backlog that is not gone after this, the waits of the settings and its size is stuck
FILES_PER_S = 20  #: slowest pace that is no standstill
LONGEST_WAIT_S = 300.0  #: of the waits that the settings allow, so much is waited for

Tell = Callable[[str], None]


def run_drill(
    drill: Drill, plan: DrillPlan, *, scratch: Path, command: str, tell: Tell, live: LiveInstance | None = None
) -> Report:
    """Play one drill in `scratch`, a directory that does not exist yet and will not exist afterwards.

    With `live` it is played on a running process, else on one of its own.

    Raises:
        InputError: It can only be played on an instance of its own.
        UnavailableError: The scratch instance or its endpoint did not start.
        LocalIoError: The scratch directory cannot be made.
        OSError: A file could not be written into it.
    """
    if live is not None and not drill.live:
        raise InputError("this drill would hurt a running process; play it without --live", drill=drill.name)
    plan = drill.adapt(plan)
    began_at, began_s = utc_text(SystemClock().now_ms()), time.monotonic()
    found = Measures()
    tell(f"{drill.name}: {'joining the running process' if live else 'starting a scratch instance'}, in {scratch}")
    with Stage(plan, DrillNotes(scratch, drill.name), live=live, with_centre=drill.with_centre) as stage:
        watcher = Watcher(stage.played_on, found, began_s=began_s, shared=live is not None)
        watcher.start()
        try:
            _Play(drill, stage, watcher, found, tell=tell).play()
            found.centre = stage.centre_account()
        finally:
            watcher.stop()
        found.account = stage.account()
        stage.instance.stop()
        found.journal_problems = stage.journal_problems()
    return Report(
        drill=drill.name,
        title=drill.title,
        began_at=began_at,
        took_s=time.monotonic() - began_s,
        command=command,
        version=__version__,
        plan=plan,
        measures=found,
        promises=tuple(check(plan, found) for check in drill.judges if live is None or check not in judge.OWN),
        injected=drill.injected,
        settings=plan.agent.model_dump(mode="json", include=set(TRIED)),
    )


@dataclasses.dataclass(slots=True)
class _Play:
    drill: Drill
    stage: Stage
    watcher: Watcher
    found: Measures
    _: dataclasses.KW_ONLY
    tell: Tell

    def play(self) -> None:
        stage, plan, found = self.stage, self.stage.plan, self.found
        before, after = (0, 0) if self.drill.floods else (plan.files // 4, plan.files // 8)
        during = plan.files - before - after
        stage.writer.start(before, within_s=LEAD_S) if before else None
        stage.writer.finish()
        self._wait_until(lambda: stage.sink.writes() >= before, PATIENCE_S, "files before the failure")
        found.injected_s = self.watcher.now_s()
        self.tell(f"{self.drill.name}: {self.drill.injected}, for {plan.seconds:g} s")
        self.drill.inject(stage)
        try:
            self._suffer(during)
            writes = stage.sink.writes()
            found.hurts, found.hurt_what = self.drill.hurts(stage, found), self.drill.hurt_what
        finally:
            self.drill.end(stage)
        found.ended_s = self.watcher.now_s()
        self.tell(f"{self.drill.name}: the failure ended; {self.watcher.last().pending} files wait")
        stage.writer.start(after, within_s=LEAD_S) if after else None
        self._recover(writes)

    def _suffer(self, files: int) -> None:
        stage, plan = self.stage, self.stage.plan
        burst = files if self.drill.floods else min(files, max(16, files // 4))
        stage.writer.burst(burst)
        if files > burst:
            stage.writer.start(files - burst, within_s=plan.seconds * 0.8)
        self.drill.during(stage, plan.seconds, self.found)
        stage.writer.finish()

    def _recover(self, writes: int) -> None:
        stage, plan, found = self.stage, self.stage.plan, self.found
        longest_s = PATIENCE_S + plan.files / FILES_PER_S
        longest_s += min(LONGEST_WAIT_S, probe_interval_s(plan, found) + plan.agent.retry.cap)
        if self._wait_until(lambda: stage.sink.writes() > writes or self._is_drained(), longest_s, "the first success"):
            found.first_success_s = self.watcher.now_s()
        stage.writer.finish()
        if self._wait_until(self._is_drained, longest_s, "files"):
            found.drained_s = self.watcher.now_s()
            self._wait_until(lambda: self.watcher.last().state == "ok", OK_AGAIN_S, "the state ok")

    def _is_drained(self) -> bool:
        """Tell whether everything written is done; a dead letter never will be."""
        last, written = self.watcher.last(), self.stage.writer.written
        return last.done_total + last.dead >= written and not last.pending and not last.settling

    def _wait_until(self, holds: Callable[[], bool], within_s: float, what: str) -> bool:
        end_s = time.monotonic() + within_s
        tell_s = time.monotonic() + TELL_EVERY_S
        while not holds():
            now_s = time.monotonic()
            if now_s >= end_s or self.stage.halted.wait(LOOK_EVERY_S):
                return False
            if now_s >= tell_s:
                tell_s = now_s + TELL_EVERY_S
                last = self.watcher.last()
                self.tell(f"{self.drill.name}: waiting for {what}; {last.pending} wait, {last.done_total} done")
        return True
