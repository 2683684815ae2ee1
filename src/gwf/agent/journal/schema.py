"""Tables of the journal file, and how a connection to it is opened."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from gwf.core.errors import CorruptDataError, InputError

FILE_NAME = "journal.db"
WRITER_CACHE_KIB = 16_000  #: pages of the journal that its writer keeps: full after some 28,000 files
READER_CACHE_KIB = 4_000  #: the same for each connection that reads

_FIRST = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE tallies (name TEXT PRIMARY KEY, value INTEGER NOT NULL, at_ms INTEGER, note TEXT) WITHOUT ROWID;
CREATE TABLE dirs (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, fingerprint BLOB);
CREATE TABLE files (
  id INTEGER PRIMARY KEY,
  dir_id INTEGER NOT NULL,
  name BLOB NOT NULL,
  ino INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  gen INTEGER NOT NULL DEFAULT 1,
  state INTEGER NOT NULL,
  store TEXT NOT NULL,
  priority INTEGER NOT NULL,
  by_content INTEGER NOT NULL DEFAULT 0,
  key TEXT NOT NULL,
  next_at_ms INTEGER NOT NULL,
  queued_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  recovered INTEGER NOT NULL DEFAULT 0,
  gone_at_ms INTEGER,
  duration_ms INTEGER,
  reason TEXT,
  error_class TEXT,
  error TEXT,
  etag TEXT,
  sha256 BLOB,
  upload_state TEXT,
  UNIQUE (dir_id, name)
);
CREATE INDEX files_open ON files (state, store, priority, next_at_ms, size_bytes) WHERE state < 10;
CREATE INDEX files_recent ON files (updated_at_ms);
CREATE INDEX files_gone ON files (gone_at_ms) WHERE gone_at_ms IS NOT NULL;
CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  kind TEXT NOT NULL,
  file_id INTEGER,
  gen INTEGER,
  body TEXT NOT NULL
);
CREATE TABLE orphans (id INTEGER PRIMARY KEY, store TEXT NOT NULL, upload_state TEXT NOT NULL);
"""

_SWITCHES = """
CREATE TABLE switches (path BLOB PRIMARY KEY, enabled INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE orders (file_id INTEGER PRIMARY KEY, gen INTEGER NOT NULL);
"""

# When a version was first seen, and when it was judged finished; NULL where nobody watched it settle.
_SEEN = """
ALTER TABLE files ADD COLUMN seen_at_ms INTEGER;
ALTER TABLE files ADD COLUMN stable_at_ms INTEGER;
"""

# Each part of an upload by itself: before, all of them were written anew with each, at the end of the state's text.
_PARTS = """
CREATE TABLE upload_parts (
  file_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  etag TEXT NOT NULL,
  PRIMARY KEY (file_id, number)
) WITHOUT ROWID;
INSERT OR IGNORE INTO upload_parts
SELECT f.id, json_extract(part.value, '$[0]'), json_extract(part.value, '$[1]'), json_extract(part.value, '$[2]')
FROM files f, json_each(CASE WHEN json_valid(f.upload_state) THEN f.upload_state ELSE '{}' END, '$.parts') part
WHERE f.upload_state IS NOT NULL AND json_type(part.value, '$[2]')='text';
UPDATE files SET upload_state=substr(upload_state, 1, instr(upload_state, ', "parts": [') - 1) || '}'
WHERE instr(upload_state, ', "parts": [');
UPDATE orphans SET upload_state=substr(upload_state, 1, instr(upload_state, ', "parts": [') - 1) || '}'
WHERE instr(upload_state, ', "parts": [');
"""

# How far logs were read, and what was decided about their lines: written in one transaction.
_LOGS = """
CREATE TABLE log_spots (
  path BLOB NOT NULL,
  ino INTEGER NOT NULL,
  place_bytes INTEGER NOT NULL,
  head BLOB NOT NULL,
  head_bytes INTEGER NOT NULL,
  inside_long_line INTEGER NOT NULL,
  PRIMARY KEY (path, ino)
) WITHOUT ROWID;
CREATE TABLE log_decisions (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
"""

#: what each version of the tables adds to the one before; an older file is upgraded at open
_STEPS = (_FIRST, _SWITCHES, _SEEN, _PARTS, _LOGS)
SCHEMA_VERSION = len(_STEPS)


def open_for_writing(path: Path, *, max_pages: int | None = None) -> sqlite3.Connection:
    """Open the journal, making or upgrading its tables; every commit is synced to disk.

    `max_pages` limits the file (tests of a full disk).

    Raises:
        InputError: The file was written by a newer release, or cannot be opened.
        CorruptDataError: It is no SQLite database.
    """
    if path.is_file() and path.stat().st_size == 0:
        raise CorruptDataError("the journal is empty", path=str(path))  # cut off by a power failure
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10.0)
        os.chmod(path, 0o600)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA cache_size=-{WRITER_CACHE_KIB}")
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute("PRAGMA wal_autocheckpoint=4000")
        if max_pages is not None:
            connection.execute(f"PRAGMA max_page_count={int(max_pages)}")
        _upgrade(connection, path)
    except sqlite3.DatabaseError as exc:
        raise _refused(exc, path) from exc
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Open the journal for reading beside a running agent.

    Raises:
        InputError: There is no journal here, or it cannot be opened.
        CorruptDataError: It is no SQLite database.
    """
    if not path.is_file():
        raise InputError("no journal here", path=str(path))
    if path.stat().st_size == 0:
        raise CorruptDataError("the journal is empty", path=str(path))
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False, timeout=10.0
        )
        connection.execute(f"PRAGMA cache_size=-{READER_CACHE_KIB}")
        connection.execute("PRAGMA query_only=1")
        connection.execute("SELECT 1 FROM files LIMIT 1").fetchone()
    except sqlite3.DatabaseError as exc:
        raise _refused(exc, path) from exc
    return connection


def _upgrade(connection: sqlite3.Connection, path: Path) -> None:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA_VERSION:
        raise InputError("the journal was written by a newer release", path=str(path), schema=version)
    if version < SCHEMA_VERSION:
        steps = "".join(_STEPS[version:])
        connection.executescript(f"BEGIN IMMEDIATE; {steps} PRAGMA user_version={SCHEMA_VERSION}; COMMIT;")


def _refused(exc: sqlite3.DatabaseError, path: Path) -> InputError | CorruptDataError:
    if isinstance(exc, sqlite3.OperationalError) and not str(exc).startswith("no such table"):
        return InputError("the journal cannot be opened", path=str(path), problem=str(exc))
    return CorruptDataError("the journal is damaged", path=str(path), problem=str(exc))
