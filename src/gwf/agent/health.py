"""Judges the edge: ok, degraded or failing, with every reason in words."""

from __future__ import annotations

from dataclasses import dataclass

from gwf.agent.actions.model import RunState
from gwf.agent.centre.reasons import centre_reasons
from gwf.agent.inputs.files.tree import TreeState, WatchedTree
from gwf.agent.model import FileStatus, show_path
from gwf.agent.snapshot import Snapshot
from gwf.agent.transfer.destination import Destination
from gwf.core.breaker import BreakerState, CircuitBreaker
from gwf.storage.model import StoreState
from gwf.wire.edge import HealthState, Reason

_WORDS = {TreeState.MISSING: "is missing", TreeState.DENIED: "may not be read"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Overall state and why."""

    state: HealthState
    reasons: list[Reason]


def judge(snapshot: Snapshot) -> Verdict:
    """Return the verdict; reasons that stop all work come first."""
    failing = _journal_reasons(snapshot) + _all_stores_down(snapshot)
    degraded = [
        *_starting(snapshot),
        *(reason for tree in snapshot.trees for reason in tree_reasons(tree)),
        *(reason for item in snapshot.destinations if (reason := store_reason(item)) and not failing),
        *_queue_reasons(snapshot),
        *_config_reasons(snapshot),
        *centre_reasons(snapshot),
        *_own_faults(snapshot),
    ]
    if not snapshot.trees:
        degraded.append(_reason("nothing_watched", "no directory is watched: name one in agent.watch"))
    state: HealthState = "failing" if failing else "degraded" if degraded else "ok"
    return Verdict(state, failing + degraded)


def tree_reasons(tree: WatchedTree) -> list[Reason]:
    """Return what is wrong with one watched tree."""
    facts, path = tree.facts, show_path(tree.root)
    reasons: list[Reason] = []
    if facts.state in _WORDS:
        message = f"watched directory {path} {_WORDS[facts.state]}; it is looked for every 2 s"
        reasons.append(_reason(f"watch_{facts.state}", message, path=path, problem=facts.problem))
    if facts.limit_reached:
        message = f"the system's inotify watch limit is reached; {path} is polled: raise fs.inotify.max_user_watches"
        reasons.append(_reason("watch_limit", message, path=path))
    if facts.unreadable:
        message = f"{facts.unreadable} directories below {path} may not be read"
        reasons.append(_reason("watch_unreadable", message, path=path, directories=facts.unreadable))
    return reasons


def store_reason(destination: Destination) -> Reason | None:
    """Return why a destination gets no work or does not answer, or None."""
    name, health = destination.name, destination.care.present_health()
    breaker = destination.breaker
    if breaker.state is not BreakerState.CLOSED:
        return _breaker_reason(name, breaker)
    if health is not None and health.state is StoreState.FAILING:
        message = f"store {name} does not answer as it should: {health.message}"
        return _reason("store_unreachable", message, store=name, error_class=health.error_class, why=health.message)
    return None


def _breaker_reason(name: str, breaker: CircuitBreaker) -> Reason:
    why, probe_in_s = breaker.reason, breaker.probe_in_s()
    if breaker.manual:
        message = f"store {name} is held back ({why}); files wait in the journal until somebody closes its breaker"
        return _reason("breaker_manual", message, store=name, why=why, state=breaker.state)
    if breaker.state is BreakerState.HALF_OPEN:
        message = f"store {name} answers again after failures ({why}); one file is tried before all go on"
        return _reason("breaker_half_open", message, store=name, why=why, state=breaker.state)
    message = f"store {name} rests after failures ({why}); files wait in the journal"
    probe = "" if probe_in_s is None else f"{probe_in_s:.0f}"
    return _reason("breaker_open", message, store=name, why=why, state=breaker.state, probe_in_s=probe)


def _starting(snapshot: Snapshot) -> list[Reason]:
    if snapshot.first_pass_done:
        return []
    return [_reason("starting", "the watched directories are being compared with the journal")]


def _journal_reasons(snapshot: Snapshot) -> list[Reason]:
    reasons: list[Reason] = []
    if snapshot.journal.fault is not None:
        message = f"the journal cannot be written ({snapshot.journal.fault}); nothing is lost, files wait on disk"
        reasons.append(_reason("journal_unavailable", message, why=snapshot.journal.fault))
    if 0 <= snapshot.free_bytes < snapshot.high_water.min_free_bytes:
        message = f"only {snapshot.free_bytes} bytes are free in the data directory; reading is paused"
        limit = snapshot.high_water.min_free_bytes
        reasons.append(_reason("disk_low", message, free_bytes=snapshot.free_bytes, min_free_bytes=limit))
    return reasons


def _config_reasons(snapshot: Snapshot) -> list[Reason]:
    reasons: list[Reason] = []
    if snapshot.config.half_done:
        message = "a change of the configuration failed half-way and could not be undone; restart, and see the log"
        reasons.append(_reason("config_half_done", message))
    if snapshot.refusal is not None:
        why = "; ".join(snapshot.refusal.problems)[:500]
        message = f"a configuration was refused, version {snapshot.config.version} stays in force: {why}"
        reasons.append(
            _reason("config_refused", message, why=why, source=snapshot.refusal.source, author=snapshot.refusal.author)
        )
    if snapshot.config.overlaid:
        keys = ", ".join(snapshot.config.overlaid)[:500]
        message = (
            f"the file was changed where a value set at run time stands above it, and is ignored there: {keys};"
            " `gwf config apply FILE` puts the file into force"
        )
        reasons.append(_reason("config_overlaid", message, keys=keys))
    return reasons


def _own_faults(snapshot: Snapshot) -> list[Reason]:
    """Return faults of the program itself since its start: work goes on, a person should look into the log."""
    reasons: list[Reason] = []
    if snapshot.journal.dropped_total:
        message = (
            f"{snapshot.journal.dropped_total} entries could not be written because of a program error; see the log"
        )
        reasons.append(_reason("journal_dropped", message, entries=snapshot.journal.dropped_total))
    if snapshot.input.crashes_total:
        message = f"reading file events failed {snapshot.input.crashes_total} times by a program error; see the log"
        reasons.append(_reason("input_crashed", message, times=snapshot.input.crashes_total))
    return reasons


def _all_stores_down(snapshot: Snapshot) -> list[Reason]:
    reasons = [reason for item in snapshot.destinations if (reason := store_reason(item))]
    down = [reason for reason in reasons if reason.code != "breaker_half_open"]
    return down if down and len(down) == len(snapshot.destinations) else []


def _queue_reasons(snapshot: Snapshot) -> list[Reason]:
    reasons: list[Reason] = []
    mark = snapshot.high_water
    # past a mark, and from then on until it is well below: no flapping
    if snapshot.pending_files > mark.files or "high_water_files" in snapshot.alarms:
        message = f"{snapshot.pending_files} files wait, the high-water mark is {mark.files}"
        reasons.append(_reason("high_water_files", message, files=snapshot.pending_files, limit=mark.files))
    oldest_s = snapshot.oldest_wait_s or 0.0
    if oldest_s > mark.oldest or "high_water_oldest" in snapshot.alarms:
        message = f"the oldest file has waited {oldest_s:.0f} s, the mark is {mark.oldest:.0f} s"
        reasons.append(_reason("high_water_oldest", message, oldest_s=round(oldest_s), limit_s=round(mark.oldest)))
    dead = snapshot.counts.files.get(FileStatus.DEAD, 0)
    if dead:
        message = f"{dead} files could not be sent and wait for a decision: see `gwf queue ls --state dead`"
        reasons.append(_reason("dead_letters", message, files=dead))
    failed = snapshot.actions.waiting.get(RunState.FAILED, 0)
    if failed:
        message = f"{failed} actions after uploads failed and wait for a decision: see `gwf action ls --state failed`"
        reasons.append(_reason("actions_failed", message, actions=failed))
    if snapshot.overflowed_lately:
        message = "the kernel lost file events; the directories were walked again"
        reasons.append(_reason("events_lost", message))
    return reasons


def _reason(code: str, message: str, **params: object) -> Reason:
    return Reason(code=code, params={name: str(value) for name, value in params.items()}, message=message)
