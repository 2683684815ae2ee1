"""The drills: what each does to the instance or to its store, and which promises must hold all the same."""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from gwf.core.settings.model import HighWaterSettings
from gwf.drills import judge
from gwf.drills.model import DrillPlan, Measures
from gwf.drills.stage import Stage
from gwf.testing.fault_proxy import ProxyFaults
from gwf.testing.faults import Faults

KILL_EVERY_S = 1.5  #: mean time that the instance lives between two kills
LEAST_AWAY_S = 2.0  #: a centre is away for at least so long, so that it can be noticed
NOTICE_S = 20.0  #: longest wait for health to tell that the centre is away
CUT_BYTES = 20_000  #: a connection is cut after so many bytes towards the store


def _nothing(_: Stage) -> None:
    """Leave it as it is."""


def _as_given(plan: DrillPlan) -> DrillPlan:
    return plan


def _wait(stage: Stage, seconds: float, _: Measures) -> None:
    stage.halted.wait(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """One failure: how it is made, how it ends, what must hold."""

    name: str
    title: str
    #: how the failure is made, in words
    injected: str
    #: what is counted as met, in words
    hurt_what: str
    judges: tuple[judge.Judge, ...]
    inject: Callable[[Stage], None]
    #: makes the failure end; may be called more than once
    end: Callable[[Stage], None]
    #: counts how often it was met, before it ends
    hurts: Callable[[Stage, Measures], int]
    #: what is done while it lasts
    during: Callable[[Stage, float, Measures], None] = _wait
    #: settings that the drill needs to have an effect at its size
    adapt: Callable[[DrillPlan], DrillPlan] = _as_given
    #: may be played on a running process: it does nothing but to the scratch store
    live: bool = False
    #: a real centre runs beside the instance, which reports to it
    with_centre: bool = False
    #: all files at once, when the failure begins
    floods: bool = False


def _store_faults(faults: Callable[[DrillPlan], Faults]) -> Callable[[Stage], None]:
    return lambda stage: stage.sink.set_faults(faults(stage.plan))


def _store_well(stage: Stage) -> None:
    stage.sink.set_faults()


def _requests_met(stage: Stage, _: Measures) -> int:
    return stage.sink.met()


def _slow(plan: DrillPlan) -> Faults:
    return Faults(slow_s=slow_s(plan))


def slow_s(plan: DrillPlan) -> float:
    """Return how late a slow store answers: noticeably, but before anybody's patience ends."""
    return min(0.5, plan.store.read_timeout / 4, plan.store.health_timeout / 4)


def _cut(stage: Stage) -> None:
    stage.proxy.set_faults(ProxyFaults(cut_after_sent_bytes=CUT_BYTES))
    stage.proxy.cut_all()


def _cut_no_more(stage: Stage) -> None:
    stage.proxy.set_faults()


def _cuts(stage: Stage, _: Measures) -> int:
    return stage.proxy.cuts


def _kills(_: Stage, found: Measures) -> int:
    return found.kills


def _journal_faults(_: Stage, found: Measures) -> int:
    """Return how often the instance said that its disk refuses: nobody outside sees the writes themselves."""
    during = found.between(found.injected_s, float("inf"))
    return sum(bool({"journal_unavailable", "disk_low"}.intersection(sample.reasons)) for sample in during)


def _take_centre_away(stage: Stage) -> None:
    if stage.centre is not None:
        stage.centre.kill()


def _bring_centre_back(stage: Stage) -> None:
    if stage.centre is not None:
        stage.centre.start()


def _looks_away(_: Stage, found: Measures) -> int:
    """Return how often the instance said that its centre does not answer."""
    return sum("centre_away" in sample.reasons for sample in found.between(found.injected_s, float("inf")))


def _kill_once_it_noticed(stage: Stage, seconds: float, found: Measures) -> None:
    """Let the instance notice, then kill it now and then until the time is over."""
    end_s = time.monotonic() + max(seconds, LEAST_AWAY_S)
    while not _looks_away(stage, found) and time.monotonic() < end_s + NOTICE_S and not stage.halted.wait(0.1):
        pass
    _kill_again_and_again(stage, end_s - time.monotonic(), found)


def _kill_again_and_again(stage: Stage, seconds: float, found: Measures) -> None:
    chance = random.Random(stage.plan.files)  # noqa: S311 - instants, no secret
    left_s = seconds
    while left_s > 0 or not found.kills:
        pause_s = chance.uniform(0.2, 2 * KILL_EVERY_S)
        if stage.halted.wait(pause_s):
            return
        left_s -= pause_s
        found.kills += 1
        stage.instance.kill()
        stage.instance.start()


def _fill_disk(stage: Stage) -> None:
    """Let every write to a file fail from now on, as on a full disk, for the instance alone."""
    _, most = resource.prlimit(stage.instance.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(stage.instance.pid, resource.RLIMIT_FSIZE, (0, most))


def _free_disk(stage: Stage) -> None:
    if stage.instance.alive:
        _, most = resource.prlimit(stage.instance.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(stage.instance.pid, resource.RLIMIT_FSIZE, (most, most))


def _low_mark(plan: DrillPlan) -> DrillPlan:
    mark = HighWaterSettings(
        files=max(1, plan.files // 10),
        oldest=plan.agent.high_water.oldest,
        min_free_bytes=plan.agent.high_water.min_free_bytes,
    )
    return replace(plan, agent=plan.agent.model_copy(update={"high_water": mark}))


DRILLS: dict[str, Drill] = {
    drill.name: drill
    for drill in (
        Drill(
            name="store-503",
            live=True,
            title="The store refuses all work",
            injected="every request to the store is answered by 503 SlowDown",
            hurt_what="requests refused",
            hurts=_requests_met,
            inject=_store_faults(lambda _: Faults(status=503, code="SlowDown")),
            end=_store_well,
            judges=(
                *judge.ALWAYS, judge.written_once, judge.breaker_opens, judge.first_success,
                judge.told("breaker_open", "store_unreachable"), judge.stays_alive,
            ),
        ),
        Drill(
            name="store-slow",
            live=True,
            title="The store is slow",
            injected="every answer of the store comes late (0.5 s, or a quarter of the shorter time limit)",
            hurt_what="answers delayed",
            hurts=_requests_met,
            inject=_store_faults(_slow),
            end=_store_well,
            judges=(*judge.ALWAYS, judge.written_once, judge.breaker_stays_closed, judge.stays_alive),
        ),
        Drill(
            name="store-cut",
            live=True,
            title="Connections to the store are cut",
            injected=f"a proxy resets each connection after {CUT_BYTES:,} bytes, in the middle of requests and answers",
            hurt_what="connections cut in the middle",
            hurts=_cuts,
            inject=_cut,
            end=_cut_no_more,
            judges=(*judge.ALWAYS, judge.stays_alive),
        ),
        Drill(
            name="wrong-checksum",
            live=True,
            title="The store confirms other bytes than were sent",
            injected="every confirmation of a write names another checksum",
            hurt_what="answers to writes changed",
            hurts=_requests_met,
            inject=_store_faults(lambda _: Faults(wrong_checksum=True, methods=("PUT", "POST"))),
            end=_store_well,
            judges=(*judge.ALWAYS, judge.none_done_unproved, judge.stays_alive),
        ),
        Drill(
            name="kill",
            title="The process is killed again and again",
            injected=f"kill -9 at random instants, about every {KILL_EVERY_S} s, then a new start",
            hurt_what="kills",
            hurts=_kills,
            inject=_nothing,
            end=_nothing,
            during=_kill_again_and_again,
            judges=(*judge.ALWAYS, judge.few_repeats),
        ),
        Drill(
            name="centre-away",
            with_centre=True,
            title="The centre is away, and the process is killed meanwhile",
            injected="kill -9 of the centre that the instance reports to, then of the instance again and again",
            hurt_what="looks at an instance that misses its centre",
            hurts=_looks_away,
            inject=_take_centre_away,
            end=_bring_centre_back,
            during=_kill_once_it_noticed,
            judges=(*judge.ALWAYS, judge.few_repeats, judge.told("centre_away"), judge.told_once),
        ),
        Drill(
            name="disk-full",
            title="The disk of the journal is full",
            injected="every write to a file by the instance fails (limit of file size 0, which needs no privileges)",
            hurt_what="looks at a journal that cannot be written",
            hurts=_journal_faults,
            inject=_fill_disk,
            end=_free_disk,
            judges=(
                *judge.ALWAYS, judge.written_once, judge.told("journal_unavailable", "disk_low"), judge.stays_alive,
            ),
        ),
        Drill(
            name="queue-flood",
            title="Far more files at once than the high-water mark",
            injected="all files are written at once; the high-water mark is a tenth of them; the store answers late",
            hurt_what="answers delayed",
            hurts=_requests_met,
            inject=_store_faults(lambda plan: Faults(slow_s=slow_s(plan) / 2)),
            end=_store_well,
            adapt=_low_mark,
            floods=True,
            judges=(*judge.ALWAYS, judge.written_once, judge.told("high_water_files"), judge.stays_alive),
        ),
    )
}  # fmt: skip
