"""The SQL of the journal's writer.

Python gives up its lock in every step of a statement, and each time a worker takes it. So what happens to many
rows is written by few statements of many rows; `rows_of` builds those.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TypeVar

from gwf.agent.model import FIRST_CLOSED, IGNORED, SHA256_PLACEHOLDER, FileStatus

T = TypeVar("T")

IGNORING_RULES = "ignoring_rules"  #: fact: which rules kept files from being sent
STRAYS_FORGOTTEN = "strays_forgotten"  #: fact: files of stores that were not there any more were forgotten
RATE_LIMITED = "rate_limited"  #: reason of a row that waits for a rate limit
PROMOTE_MOST = 2000  #: waiting rows of one lane that are made ready at a time
ROWS = 250  #: rows in one statement of many rows
#: How many rows such a statement may have. They are few, so that all stay prepared: one of 250 rows takes up to 360 KB
#: and milliseconds to prepare, and a connection keeps 128 statements.
PORTIONS = (ROWS, 100, 50, 20, 10, 5, 2, 1)

_SENDING, _DIRTY = int(FileStatus.SENDING), int(FileStatus.DIRTY)
_READY, _WAITING = int(FileStatus.READY), int(FileStatus.WAITING)
_DONE, _SKIPPED, _VANISHED = int(FileStatus.DONE), int(FileStatus.SKIPPED), int(FileStatus.VANISHED)

DIRECTORY = "INSERT INTO dirs (path) VALUES (?) ON CONFLICT (path) DO UPDATE SET path=excluded.path RETURNING id"

# CROSS JOIN keeps the order: each pair is searched in the index.
_KNOWN = """
SELECT dir_id, name, id, gen, state, ino, size_bytes, mtime_ns, store, key, sha256, gone_at_ms, upload_state,
  reason
FROM (VALUES {rows}) AS v CROSS JOIN files ON dir_id=v.column1 AND name=v.column2
"""

_INSERT = """
INSERT INTO files (id, dir_id, name, ino, size_bytes, mtime_ns, state, store, priority, by_content, key,
                   next_at_ms, queued_at_ms, updated_at_ms, reason, recovered, seen_at_ms, stable_at_ms) VALUES {rows}
"""

NEW_VERSION = """
UPDATE files SET ino=?, size_bytes=?, mtime_ns=?, state=?, store=?, priority=?, by_content=?, key=?,
  next_at_ms=?, queued_at_ms=?, updated_at_ms=?, reason=?, recovered=?, seen_at_ms=?, stable_at_ms=?,
  gen=?, upload_state=?, attempts=0,
  gone_at_ms=NULL, duration_ms=NULL, error_class=NULL, error=NULL WHERE id=?
"""

BACK = "UPDATE files SET gone_at_ms=NULL WHERE id=?"

_WORK = """id, gen, (SELECT path FROM dirs WHERE dirs.id = dir_id), name, ino, size_bytes, mtime_ns, store, key,
by_content, attempts, queued_at_ms, recovered, upload_state, sha256, priority"""

CLAIM = f"""
UPDATE files SET state={_SENDING} WHERE id IN (
  SELECT id FROM files WHERE state={_READY} AND state<{FIRST_CLOSED} AND store=?
  ORDER BY priority, next_at_ms LIMIT ?)
RETURNING {_WORK}
"""

# The first and the last lane in which something waits.
_READY_LANE = f"SELECT priority FROM files WHERE state={_READY} AND state<{FIRST_CLOSED} AND store=?1 ORDER BY priority"
READY_LANES = f"SELECT ({_READY_LANE} LIMIT 1), ({_READY_LANE} DESC LIMIT 1)"

# What is due longest, whatever its priority: the first rows of each lane, found in the index, and the oldest of those.
CLAIM_AGED = f"""
WITH RECURSIVE lane (priority) AS (VALUES (0) UNION ALL SELECT priority + 1 FROM lane WHERE priority < 9)
UPDATE files SET state={_SENDING} WHERE id IN (
  SELECT f.id FROM lane CROSS JOIN files f ON f.id IN (
    SELECT id FROM files WHERE state={_READY} AND state<{FIRST_CLOSED} AND store=?1 AND priority=lane.priority
    ORDER BY next_at_ms LIMIT ?2)
  ORDER BY f.next_at_ms, f.id LIMIT ?2)
RETURNING {_WORK}
"""

PROMOTE = f"""
UPDATE files SET state={_READY} WHERE id IN (
  SELECT id FROM files WHERE state={_WAITING} AND state<{FIRST_CLOSED} AND store=? AND priority=?
  AND next_at_ms <= ? LIMIT {PROMOTE_MOST})
