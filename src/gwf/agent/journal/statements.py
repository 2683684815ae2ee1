"""The SQL of the journal's writer."""

from __future__ import annotations

from gwf.agent.model import FIRST_CLOSED, FileStatus

_SENDING, _DIRTY = int(FileStatus.SENDING), int(FileStatus.DIRTY)
_READY, _WAITING, _DEAD = int(FileStatus.READY), int(FileStatus.WAITING), int(FileStatus.DEAD)
_DONE, _SKIPPED = int(FileStatus.DONE), int(FileStatus.SKIPPED)
_VANISHED, _SUPERSEDED = int(FileStatus.VANISHED), int(FileStatus.SUPERSEDED)

DIRECTORY = "INSERT INTO dirs (path) VALUES (?) ON CONFLICT (path) DO UPDATE SET path=excluded.path RETURNING id"

# A known version is left alone, unless it was given up because the file seemed gone or in change.
# A version that is being sent is not handed out twice: the newer one waits as DIRTY.
ENQUEUE = f"""
INSERT INTO files (dir_id, name, ino, size_bytes, mtime_ns, state, store, priority, by_content, key,
                   next_at_ms, queued_at_ms, updated_at_ms, reason, recovered)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (dir_id, name) DO UPDATE SET
  ino=excluded.ino, size_bytes=excluded.size_bytes, mtime_ns=excluded.mtime_ns, gen=gen+1,
  state=CASE WHEN state IN ({_SENDING}, {_DIRTY}) THEN {_DIRTY} ELSE excluded.state END,
  store=excluded.store, priority=excluded.priority, by_content=excluded.by_content, key=excluded.key,
  next_at_ms=excluded.next_at_ms, queued_at_ms=excluded.queued_at_ms, updated_at_ms=excluded.updated_at_ms,
  reason=excluded.reason, attempts=0, recovered=excluded.recovered, gone_at_ms=NULL, duration_ms=NULL,
  error_class=NULL, error=NULL, upload_state=NULL
WHERE (ino, size_bytes, mtime_ns) IS NOT (excluded.ino, excluded.size_bytes, excluded.mtime_ns)
   OR state IN ({_VANISHED}, {_SUPERSEDED})
RETURNING id, gen, state, sha256
"""

_WORK = """id, gen, (SELECT path FROM dirs WHERE dirs.id = dir_id), name, ino, size_bytes, mtime_ns, store, key,
by_content, attempts, queued_at_ms, recovered, upload_state, sha256, priority"""

CLAIM = f"""
UPDATE files SET state={_SENDING} WHERE id IN (
  SELECT id FROM files WHERE state={_READY} AND state<{FIRST_CLOSED} AND store=?
  ORDER BY priority, next_at_ms LIMIT ?)
RETURNING {_WORK}
"""

PROMOTE = f"""
UPDATE files SET state={_READY} WHERE id IN (
  SELECT id FROM files WHERE state={_WAITING} AND state<{FIRST_CLOSED} AND store=? AND priority=?
  AND next_at_ms <= ? LIMIT 2000)
"""

# Waits that lie further ahead than any wait can: the clock was set back.
PROMOTE_FAR = f"""
UPDATE files SET state={_READY} WHERE id IN (
  SELECT id FROM files WHERE state={_WAITING} AND state<{FIRST_CLOSED} AND store=? AND priority=?
  AND next_at_ms > ? LIMIT 2000)
"""

WAITING_LANES = f"SELECT DISTINCT store, priority FROM files WHERE state={_WAITING} AND state<{FIRST_CLOSED}"

RECOVER = f"UPDATE files SET state={_READY}, recovered=1 WHERE state IN ({_SENDING}, {_DIRTY}) AND state<{FIRST_CLOSED}"

DONE = f"""
UPDATE files SET state={_DONE}, updated_at_ms=?, attempts=attempts+1, duration_ms=?, key=?, etag=?, sha256=?,
  recovered=0, reason=?, error_class=NULL, error=NULL, upload_state=NULL WHERE id=? AND gen=?
"""

FAILED = """
UPDATE files SET state=?, updated_at_ms=?, attempts=attempts+?, next_at_ms=?, error_class=?, error=?, recovered=0
WHERE id=? AND gen=?
"""

CLOSED = """
UPDATE files SET state=?, updated_at_ms=?, reason=?, gone_at_ms=?, recovered=0, upload_state=NULL WHERE id=? AND gen=?
"""

RELEASED = f"UPDATE files SET state={_READY} WHERE id=? AND gen=?"

# The work ended but a newer version of the file was written to the journal meanwhile.
FREE_DIRTY = f"UPDATE files SET state={_READY} WHERE id=? AND state={_DIRTY}"

UPLOAD_STATE = "UPDATE files SET upload_state=? WHERE id=? AND gen=?"

GONE = f"""
UPDATE files SET gone_at_ms=?,
  state=CASE WHEN state IN ({_READY}, {_WAITING}) THEN {_VANISHED} ELSE state END,
  updated_at_ms=CASE WHEN state IN ({_READY}, {_WAITING}) THEN ? ELSE updated_at_ms END
WHERE id=? AND gone_at_ms IS NULL RETURNING state, updated_at_ms, gen
"""

VANISHED = f"""
INSERT INTO files (dir_id, name, ino, size_bytes, mtime_ns, state, store, priority, key,
                   next_at_ms, queued_at_ms, updated_at_ms, gone_at_ms)
VALUES (?, ?, 0, 0, 0, {_VANISHED}, '', 9, '', 0, ?, ?, ?) ON CONFLICT (dir_id, name) DO NOTHING RETURNING id, gen
"""

PURGE_GONE = "DELETE FROM files WHERE id IN (SELECT id FROM files WHERE gone_at_ms < ? LIMIT 5000)"

TALLY = """
INSERT INTO tallies (name, value, at_ms, note) VALUES (?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET value=value+excluded.value, at_ms=excluded.at_ms, note=excluded.note
"""

FACT = "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value=excluded.value"

EVENT = "INSERT INTO outbox (seq, at_ms, kind, file_id, gen, body) VALUES (?, ?, ?, ?, ?, ?)"

FINGERPRINT = "UPDATE dirs SET fingerprint=? WHERE path=?"
