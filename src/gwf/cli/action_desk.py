"""What `gwf action` does: open the desk, print runs, run and undo them."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from gwf.agent.actions.desk import ActionDesk, problems_of
from gwf.agent.actions.model import Run, RunState
from gwf.agent.config.beginning import begin
from gwf.agent.config.versions import CONFIG_DIRECTORY, VersionStore
from gwf.agent.model import show_path
from gwf.cli import show, sources
from gwf.cli.outcome import ExitCode
from gwf.core.clock import SystemClock, utc_text
from gwf.core.errors import InputError
from gwf.core.settings.model import StoreSettings
from gwf.storage.factory import open_store

Target = list[int] | Path
"""Runs by id, or a file whose steps are meant."""


@contextmanager
def opened(data: Path | None, config: Path | None) -> Generator[ActionDesk]:
    """Yield the actions of a data directory under a configuration and what was set over it at run time.

    Raises:
        NotFoundError: There is no journal.
    """
    loaded = sources.load(config, {"data_dir": None if data is None else str(data)})
    settings = begin(loaded, VersionStore(loaded.settings.data_dir / CONFIG_DIRECTORY)).settings
    stores: dict[str, StoreSettings] = settings.stores
    desk = ActionDesk(settings, SystemClock(), lambda name: open_store(name, stores[name], workers=1))
    try:
        yield desk
    finally:
        desk.close()


def chosen(ids: list[int] | int | None, path: Path | None) -> Target:
    """Return what a command is about: runs or a file, one of the two."""
    if bool(ids) == (path is not None):
        raise typer.BadParameter("name runs by ID, or a file by --path" + ("; not both" if ids else ""))
    if path is not None:
        return path
    return ids if isinstance(ids, list) else [ids or 0]


def print_runs(desk: ActionDesk, words: Sequence[str], *, limit: int, as_json: bool) -> None:
    """Print runs and the counts by state.

    Raises:
        InputError: A word is no state.
    """
    unknown = sorted(set(words) - set(RunState))
    if unknown:
        raise InputError("unknown state", states=unknown, allowed=[state.value for state in RunState])
    runs = desk.recent([RunState(word) for word in words], limit)
    counts = {state.value: count for state, count in desk.counts().items()}
    if as_json:
        show.as_json({"summary": counts, "items": [document(run) for run in runs]})
        return
    heads = ("id", "state", "action", "tries", "changed", "path", "result")
    show.table(heads, [_row(run) for run in runs])
    show.line("  ".join(f"{state} {count}" for state, count in counts.items()))


def print_described(desk: ActionDesk, target: Target, *, as_json: bool) -> None:
    """Print what steps would do now and what they did so far."""
    runs = desk.planned(target) if isinstance(target, Path) else [desk.get(run_id) for run_id in target]
    words = [desk.describe(run) for run in runs]
    if as_json:
        items = [{**document(run), "would": word} for run, word in zip(runs, words, strict=True)]
        show.as_json({"items": items})
        return
    for run, word in zip(runs, words, strict=True):
        show.line(f"{run.planned.kind} ({run.state}): {word}")
        if run.summary:
            show.line(f"  last: {run.summary}")
        for line in run.output.splitlines():
            show.line(f"  | {line}")


def print_problems(config: Path | None, *, as_json: bool) -> ExitCode:
    """Print why steps or programs cannot work on this host."""
    problems = problems_of(sources.load(config).settings)
    if as_json:
        show.as_json({"ok": not problems, "problems": problems})
    else:
        for problem in problems or ["Every step can work on this host."]:
            show.line(problem)
    return ExitCode.FAILED if problems else ExitCode.OK


def run_all(desk: ActionDesk, target: Target, *, as_json: bool) -> ExitCode:
    """Run steps one after the other; one that is not done ends the steps of a file."""
    is_file = isinstance(target, Path)
    ended: list[Run] = []
    for run_id in desk.enter(target) if isinstance(target, Path) else target:
        ended.append(desk.run(run_id))
        if is_file and ended[-1].state is not RunState.DONE:
            break
    return _print_ended(ended, RunState.DONE, as_json=as_json)


def undo_all(desk: ActionDesk, ids: Sequence[int], *, dry_run: bool, as_json: bool) -> ExitCode:
    """Undo steps, or say which would be undone."""
    if dry_run:
        runs = [desk.get(run_id) for run_id in ids]
        if as_json:
            show.as_json({"items": [document(run) for run in runs]})
        for run in () if as_json else runs:
            can = "would be undone" if run.state is RunState.DONE else f"is {run.state}: nothing to undo"
            show.line(f"{run.id}  {_path(run)}: {run.planned.kind} {can}")
        return ExitCode.OK
    return _print_ended([desk.compensate(run_id) for run_id in ids], RunState.UNDONE, as_json=as_json)


def document(run: Run) -> dict[str, object]:
    """Return a run as JSON."""
    subject = run.planned.subject
    return {
        "id": run.id or None,
        "state": run.state,
        "action": run.planned.kind,
        "step": run.planned.step,
        "attempts": run.attempts,
        "next_at": utc_text(run.next_at_ms) if run.next_at_ms else None,
        "updated_at": utc_text(run.updated_at_ms) if run.updated_at_ms else None,
        "file_id": subject.file_id,
        "path": _path(run),
        "store": subject.store,
        "key": subject.key,
        "summary": run.summary,
        "output": run.output,
        "kept_as": _kept(run),
    }


def _print_ended(runs: list[Run], wanted: RunState, *, as_json: bool) -> ExitCode:
    if as_json:
        show.as_json({"count": len(runs), "items": [document(run) for run in runs]})
    else:
        for run in runs:
            show.line(f"{run.id}  {run.state}  {_path(run)}  {run.planned.kind}: {run.summary}")
    return ExitCode.OK if all(run.state is wanted for run in runs) else ExitCode.FAILED


def _kept(run: Run) -> str | None:
    undo = run.undo
    return show_path(os.fsencode(f"{undo['anchor']}/{undo['name']}")) if "anchor" in undo else None


def _path(run: Run) -> str:
    return show_path(run.planned.subject.path)


def _row(run: Run) -> tuple[object, ...]:
    changed = utc_text(run.updated_at_ms)
    return run.id, run.state, run.planned.kind, run.attempts, changed, _path(run), run.summary
