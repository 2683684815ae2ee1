"""Lines of watched text files, as they are asked for and sent."""

from __future__ import annotations

from gwf.wire.edge import Wire


class LogSearch(Wire):
    """Which lines of which file are wanted."""

    path: str
    #: the text that a line must hold
    query: str
    #: lines at most; what is not in 1 … 2000 counts as 2000
    limit: int = 0
    #: False = upper and lower case are the same
    case_sensitive: bool = False


class LastLines(Wire):
    """The end of a file."""

    #: oldest first
    lines: list[str]


class LinesFound(Wire):
    """Lines that hold the text, in the order of the file."""

    lines: tuple[str, ...]
    #: there may be more: the limit, the time or the room for an answer was used up
    truncated: bool
    #: bytes looked through
    scanned_bytes: int