"""

# A store came back: what waits because of it need not wait any longer. Throttled work keeps the wait it was told.
WAKE = f"""
UPDATE files SET state={_READY} WHERE id IN (
  SELECT id FROM files WHERE state={_WAITING} AND state<{FIRST_CLOSED} AND store=?
  AND error_class IN ('network', 'timeout', 'server') LIMIT ?)
"""

WAKE_ONE = f"""
UPDATE files SET state={_READY} WHERE id IN (
  SELECT id FROM files WHERE state={_WAITING} AND state<{FIRST_CLOSED} AND store=? AND error_class IS NOT NULL
  ORDER BY priority, next_at_ms LIMIT 1)
"""

# The wall clock was set back: what was due then is due as much earlier now.
PULL_FORWARD = f"UPDATE files SET next_at_ms=next_at_ms-? WHERE state={_WAITING} AND state<{FIRST_CLOSED}"

# Waits that lie further ahead than any wait can: the clock was set back while the process was down.
STRANDED = f"UPDATE files SET next_at_ms=? WHERE state={_WAITING} AND state<{FIRST_CLOSED} AND next_at_ms>?"

PENDING = f"SELECT count(*) FROM files WHERE state<{FIRST_CLOSED} AND state IN (1, 2, 3, 4)"

# Each store and priority in which files wait, and when the first of them is due; one look into the index for each.
_WAITS = f"state={_WAITING} AND state<{FIRST_CLOSED}"
_LANE_ORDER = "ORDER BY store, priority, next_at_ms LIMIT 1"
WAITING_LANES = f"""
WITH RECURSIVE lane (id) AS (
  SELECT (SELECT id FROM files WHERE {_WAITS} {_LANE_ORDER})
  UNION ALL
  SELECT (SELECT id FROM files WHERE {_WAITS} AND (store, priority) > (first.store, first.priority) {_LANE_ORDER})
  FROM lane CROSS JOIN files AS first ON first.id=lane.id)
SELECT store, priority, next_at_ms FROM lane CROSS JOIN files ON files.id=lane.id
"""

# A newer version that is not to be sent (DIRTY with a reason) stays unsent.
RECOVER = f"""
UPDATE files SET state=CASE WHEN state={_DIRTY} AND reason IS NOT NULL THEN {_SKIPPED} ELSE {_READY} END, recovered=1
WHERE state IN ({_SENDING}, {_DIRTY}) AND state<{FIRST_CLOSED}
"""

# Uploads of these files may have been begun under an id that no journal knows. A DIRTY row no longer says how large.
SUSPECTS = f"""
INSERT INTO orphans (store, upload_state)
SELECT store, 'key:' || key FROM files
WHERE state IN ({_SENDING}, {_DIRTY}) AND state<{FIRST_CLOSED}
  AND (upload_state IS NULL OR instr(upload_state, '"upload_id": ""'))
  AND (size_bytes >= ? OR state={_DIRTY}) AND NOT instr(key, '{SHA256_PLACEHOLDER}')
EXCEPT SELECT store, upload_state FROM orphans
"""

# The same, before a newer version with another key or store takes the row: at the next start nobody could name the key.
SUSPECT_OLD = f"""
INSERT INTO orphans (store, upload_state)
SELECT v.column1, 'key:' || v.column2 FROM (VALUES (?, ?)) AS v
WHERE NOT instr(v.column2, '{SHA256_PLACEHOLDER}')
EXCEPT SELECT store, upload_state FROM orphans
"""

_DONE_ROWS = f"""
UPDATE files SET state={_DONE}, updated_at_ms=?, attempts=attempts+1, duration_ms=v.column3, key=v.column4,
  etag=v.column5, sha256=v.column6, reason=v.column7, recovered=0, error_class=NULL, error=NULL, upload_state=NULL
