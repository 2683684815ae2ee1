"""What `gwf drill` does: which drills, with whose settings, and what is printed of them."""

from __future__ import annotations

import os
import shlex
import signal
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from gwf.cli import running, show, sources
from gwf.cli.outcome import ExitCode
from gwf.core.errors import InputError, LocalIoError
from gwf.core.settings.model import Settings, StoreSettings
from gwf.core.units import parse_size_bytes
from gwf.drills.catalog import DRILLS, Drill
from gwf.drills.live import LiveInstance
from gwf.drills.model import DrillPlan, Report
from gwf.drills.notes import leftovers, restore
from gwf.drills.report import as_dict, save
from gwf.drills.run import run_drill

HOME = "drills"  #: below the data directory, which is never watched
REPORTS = "reports"
MOST_SIZE_BYTES = 64 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The options of the command."""

    files: int
    size: str
    seconds: float
    config: Path | None
    data: Path | None
    report: Path | None
    live: bool
    as_json: bool


def play(name: str, asked: Asked) -> ExitCode:
    """Do what was asked for and return the exit code.

    Raises:
        InputError: There is no such drill, or it cannot be played here.
        GwfError: The scratch instance cannot be set up, or the running process refuses.
    """
    if name == "ls":
        _list(as_json=asked.as_json)
        return ExitCode.OK
    settings = sources.load(asked.config).settings
    home = (asked.data if asked.data is not None else settings.data_dir).absolute() / HOME
    if name == "restore":
        return _restore(home, asked)
    chosen = _chosen(name, live=asked.live)
    if left := leftovers(home):
        show.warn(f"{len(left)} drills were killed before they ended: clear them away with `gwf drill restore`")
    plan = _plan(asked, settings)
    with _ended_by_terminate():
        reports = [_play_one(item, plan, asked, home=home) for item in chosen]
    if asked.as_json:
        show.as_json([as_dict(report) for report in reports] if name == "all" else as_dict(reports[0]))
    return ExitCode.OK if all(report.passed for report in reports) else ExitCode.FAILED


def _play_one(drill: Drill, plan: DrillPlan, asked: Asked, *, home: Path) -> Report:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    scratch = home / f"{drill.name}-{stamp}-{os.getpid()}"
    live = LiveInstance(running.find(asked.data, asked.config)) if asked.live else None
    try:
        report = run_drill(drill, plan, scratch=scratch, command=_command(drill.name, asked), tell=show.warn, live=live)
    except OSError as exc:
        raise LocalIoError("the scratch directory cannot be used", path=str(scratch), reason=exc.strerror) from exc
    page, data = save(report, asked.report or home / REPORTS)
    if not asked.as_json:
        _print(report)
        show.line(f"report   {page}")
        show.line(f"         {data}")
    return report


def _print(report: Report) -> None:
    rows = [("kept" if item.kept else "BROKEN", item.text, item.found) for item in report.promises]
    show.table(("", "promise", "found"), rows, title=f"{report.drill}: {report.title}")
    show.line(f"{report.drill}: {report.verdict} in {report.took_s:.1f} s")


def _list(*, as_json: bool) -> None:
    if as_json:
        played = [
            {"name": item.name, "title": item.title, "injected": item.injected, "live": item.live}
            for item in DRILLS.values()
        ]
        show.as_json({"drills": played, "not_here": {}})
        return
    rows = [(item.name, "yes" if item.live else "no", item.title, item.injected) for item in DRILLS.values()]
    show.table(("drill", "--live", "what", "how"), rows)


def _restore(home: Path, asked: Asked) -> ExitCode:
    done = restore(home, lambda: LiveInstance(running.find(asked.data, asked.config)).remove())
    if asked.as_json:
        show.as_json({"restored": done})
    for line in () if asked.as_json else done or ["nothing was left behind"]:
        show.line(line)
    return ExitCode.OK


def _chosen(name: str, *, live: bool) -> list[Drill]:
    if name == "all":
        return [item for item in DRILLS.values() if item.live or not live]
    if name not in DRILLS:
        raise InputError("there is no such drill; see `gwf drill ls`", drill=name)
    return [DRILLS[name]]


def _plan(asked: Asked, settings: Settings) -> DrillPlan:
    try:
        size_bytes = int(parse_size_bytes(asked.size))
    except ValueError as exc:
        raise InputError(f"--size {asked.size} {exc}") from exc
    if not 1 <= size_bytes <= MOST_SIZE_BYTES:
        raise InputError("--size must lie between 1 byte and 64 MiB", size_bytes=size_bytes)
    return DrillPlan(
        files=asked.files,
        size_bytes=size_bytes,
        seconds=asked.seconds,
        agent=settings.agent,
        store=_tried_store(settings),
    )


def _tried_store(settings: Settings) -> StoreSettings:
    """Return the store whose timeouts are tried: "default", else the first."""
    return settings.stores.get("default") or next(iter(settings.stores.values()))


def _command(name: str, asked: Asked) -> str:
    words = ["gwf", "drill", name, "--files", str(asked.files), "--size", asked.size, "--seconds", f"{asked.seconds:g}"]
    for option, value in (("--config", asked.config), ("--data", asked.data), ("--report", asked.report)):
        words += [option, str(value)] if value is not None else []
    return shlex.join([*words, *(["--live"] if asked.live else [])])


@contextmanager
def _ended_by_terminate() -> Generator[None]:
    """Let SIGTERM end a drill as Ctrl-C does: everything is put back first."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
