"""What `gwf audit` does: walk along a chain in the database or a file, and write one out."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from gwf.app.database import address_of
from gwf.audit.export import lines_in, verify_export
from gwf.audit.verify import Verdict
from gwf.audit.walk import Watch, export_stored, verify_stored
from gwf.cli import show, sources
from gwf.cli.outcome import ExitCode
from gwf.core.clock import SystemClock
from gwf.core.errors import InputError, LocalIoError, NotFoundError
from gwf.db.address import Backend
from gwf.db.audit_store import SqlAuditStore
from gwf.db.database import CORE_FILE, connect
from gwf.db.history import CORE_HISTORY, current, newest


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Whose record in which database."""

    config: Path | None
    data: Path | None
    tenant: str


def read_heads(texts: Sequence[str]) -> dict[int, bytes]:
    """Return what --head names, by place.

    Raises:
        InputError: One is no SEQ:HASH.
    """
    heads: dict[int, bytes] = {}
    for text in texts:
        seq, _, digest = text.partition(":")
        try:
            number, value = int(seq), bytes.fromhex(digest)
        except ValueError:
            number, value = -1, b""
        if number < 0 or len(value) != 32:
            raise InputError("a head is SEQ:HASH, for example 120:9f86…, with 64 hex digits", head=text)
        heads[number] = value
    return heads


def verify_file(path: Path, known: Mapping[int, bytes], *, as_json: bool) -> ExitCode:
    """Verify an export and print the verdict.

    Raises:
        NotFoundError: There is no such file.
        LocalIoError: It cannot be read.
    """
    try:
        with path.open("rb") as file, _progress() as progress:
            task = progress.add_task(path.name, total=os.fstat(file.fileno()).st_size)
            verdict = verify_export(lines_in(file), known=known, watch=lambda size: progress.advance(task, size))
    except FileNotFoundError as exc:
        raise NotFoundError("there is no such file", path=str(path)) from exc
    except OSError as exc:
        raise LocalIoError("the export cannot be read", path=str(path), reason=exc.strerror) from exc
    return _told(verdict, as_json=as_json)


def verify_database(place: Place, known: Mapping[int, bytes], *, as_json: bool) -> ExitCode:
    """Verify the stored chain and print the verdict."""

    async def run() -> Verdict:
        async with _opened(place) as store:
            with _progress() as progress:
                return await verify_stored(store, place.tenant, known=known, watch=_watch(progress, "entries"))

    return _told(asyncio.run(run()), as_json=as_json)


def export(place: Place, path: Path | None, *, after: int) -> None:
    """Write the record to a new file or to standard output.

    Raises:
        InputError: The file is there already.
        LocalIoError: It cannot be written.
    """
    if path is None:
        asyncio.run(_write(place, sys.stdout.buffer, after))
        return
    try:
        file = path.open("xb")
    except FileExistsError as exc:
        raise InputError("the file is there already; name a new one", path=str(path)) from exc
    except OSError as exc:
        raise LocalIoError("the export cannot be written", path=str(path), reason=exc.strerror) from exc
    try:
        with file:
            asyncio.run(_write(place, file, after))
            file.flush()
            os.fsync(file.fileno())
    except BaseException as exc:
        path.unlink(missing_ok=True)  # half an export is none
        if isinstance(exc, OSError):
            raise LocalIoError("the export cannot be written", path=str(path), reason=exc.strerror) from exc
        raise


async def _write(place: Place, file: BinaryIO, after: int) -> None:
    async with _opened(place) as store:
        with _progress() as progress:
            watch = _watch(progress, "entries")
            at_ms = SystemClock().now_ms()
            async for piece in export_stored(store, place.tenant, at_ms=at_ms, after=after, watch=watch):
                file.write(piece)


@asynccontextmanager
async def _opened(place: Place) -> AsyncGenerator[SqlAuditStore]:
    """Open the database as it is: nothing is made or brought up to date for a look."""
    overrides: dict[str, object] = {"data_dir": None if place.data is None else str(place.data)}
    address = address_of(sources.load(place.config, overrides).settings)
    if address.backend is Backend.MEMORY:
        raise InputError("the database lies in the memory of the centre: ask it for /api/v1/audit:export")
    if address.directory is not None and not (address.directory / CORE_FILE).exists():
        raise NotFoundError("there is no database of a centre", path=str(address.directory / CORE_FILE))
    core, events = connect(address)
    try:
        async with core.view() as connection:
            revision = await connection.run_sync(lambda plain: current(plain, CORE_HISTORY))
        if revision != newest(CORE_HISTORY):
            raise InputError(
                "the database is of another release; bring it up to date: gwf db upgrade", revision=revision
            )
        yield SqlAuditStore(core)
    finally:
        await core.close()
        await events.close()


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True)


def _watch(progress: Progress, what: str) -> Watch:
    task = progress.add_task(what, total=None)
    return lambda done, total: progress.update(task, completed=done, total=total)


def _told(verdict: Verdict, *, as_json: bool) -> ExitCode:
    fault = verdict.fault
    head = {"seq": verdict.head.seq, "hash": verdict.head.hash.hex()}
    if as_json:
        told = None if fault is None else {"kind": fault.kind.value, "seq": fault.seq, "message": fault.says}
        show.as_json({"ok": fault is None, "tenant": verdict.tenant, "rows": verdict.rows, "head": head, "fault": told})
    elif fault is None:
        show.line(f"sound: {verdict.rows} entries of {verdict.tenant}, none changed")
        show.line(f"head {head['seq']}:{head['hash']}")
    else:
        show.line(f"{fault.kind.value}: {fault.says}")
        show.line(f"{verdict.rows} entries before it hold")
    return ExitCode.OK if fault is None else ExitCode.FAILED
