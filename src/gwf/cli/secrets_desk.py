"""The work of `gwf secrets`: makes, shows and rotates keys, seals values for configuration files."""

from __future__ import annotations

import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import typer

from gwf.app.database import address_of
from gwf.audit.model import Actor, ActorKind
from gwf.cli import show, sources
from gwf.cli.outcome import ExitCode
from gwf.core.clock import SystemClock
from gwf.core.errors import ConfigError, ConflictError, InputError
from gwf.core.keyfile import make_keyring, read_keyring
from gwf.core.settings.kept import CONTEXT
from gwf.core.settings.keyplace import key_file_of
from gwf.db.address import Backend, DatabaseAddress
from gwf.db.database import open_database
from gwf.db.secret_store import SqlSecrets
from gwf.vault import rotation
from gwf.vault.rotation import Rotated, Rotation

MAX_SECRET_BYTES = 64 * 1024
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which keys, and the database whose secrets they open."""

    key_file: Path
    address: DatabaseAddress


def place(data: Path | None, config: Path | None) -> Place:
    """Return where the options lead.

    Raises:
        ConfigError: The configuration is not usable.
    """
    settings = sources.load(config, {"data_dir": None if data is None else str(data)}).settings
    return Place(key_file=key_file_of(settings), address=address_of(settings))


def init(where: Place) -> None:
    """Make the key file and print its path.

    Raises:
        ConflictError: There is one.
    """
    if where.key_file.exists():
        raise ConflictError("there is a key file already; `gwf secrets rotate` puts a new key in", path=where.key_file)
    make_keyring(where.key_file)
    show.line(str(where.key_file))


def print_ring(where: Place, *, as_json: bool) -> int:
    """Print the keys; return the exit code."""
    ring = read_keyring(where.key_file)
    counts = _counts(where)
    keys = () if ring is None else ring.keys
    rows = [{"id": key.id, "role": key.role.value, "secrets": counts.get(key.id, 0)} for key in keys]
    known = {str(row["id"]) for row in rows}
    rows += [{"id": key, "role": "missing", "secrets": count} for key, count in counts.items() if key not in known]
    lost = sum(count for key, count in counts.items() if key not in known)
    if as_json:
        show.as_json({"key_file": str(where.key_file), "items": rows, "unreadable": lost})
    else:
        show.table(("key", "role", "secrets"), [tuple(row.values()) for row in rows])
    if ring is None:
        show.warn(f"there is no key file: {where.key_file}")
    if lost:
        show.warn(f"{lost} secrets cannot be read: put the file with the missing keys back")
    return ExitCode.FAILED if lost else ExitCode.OK


def prepare(where: Place) -> None:
    """Put the next key into the file.

    Raises:
        NotFoundError: There is no file.
    """
    rotation.prepare(where.key_file)
    show.line(f"{where.key_file}: copy it to the other servers, then run `gwf secrets rotate` on one of them")


def rotate(where: Place, *, drop_old: bool, as_json: bool) -> int:
    """Seal all secrets with the next key; return the exit code.

    Raises:
        NotFoundError: There is no file.
        KeyMissingError: The file has not the key of this database.
    """
    actor = Actor(kind=ActorKind.LOCAL, id=f"cli:{getpass.getuser()}")
    clock = SystemClock()

    async def work(store: SqlSecrets) -> Rotated:
        return await Rotation(store, where.key_file, clock).rotate(actor, drop_old=drop_old)

    done = _at_store(where, work)
    if as_json:
        result = {"before": done.before, "now": done.now, "resealed": done.resealed}
        show.as_json({**result, "left": list(done.left), "dropped": list(done.dropped)})
    else:
        show.line(f"{done.resealed} secrets are sealed with key {done.now} now")
    for secret in done.left:
        show.warn(f"secret {secret} could not be read and stays as it was")
    return ExitCode.FAILED if done.left else ExitCode.OK


def seal(where: Place) -> None:
    """Read a secret and print its sealed form.

    Raises:
        InputError: It is empty or too large.
        NotFoundError: There is no key file.
    """
    ring = rotation.ring_in(where.key_file)
    show.line(f"${{sealed:{ring.seal(_given(), context=CONTEXT)}}}")


def _given() -> str:
    if sys.stdin.isatty():
        text: str = typer.prompt("Secret", hide_input=True, confirmation_prompt=True)
        return text
    raw = sys.stdin.buffer.read(MAX_SECRET_BYTES + 1)
    try:
        text = raw.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as exc:
        raise InputError("the secret is no UTF-8 text") from exc
    if not text or len(raw) > MAX_SECRET_BYTES:
        raise InputError("the secret is empty or too large", max_bytes=MAX_SECRET_BYTES)
    return text


def _counts(where: Place) -> Mapping[str, int]:
    if where.address.backend is Backend.MEMORY:
        return {}

    async def work(store: SqlSecrets) -> Mapping[str, int]:
        async with store.view() as reads:
            return await reads.count_by_key()

    return _at_store(where, work)


def _at_store(where: Place, work: Callable[[SqlSecrets], Awaitable[Result]]) -> Result:
    if where.address.backend is Backend.MEMORY:
        raise ConfigError("a centre in memory keeps no secrets over its end: there is nothing to rotate")

    async def run() -> Result:
        clock = SystemClock()
        async with await open_database(where.address, clock=clock, fallback=False) as database:
            return await work(SqlSecrets(database.core, clock))

    return asyncio.run(run())
