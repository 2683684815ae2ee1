"""The form of a backup: compressed JSON lines that every database can be written to and read from.

The first line says what this is and of which revisions; each table has a line with its columns, one line a row, and a
line with their number; the last line has the SHA-256 of all lines before it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeVar

import msgspec
import sqlalchemy as sa
import zstandard

from gwf.core.errors import CorruptDataError

FORMAT, VERSION = "gwf-backup", 1
LEVEL = 6  #: of compression: about 60 MB/s
MAX_LINE_BYTES = 64 << 20
_CHUNK_BYTES = 1 << 20
_KINDS = ((sa.LargeBinary, "bytes"), (sa.Boolean, "boolean"), (sa.Double, "number"), (sa.BigInteger, "integer"))

Row = list[Any]
Kind = TypeVar("Kind")


class Head(msgspec.Struct, kw_only=True):
    """The first line."""

    format: str
    version: int
    made_at_ms: int
    #: of GWF
    release: str
    #: what it was made from
    backend: str
    #: of each half
    revisions: dict[str, str]


class TableHead(msgspec.Struct, kw_only=True):
    """The line before the rows of a table."""

    half: str
    table: str
    #: name and kind: text, integer, number, boolean or bytes
    columns: list[tuple[str, str]]


class _TableEnd(msgspec.Struct, kw_only=True):
    rows: int


class _End(msgspec.Struct, kw_only=True):
    tables: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a table, in the order of its key."""

    table: TableHead
    rows: Sequence[Row]


def kind_of(column: sa.Column[Any]) -> str:
    """Return the word for what a column holds."""
    for kind, word in (
        (sa.LargeBinary, "bytes"),
        (sa.Boolean, "boolean"),
        (sa.Double, "number"),
        (sa.BigInteger, "integer"),
    ):
        if isinstance(column.type, kind):
            return word
    return "text"


class DumpWriter:
    """Writes one backup into a file."""

    def __init__(self, file: BinaryIO) -> None:
        """Begin with nothing written."""
        self._packed = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).stream_writer(file, closefd=False)
        self._digest = hashlib.sha256()
        self._encoder = msgspec.json.Encoder()
        self._tables = 0

    def head(self, head: Head) -> None:
        """Write the first line."""
        self._write(self._encoder.encode(head) + b"\n")

    def table(self, table: TableHead) -> None:
        """Begin a table."""
        self._tables += 1
        self._write(self._encoder.encode(table) + b"\n")

    def rows(self, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows; bytes become base64."""
        self._write(self._encoder.encode_lines(rows))

    def end_table(self, rows: int) -> None:
        """End a table."""
        self._write(self._encoder.encode(_TableEnd(rows=rows)) + b"\n")

    def close(self) -> None:
        """Write the last line."""
        self._write(self._encoder.encode(_End(tables=self._tables, sha256=self._digest.hexdigest())) + b"\n")
        self._packed.flush(zstandard.FLUSH_FRAME)

    def _write(self, lines: bytes) -> None:
        self._digest.update(lines)
        self._packed.write(lines)


class DumpReader:
    """Reads one backup; what it gave out is proven only once `parts` has come to its end."""

    def __init__(self, file: BinaryIO) -> None:
        """Read the first line.

        Raises:
            CorruptDataError: This is no backup of ours, or one of a later form.
        """
        self._lines = _lines(file)
        self._digest = hashlib.sha256()
        self.head = _decoded(self._next(), Head)
        if self.head.format != FORMAT or self.head.version != VERSION:
            raise CorruptDataError("this is no backup that this release can read", version=self.head.version)

    def parts(self, size: int) -> Iterator[Part]:
        """Yield all rows, at most `size` of one table at once; a table without rows comes once without any.

        Raises:
            CorruptDataError: The backup is damaged or cut off.
        """
        tables = 0
        while not (line := self._next(counted=False)).startswith(b'{"tables"'):
            self._digest.update(line)
            tables += 1
            yield from self._table(_decoded(line, TableHead), size)
        end = _decoded(line, _End)
        if end.sha256 != self._digest.hexdigest() or end.tables != tables or next(self._lines, b""):
            raise CorruptDataError("the backup was changed after it was written")

    def _table(self, table: TableHead, size: int) -> Iterator[Part]:
        as_bytes = [place for place, (_, kind) in enumerate(table.columns) if kind == "bytes"]
        rows: list[Row] = []
        count = 0
        while (line := self._next()).startswith(b"["):
            rows.append(_row(line, len(table.columns), as_bytes))
            count += 1
            if len(rows) == size:
                yield Part(table, rows)
                rows = []
        if _decoded(line, _TableEnd).rows != count:
            raise CorruptDataError("a table of the backup is cut off", table=table.table)
        if rows or not count:
            yield Part(table, rows)

    def _next(self, *, counted: bool = True) -> bytes:
        line = next(self._lines, b"")
        if not line:
            raise CorruptDataError("the backup is cut off")
        if counted:
            self._digest.update(line)
        return line


def _row(line: bytes, width: int, as_bytes: Sequence[int]) -> Row:
    row = _decoded(line, Row)
    if len(row) != width:
        raise CorruptDataError("a row of the backup is damaged")
    try:
        for place in as_bytes:
            if row[place] is not None:
                row[place] = base64.b64decode(row[place], validate=True)
    except (binascii.Error, TypeError, ValueError) as exc:
        raise CorruptDataError("a row of the backup is damaged") from exc
    return row


def _decoded(line: bytes, kind: type[Kind]) -> Kind:
    try:
        return msgspec.json.decode(line, type=kind)
    except msgspec.MsgspecError as exc:
        raise CorruptDataError("a line of the backup is damaged") from exc


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a compressed file, each with its end."""
    rest = b""
    try:
        with zstandard.ZstdDecompressor().stream_reader(file, closefd=False) as plain:
            while chunk := plain.read(_CHUNK_BYTES):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    yield line + b"\n"
                if len(rest) > MAX_LINE_BYTES:
                    raise CorruptDataError("a line of the backup is too long")
    except zstandard.ZstdError as exc:
        raise CorruptDataError("the backup is damaged", problem=str(exc)) from exc
    if rest:
        raise CorruptDataError("the backup is cut off")
