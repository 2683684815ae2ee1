"""Does what `gwf db` asks for, and tells it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from gwf.agent.engine import ensure_private
from gwf.agent.lockfile import lock_directory
from gwf.app.database import address_of
from gwf.cli import show, sources
from gwf.cli.outcome import ExitCode
from gwf.core.clock import SystemClock, utc_text
from gwf.core.errors import ConflictError, InputError, LocalIoError, NotFoundError
from gwf.core.units import format_size
from gwf.db.address import Backend, DatabaseAddress
from gwf.db.backup import back_up, new_file
from gwf.db.checkup import HalfChecked, look_over
from gwf.db.database import CORE_FILE, EVENTS_FILE, connect
from gwf.db.database import upgrade as upgrade_half
from gwf.db.half import Half
from gwf.db.history import HEAD, HISTORIES, History, current
from gwf.db.restore import Restored
from gwf.db.restore import restore as restore_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The database that the options lead to, and the directory whose process works with it."""

    address: DatabaseAddress
    data_dir: Path

    def __str__(self) -> str:
        """Return the address as people may see it."""
        return str(self.address)


def place(config: Path | None, data: Path | None) -> Place:
    """Return where the options lead.

    Raises:
        ConfigError: The configuration is not usable.
        InputError: It names memory.
    """
    settings = sources.load(config, {"data_dir": data}).settings
    found = address_of(settings)
    if found.backend is Backend.MEMORY:
        raise InputError("server.database.url is memory, which keeps nothing: name a database that does")
    return Place(address=found, data_dir=settings.data_dir)


def upgrade(where: Place, to: tuple[str, ...], *, down: bool, as_json: bool) -> None:
    """Bring both halves to the newest revision, or those that `to` names to that one.

    Raises:
        ConflictError: A centre works with the SQLite files, or a revision lies below and `down` is off.
        InputError: There is no such revision, or the tables are of a newer release.
    """
    targets = _targets(to)

    async def run() -> dict[str, tuple[str, ...]]:
        async with _connected(where) as (core, events):
            halves = {"core": core, "events": events}
            if not down:
                await _refuse_down(halves, targets)
            return {
                history.name: await upgrade_half(halves[history.name].writer, history, target)
                for history, target in targets.items()
            }

    with _alone(where):
        moved = asyncio.run(run())
    if as_json:
        show.as_json({"database": str(where), "revisions": {name: list(steps) for name, steps in moved.items()}})
        return
    for name, steps in moved.items():
        show.line(f"{name}: {' → '.join(steps)}" if steps else f"{name}: nothing to do")


def check(where: Place, *, as_json: bool) -> ExitCode:
    """Tell what both halves are like, and return the exit code."""
    _must_exist(where)

    async def run() -> tuple[HalfChecked, HalfChecked]:
        async with _connected(where) as (core, events):
            return await look_over(core, events)

    halves = asyncio.run(run())
    sound = not any(half.faults or not half.is_current for half in halves)
    if as_json:
        show.as_json({"database": str(where), "ok": sound, "halves": [_as_json(half) for half in halves]})
    else:
        show.line(f"{where}: {'sound' if sound else 'NOT sound'}")
        heads = ("HALF", "REVISION", "NEWEST", "SIZE")
        rows = [(half.half, half.revision or "none", half.newest, format_size(half.size_bytes)) for half in halves]
        show.table(heads, rows)
        for half in halves:
            for fault in half.faults:
                show.line(f"{half.half}: {fault}")
    return ExitCode.OK if sound else ExitCode.FAILED


def backup(where: Place, file: Path, *, as_json: bool) -> None:
    """Write a backup and tell how large it is.

    Raises:
        ConflictError: Something lies at `file` already.
        NotFoundError: There is no database.
    """
    _must_exist(where)

    async def run() -> dict[str, int]:
        async with _connected(where) as (core, events):
            return await back_up(core, events, target, now_ms=SystemClock().now_ms(), told=_told)

    with new_file(file) as target:
        rows = asyncio.run(run())
    size_bytes = file.stat().st_size
    if as_json:
        show.as_json({"database": str(where), "file": str(file), "size_bytes": size_bytes, "rows": rows})
    else:
        show.line(f"{file}: {_total(rows)}, {format_size(size_bytes)}")


def restore(where: Place, file: Path, *, as_json: bool) -> None:
    """Fill the database from a backup and tell what came.

    Raises:
        ConflictError: The database holds data, or a centre works with the SQLite files.
        CorruptDataError: The backup is damaged.
        NotFoundError: There is no such file.
    """
    try:
        source = file.open("rb")
    except FileNotFoundError as exc:
        raise NotFoundError("no backup here", path=str(file)) from exc
    except OSError as exc:
        raise LocalIoError("the backup cannot be read", path=str(file), problem=exc.strerror) from exc

    async def run() -> Restored:
        return await restore_from(where.address, source, told=_told)

    with source, _alone(where):
        restored = asyncio.run(run())
    if as_json:
        show.as_json({"database": str(where), "made_at": utc_text(restored.made_at_ms), "rows": restored.rows})
    else:
        show.line(f"{where}: {_total(restored.rows)} of {utc_text(restored.made_at_ms)}")


@asynccontextmanager
async def _connected(where: Place) -> AsyncGenerator[tuple[Half, Half]]:
    core, events = connect(where.address)
    try:
        yield core, events
    finally:
        await core.close()
        await events.close()


@contextmanager
def _alone(where: Place) -> Generator[None]:
    """Keep a centre from the SQLite files meanwhile; servers on PostgreSQL may go on."""
    if where.address.directory is None:
        yield
        return
    ensure_private(where.data_dir)
    lock = lock_directory(where.data_dir)
    try:
        yield
    finally:
        os.close(lock)


def _targets(to: tuple[str, ...]) -> Mapping[History, str]:
    if not to:
        return dict.fromkeys(HISTORIES, HEAD)
    found: dict[History, str] = {}
    for revision in to:
        history = next((item for item in HISTORIES if revision.startswith(f"{item.name}_")), None)
        if history is None:
            raise InputError("a revision begins with core_ or events_", revision=revision)
        found[history] = revision
    return found


async def _refuse_down(halves: Mapping[str, Half], targets: Mapping[History, str]) -> None:
    for history, target in targets.items():
        async with halves[history.name].view() as connection:
            revision = await connection.run_sync(current, history)
        if target != HEAD and revision is not None and target < revision:
            message = "this goes back and drops what came later, with its data: say so with --down"
            raise ConflictError(message, half=history.name, revision=revision, to=target)


def _must_exist(where: Place) -> None:
    directory = where.address.directory
    for path in () if directory is None else (directory / CORE_FILE, directory / EVENTS_FILE):
        if not path.is_file():
            raise NotFoundError("no database here", path=str(path))


def _told(table: str) -> None:
    if sys.stderr.isatty():
        show.warn(table)


def _as_json(half: HalfChecked) -> dict[str, object]:
    return {
        "half": half.half,
        "revision": half.revision,
        "newest": half.newest,
        "size_bytes": half.size_bytes,
        "faults": list(half.faults),
    }


def _total(rows: Mapping[str, int]) -> str:
    filled = sum(1 for count in rows.values() if count)
    return f"{sum(rows.values())} row(s) of {filled} table(s)"
