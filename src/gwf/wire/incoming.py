"""Files that people put into watched directories: what is asked for, piece by piece, and what the agent tells."""

from __future__ import annotations

from pydantic import Field

from gwf.wire.agentfiles import MAX_PATH_CHARS, Told
from gwf.wire.edge import Wire

MAX_INCOMING_PIECE_BYTES = 1024 * 1024  #: of a file in one request; as base64 it has room in a question
MAX_NAME_CHARS = 255
MAX_FILE_BYTES = 1024**4  #: whatever the host allows
MAX_PIECE_CHARS = 4 * ((MAX_INCOMING_PIECE_BYTES + 2) // 3)
INCOMING_ID = r"^[0-9a-f]{24}$"
SHA256 = r"^[0-9a-f]{64}$"


class IncomingOrder(Wire):
    """Body that begins to put a file into a directory, or goes on with one that was begun: the answer says from where.

    The same file is one of the same person, place, size and time.
    """

    #: absolute, at or below a watched one
    directory: str = Field(min_length=1, max_length=MAX_PATH_CHARS)
    name: str = Field(min_length=1, max_length=MAX_NAME_CHARS)
    size_bytes: int = Field(ge=0, le=MAX_FILE_BYTES)
    #: of the file where it comes from, in milliseconds since 1970
    modified_at_ms: int = Field(default=0, ge=0, le=2**53)
    #: take the place of a file of this name
    replace: bool = False
    reason: str = Field(default="", max_length=1_000)


class IncomingEnd(Wire):
    """Body that ends a file whose bytes are all there: it gets its name if they are what they should be."""

    #: as the answer to the begin told it
    path: str = Field(min_length=1, max_length=MAX_PATH_CHARS)
    size_bytes: int = Field(ge=0, le=MAX_FILE_BYTES)
    #: of the whole file
    sha256: str = Field(pattern=SHA256)
    reason: str = Field(default="", max_length=1_000)


class IncomingStop(Wire):
    """Body that gives up a file: what came of it is removed."""

    #: as the answer to the begin told it
    path: str = Field(min_length=1, max_length=MAX_PATH_CHARS)
    reason: str = Field(default="", max_length=1_000)


class IncomingBegin(Wire):
    """What is asked of an agent when a file begins."""

    directory: str = Field(min_length=1, max_length=MAX_PATH_CHARS)
    name: str = Field(min_length=1, max_length=MAX_NAME_CHARS)
    size_bytes: int = Field(ge=0, le=MAX_FILE_BYTES)
    modified_at_ms: int = Field(default=0, ge=0)
    replace: bool = False
    #: who puts it there; nobody else may go on with it
    author: str = Field(max_length=200)


class IncomingPiece(Wire):
    """The next bytes of a file."""

    incoming_id: str = Field(pattern=INCOMING_ID)
    offset: int = Field(ge=0)
    #: base64
    data: str = Field(max_length=MAX_PIECE_CHARS)
    author: str = Field(max_length=200)


class IncomingFinish(Wire):
    """What is asked of an agent when all bytes were sent."""

    incoming_id: str = Field(pattern=INCOMING_ID)
    path: str = Field(min_length=1, max_length=MAX_PATH_CHARS)
    size_bytes: int = Field(ge=0)
    sha256: str = Field(pattern=SHA256)
    author: str = Field(max_length=200)


class IncomingCancel(Wire):
    """What is asked of an agent when a file is given up."""

    incoming_id: str = Field(pattern=INCOMING_ID)
    path: str = Field(min_length=1, max_length=MAX_PATH_CHARS)
    author: str = Field(max_length=200)


class IncomingState(Told):
    """How far a file is."""

    incoming_id: str
    #: where it will be
    path: str
    size_bytes: int
    #: go on from here
    received_bytes: int
    #: no more in one request
    piece_bytes: int = MAX_INCOMING_PIECE_BYTES
    #: what came of it is removed when nothing follows for so long
    kept_for_s: float
    as_of: str


class IncomingDone(Told):
    """The whole file has its name and is carried as any other."""

    path: str
    size_bytes: int
    #: as the agent computed it
    sha256: str
    as_of: str


class IncomingGone(Told):
    """Nothing of the file is left."""

    path: str
    as_of: str
