"""What the journal keeps of an upload in parts: its id before the first part is sent, then each part by itself."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from gwf.agent.journal import statements as sql
from gwf.agent.journal.notes import Writes, durable
from gwf.agent.journal.schema import open_for_reading
from gwf.agent.journal.turn import Turn
from gwf.agent.journal.upload_state import state_to_json
from gwf.agent.model import Work
from gwf.core.errors import LocalIoError
from gwf.storage.model import MultipartState, Part


class JournalRecord:
    """Speaks the port `UploadRecord` for one piece of work."""

    def __init__(self, journal: Writes, work: Work) -> None:
        """Write nothing yet."""
        self._journal = journal
        self._work = work

    def begun(self, state: MultipartState) -> None:
        """See UploadRecord.

        Raises:
            UnavailableError: The journal stopped, or could not be written for too long.
        """
        work, text = self._work, state_to_json(state)

        def write(_: Turn, connection: sqlite3.Connection) -> None:
            connection.execute(sql.PARTS_GONE, (work.file_id,))
            connection.execute(sql.UPLOAD_STATE, (text, work.file_id, work.gen))

        work.upload_state = text
        durable(self._journal, write)

    def stored(self, part: Part) -> None:
        """See UploadRecord."""
        work = self._work

        def write(_: Turn, connection: sqlite3.Connection) -> None:
            connection.execute(sql.PART, (work.file_id, work.gen, part.number, part.size_bytes, part.etag))

        self._journal.submit(write)


class UploadRecords:
    """The uploads of one journal, for those who send."""

    def __init__(self, journal: Writes, path: Path) -> None:
        """`path` is that of the journal's file."""
        self._journal = journal
        self._path = path

    def of(self, work: Work) -> JournalRecord:
        """Return where the upload of `work` is kept."""
        return JournalRecord(self._journal, work)

    def parts(self, work: Work) -> tuple[Part, ...]:
        """Return the parts that were kept of the upload of `work`, by number.

        Raises:
            LocalIoError: The journal cannot be read now.
        """
        try:
            connection = open_for_reading(self._path)
            try:
                rows = connection.execute(sql.PARTS, (work.file_id,)).fetchall()
            finally:
                connection.close()
        except sqlite3.Error as exc:
            raise LocalIoError("the journal cannot be read now", path=str(self._path), problem=str(exc)) from exc
        return tuple(Part(number=number, size_bytes=size_bytes, etag=etag) for number, size_bytes, etag in rows)
