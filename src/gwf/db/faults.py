"""Translates what a database driver raises into our error families, once, where a transaction ends."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

import psycopg
from sqlalchemy import exc

from gwf.core.errors import ConflictError, CorruptDataError, GwfError, LocalIoError, UnavailableError

#: class or code of PostgreSQL's SQLSTATE: another transaction was in the way, so that the same may be tried again
_IN_THE_WAY = ("40",)
#: too little of something, or a person ended the statement or the server
_NOT_NOW = ("53", "57", "58", "55P03")


@contextmanager
def translated(what: str) -> Generator[None]:
    """Let only our families pass; errors of SQL text and of types are bugs and pass as they are.

    Raises:
        ConflictError: A row with this key exists already, or one that is needed does not.
        UnavailableError: The database did not answer, is busy or went away; trying again is safe.
        LocalIoError: The disk of a SQLite file is full or fails.
        CorruptDataError: The SQLite file is damaged.
    """
    try:
        yield
    except exc.TimeoutError as error:
        raise UnavailableError("all connections to the database are in use", database=what) from error
    except exc.DBAPIError as error:
        raise (_family(error, what) or error) from error
    except sqlite3.Error as error:  # from a bulk path, which speaks to the driver itself
        raise (_of_sqlite(error, what) or error) from error
    except psycopg.Error as error:
        raise (_of_postgresql(error, what) or error) from error


def is_outage(error: exc.DBAPIError) -> bool:
    """Tell whether the database failed or was busy, rather than refused a statement for what it says."""
    return _family(error, "") is not None


def _family(error: exc.DBAPIError, what: str) -> GwfError | None:
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause, what)
    if isinstance(cause, psycopg.Error):
        return _of_postgresql(cause, what)
    return None


def _of_sqlite(cause: sqlite3.Error, what: str) -> GwfError | None:
    problem = str(cause)
    code = getattr(cause, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    if isinstance(cause, sqlite3.IntegrityError):
        return ConflictError("the database refuses this beside what it holds", database=what, problem=problem)
    if primary in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return CorruptDataError("the database file is damaged", database=what, problem=problem)
    if primary in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}:
        return LocalIoError("the database file cannot be read or written", database=what, problem=problem)
    if primary in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return UnavailableError("another process holds the database file", database=what)
    return None


def _of_postgresql(cause: psycopg.Error, what: str) -> GwfError | None:
    state = cause.sqlstate or ""
    if state.startswith("23"):
        return ConflictError("the database refuses this beside what it holds", database=what, problem=_first(cause))
    if state.startswith(_IN_THE_WAY):
        return UnavailableError("another change was in the way", database=what)
    if state.startswith(_NOT_NOW) or (isinstance(cause, psycopg.OperationalError) and not state.startswith("28")):
        return UnavailableError("the database does not answer", database=what, problem=_first(cause))
    if state.startswith("28") or "authentication failed" in str(cause):
        return UnavailableError("the database refuses the user or the password", database=what, problem=_first(cause))
    return None


def _first(cause: Exception) -> str:
    return str(cause).partition("\n")[0]