FROM (VALUES {{rows}}) AS v WHERE files.id=v.column1 AND files.gen=v.column2
"""

FAILED = """
UPDATE files SET state=?, updated_at_ms=?, attempts=attempts+?, next_at_ms=?, error_class=?, error=?, recovered=0
WHERE id=? AND gen=?
"""

CLOSED = """
UPDATE files SET state=?, updated_at_ms=?, reason=?, gone_at_ms=?, recovered=0, upload_state=?
WHERE id=? AND gen=? RETURNING dir_id
"""

# Not a failure: nothing is charged. A reason that is there already (moved by an operator) stays.
DEFERRED = f"""
UPDATE files SET state={_WAITING}, next_at_ms=?, reason=coalesce(reason, '{RATE_LIMITED}') WHERE id=? AND gen=?
"""

# The limits changed: what waits for them is judged by the new ones.
UNDEFER = f"""
UPDATE files SET state={_READY} WHERE state={_WAITING} AND state<{FIRST_CLOSED} AND store=? AND error_class IS NULL
"""

RELEASED = f"UPDATE files SET state={_READY} WHERE id=? AND gen=?"

# The work ended but a newer version of the file was written to the journal meanwhile; a reason says: not to be sent.
FREE_DIRTY = f"""
UPDATE files SET state=CASE WHEN reason IS NULL THEN {_READY} ELSE {_SKIPPED} END WHERE id=? AND state={_DIRTY}
"""

# The newer version differs in nothing but its inode, as after a copy of the tree: the parts sent are compared anyway.
PASS_ON = f"""
UPDATE files SET upload_state=?
WHERE id=? AND store=? AND key=? AND size_bytes=? AND mtime_ns=? AND state={_READY} AND upload_state IS NULL
"""

UPLOAD_STATE = "UPDATE files SET upload_state=? WHERE id=? AND gen=?"

# Parts belong to the upload that its file's row names; those of an upload that ended are cleared later.
PART = """
INSERT OR REPLACE INTO upload_parts (file_id, number, size_bytes, etag)
SELECT id, ?3, ?4, ?5 FROM files WHERE id=?1 AND gen=?2 AND upload_state IS NOT NULL
"""
PARTS = "SELECT number, size_bytes, etag FROM upload_parts WHERE file_id=? ORDER BY number"
PARTS_GONE = "DELETE FROM upload_parts WHERE file_id=?"

# One look-up for each file that has parts, however many it has.
PURGE_PARTS = """
WITH RECURSIVE held (id) AS (
  SELECT min(file_id) FROM upload_parts
  UNION ALL SELECT (SELECT min(file_id) FROM upload_parts WHERE file_id > held.id) FROM held WHERE held.id IS NOT NULL)
DELETE FROM upload_parts WHERE file_id IN (
  SELECT held.id FROM held LEFT JOIN files ON files.id=held.id
  WHERE held.id IS NOT NULL AND files.upload_state IS NULL)
"""

GONE = f"""
UPDATE files SET gone_at_ms=?,
  state=CASE WHEN state IN ({_READY}, {_WAITING}) THEN {_VANISHED} ELSE state END,
  updated_at_ms=CASE WHEN state IN ({_READY}, {_WAITING}) THEN ? ELSE updated_at_ms END
WHERE id=? AND gone_at_ms IS NULL RETURNING state, updated_at_ms, gen, dir_id, store, upload_state
"""

# Only the version whose object is verified; a repeat changes nothing.
ARCHIVED = f"""
UPDATE files SET reason='archived', gone_at_ms=coalesce(gone_at_ms, ?), updated_at_ms=?
WHERE id=? AND gen=? AND state={_DONE} AND coalesce(reason, '')<>'archived'
"""
TAKEN_BACK = f"""
UPDATE files SET state={_SKIPPED}, reason=?, updated_at_ms=? WHERE id=? AND gen=? AND state={_DONE}
"""
RESTORED = f"""
UPDATE files SET ino=?, reason=NULL, gone_at_ms=NULL WHERE id=? AND gen=? AND state={_DONE} AND reason='archived'
"""

# Events that actions have not read yet, or that the centre has not taken, are kept, however many there are. A turn
# clears a part only: after days away from the centre there may be millions.
PURGE_EVENTS = """
DELETE FROM outbox WHERE seq <= (SELECT max(seq) FROM outbox) - ? AND seq < (SELECT min(seq) FROM outbox) + ?
  AND seq <= (SELECT coalesce(min(CAST(value AS INTEGER)), 9223372036854775807) FROM facts
              WHERE name IN ('actions_read', 'report_kept'))
"""

NO_UPLOAD = "UPDATE files SET upload_state=NULL WHERE id=?"

VANISHED = f"""
INSERT INTO files (id, dir_id, name, ino, size_bytes, mtime_ns, state, store, priority, key,
                   next_at_ms, queued_at_ms, updated_at_ms, gone_at_ms)
