"""Where the centre's data lies: a pair of SQLite files, a PostgreSQL database, or memory."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from gwf.core.errors import ConfigError

_DRIVER = "postgresql+psycopg"
_FORMS = "sqlite, sqlite:DIRECTORY, postgresql://USER@HOST:PORT/NAME or memory"


class Backend(enum.StrEnum):
    """What keeps the data."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseAddress:
    """One place of data; prints without its password."""

    backend: Backend
    #: where core.db and events.db lie; only with SQLite
    directory: Path | None = None
    #: only with PostgreSQL
    url: sa.URL | None = None

    def __str__(self) -> str:
        """Return the address as people may see it."""
        if self.url is not None:
            return _shown(self.url)
        return f"sqlite:{self.directory}" if self.directory is not None else self.backend.value


def parse_address(text: str, *, data_dir: Path, password: str | None = None) -> DatabaseAddress:
    """Return the address that an operator wrote; a relative directory lies below `data_dir`.

    `password` is that of PostgreSQL's user, if it does not stand in the address.

    Raises:
        ConfigError: No address has this form.
    """
    if text == Backend.MEMORY:
        return DatabaseAddress(backend=Backend.MEMORY)
    if text == Backend.SQLITE:
        return DatabaseAddress(backend=Backend.SQLITE, directory=data_dir)
    scheme, colon, rest = text.partition(":")
    if scheme == Backend.SQLITE and rest and not rest.startswith("//"):
        return DatabaseAddress(backend=Backend.SQLITE, directory=data_dir / rest)
    if colon and scheme in {"postgresql", "postgres"}:
        return DatabaseAddress(backend=Backend.POSTGRESQL, url=_postgresql(rest, password))
    raise _refused("no address of a database has this form", text)


def _postgresql(rest: str, password: str | None) -> sa.URL:
    try:
        url = sa.make_url(f"{_DRIVER}:{rest}")
    except (ArgumentError, ValueError) as exc:
        raise _refused("the address of the PostgreSQL database cannot be read", "postgresql:…") from exc
    if not url.database:
        raise _refused("the address names no database", _shown(url))
    return url if password is None else url.set(password=password)


def _shown(url: sa.URL) -> str:
    secrets = {name: "***" for name in url.query if "password" in name}
    return url.set(drivername="postgresql").update_query_dict(secrets).render_as_string(hide_password=True)


def _refused(message: str, shown: str) -> ConfigError:
    shown = shown if "@" not in shown or "***" in shown else f"{shown.partition(':')[0]}:…"  # may hold a password
    return ConfigError(message, problems=(f"{message}: write {_FORMS}",), address=shown)
