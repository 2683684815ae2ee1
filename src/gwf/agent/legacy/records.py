"""The last uploads: two records each, one when the file was queued and one when it ended, from the journal."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gwf.agent.journal.reads import JournalReads
from gwf.agent.legacy.formats import UNSET, LocalTimes, size_text
from gwf.agent.model import FIRST_CLOSED, FileStatus

MAX_RECORDS = 200
_LOOK_BACK = 2000  #: rows changed last among which waiting files are looked for
_DAYS_MS = 366 * 86_400_000

_ENDED = """
SELECT at_ms, kind, body FROM outbox WHERE seq>? AND seq<=? AND kind IN ('file.done', 'file.dead')
ORDER BY seq DESC LIMIT ?
"""
_LAST = "SELECT coalesce(max(seq), 0) FROM outbox"
_OPEN = f"""
SELECT name, size_bytes, queued_at_ms, EXISTS (SELECT 1 FROM orders WHERE file_id=recent.id AND orders.gen=recent.gen)
FROM (SELECT id, gen, name, size_bytes, queued_at_ms, state FROM files ORDER BY updated_at_ms DESC LIMIT {_LOOK_BACK})
  AS recent WHERE state<{FIRST_CLOSED} AND state<>{int(FileStatus.DEAD)} ORDER BY queued_at_ms DESC LIMIT {MAX_RECORDS}
"""  # noqa: S608 — numbers of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    at_ms: int
    #: of two records of one moment the one that ended is the newer
    ended: bool
    fields: Mapping[str, str]


class UploadRecords:
    """Reads what is new since it was last asked. Thread-safe."""

    def __init__(self, reads: JournalReads, link: Callable[[str, str], str]) -> None:
        """`link` returns the address of an object by store and key, "" where it has none."""
        self._reads = reads
        self._link = link
        self._lock = threading.Lock()
        self._times = LocalTimes()
        self._seq = 0
        self._ended: deque[_Record] = deque(maxlen=2 * MAX_RECORDS)

    def latest(self, *, waiting: bool) -> list[Mapping[str, str]]:
        """Return the newest records, newest first; `waiting` says whether any file waits or is being sent."""
        with self._lock:
            last = int(self._reads.rows(_LAST, ())[0][0])
            rows = self._reads.rows(_ENDED, (self._seq, last, MAX_RECORDS))
            self._seq = last  # most events are of other kinds: they are looked at once
            for at_ms, kind, body in reversed(rows):
                self._ended.extend(self._of_end(at_ms, kind, json.loads(body)))
            records = list(self._ended)
        if waiting:
            records += [
                self._pending(name.rpartition(b"/")[2].decode("utf-8", "replace"), size, at_ms, ordered=bool(ordered))
                for name, size, at_ms, ordered in self._reads.rows(_OPEN, ())
            ]
        records.sort(key=lambda record: (record.at_ms, record.ended), reverse=True)
        return [record.fields for record in records[:MAX_RECORDS]]

    def _of_end(self, at_ms: int, kind: str, body: Mapping[str, Any]) -> tuple[_Record, _Record]:
        name = str(body["path"]).rpartition("/")[2]
        size_bytes, ordered = int(body.get("size_bytes") or 0), bool(body.get("ordered"))
        waited_ms = min(int(body.get("duration_ms") or 0), _DAYS_MS)
        done = kind == "file.done"
        note = ("手动上传" if ordered else "自动上传") if done else str(body.get("message") or body.get("error_class"))
        fields = {
            "file": name,
            "target": self._link(str(body["store"]), str(body["key"])) if done else "",
            "size": size_text(size_bytes),
            "result": "success" if done else "failed",
            "latency": f"{waited_ms} ms" if done else UNSET,
            "time": self._times.text(at_ms // 1000),
            "note": note,
        }
        began = self._pending(name, size_bytes, at_ms - waited_ms, ordered=ordered)
        return began, _Record(at_ms=at_ms, ended=True, fields=fields)

    def _pending(self, name: str, size_bytes: int, at_ms: int, *, ordered: bool) -> _Record:
        fields = {
            "file": name,
            "target": "",
            "size": size_text(size_bytes),
            "result": "pending",
            "latency": UNSET,
            "time": self._times.text(at_ms // 1000),
            "note": "手动触发" if ordered else "自动入队",
        }
        return _Record(at_ms=at_ms, ended=False, fields=fields)