VALUES (?, ?, ?, 0, 0, 0, {_VANISHED}, '', 9, '', 0, ?, ?, ?) ON CONFLICT (dir_id, name) DO NOTHING RETURNING id, gen
"""

# Rows of files that were never queued (store = '') are kept for a day only: temporary files come by thousands.
PURGE_GONE = """
DELETE FROM files WHERE id IN (
  SELECT id FROM files WHERE gone_at_ms < ? OR (gone_at_ms < ? AND store='') LIMIT 5000)
"""

TALLY = """
INSERT INTO tallies (name, value, at_ms, note) VALUES (?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET value=value+excluded.value, at_ms=excluded.at_ms, note=excluded.note
"""

FACT = "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value=excluded.value"

_EVENTS = "INSERT INTO outbox (seq, at_ms, kind, file_id, gen, body) VALUES {rows}"

# Not where files are to be decided about anew: a walk that saw them before that was written says "complete" after it.
# Files are looked at only in a journal that ever let go of some.
FINGERPRINT = f"""
UPDATE dirs SET fingerprint=? WHERE path=? AND NOT (
  EXISTS (SELECT 1 FROM facts WHERE name IN ('{IGNORING_RULES}', '{STRAYS_FORGOTTEN}')) AND EXISTS (
    SELECT 1 FROM files WHERE dir_id=dirs.id AND state={int(FileStatus.SUPERSEDED)} AND gone_at_ms IS NULL))
"""
NO_FINGERPRINT = "UPDATE dirs SET fingerprint=NULL WHERE id=?"

ORPHAN = "INSERT INTO orphans (store, upload_state) VALUES (?, ?)"
ORPHANS = "SELECT id, store, upload_state FROM orphans"
ORPHAN_GONE = "DELETE FROM orphans WHERE id=?"

# Until the next walk is done, stores are asked about every file that is entered.
ASK_FIRST = "INSERT INTO facts (name, value) VALUES ('rebuilt', 'yes') ON CONFLICT (name) DO NOTHING"

LEFT_ALONE = "existed_before_first_start"  #: reason of files that were there before a tree was ever watched

# A file that was left alone so is to be sent after all, unless the store has it.
TAKE_AFTER_ALL = f"""
UPDATE files SET state={_READY}, recovered=1, reason=NULL, key=?, next_at_ms=?, queued_at_ms=?, updated_at_ms=?
WHERE dir_id=(SELECT id FROM dirs WHERE path=?) AND name=? AND ino=? AND size_bytes=? AND mtime_ns=?
  AND state={_SKIPPED} AND reason='{LEFT_ALONE}'
"""

# Rows whose store was renamed or removed: forgotten, so that the walk queues the files anew under today's rules.
STRAYS = f"""
UPDATE files SET state={int(FileStatus.SUPERSEDED)}, reason='store_no_longer_configured'
WHERE state<{FIRST_CLOSED} AND state IN ({_READY}, {_WAITING}) AND store NOT IN ({{stores}}) RETURNING dir_id
"""

# Files that a rule kept from being sent: forgotten once the rules are others, so that a walk decides anew.
IGNORED_BEFORE = f"""
UPDATE files SET state={int(FileStatus.SUPERSEDED)}, reason=NULL
WHERE state={_SKIPPED} AND reason='{IGNORED}' RETURNING dir_id
"""
IGNORING = f"SELECT value FROM facts WHERE name='{IGNORING_RULES}'"


@lru_cache(maxsize=1024)
def known(rows: int) -> str:
    """Return the look-up of `rows` (directory id, name) pairs."""
    return _KNOWN.format(rows=rows_of(rows, 2))


@lru_cache(maxsize=1024)
def insert(rows: int) -> str:
    """Return the insertion of `rows` new files of 18 values each."""
    return _INSERT.format(rows=rows_of(rows, 18))


@lru_cache(maxsize=1024)
def done(rows: int) -> str:
    """Return the update of `rows` finished files: time, then id, gen, duration, key, etag, sha256, reason of each."""
    return _DONE_ROWS.format(rows=rows_of(rows, 7))


@lru_cache(maxsize=1024)
def events(rows: int) -> str:
    """Return the insertion of `rows` outbox rows of 6 values each."""
    return _EVENTS.format(rows=rows_of(rows, 6))


def portions(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield `items` in runs of the lengths in PORTIONS, longest first."""
    at = 0
    for size in PORTIONS:
        while len(items) - at >= size:
            yield items[at : at + size]
            at += size


def rows_of(rows: int, values: int) -> str:
    """Return the text of `rows` rows of `values` parameters."""
    return ",".join(["(" + ",".join("?" * values) + ")"] * rows)
