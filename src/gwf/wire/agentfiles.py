"""Directories and files of an agent's host: what is asked about them, and what the agent tells."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from gwf.wire.edge import ErrorClassName, FileState, Reason, Wire

MAX_PATH_CHARS = 4_096
MAX_QUERY_CHARS = 1_000
MAX_PAGE = 500  #: nodes in one page of a directory
MAX_CONTEXT = 20  #: lines shown around each line that was found
MAX_WINDOW_BYTES = 256 * 1024  #: of a file shown at once
MAX_PIECE_BYTES = 2 * 1024 * 1024  #: of a file in one answer; as base64 it has room in `wire.asks.MAX_ANSWER_BYTES`
MAX_DOWNLOAD_BYTES = 64 * 1024 * 1024  #: of a file that may be taken away whole

#: settling and what the journal says; unseen: it fits and was not taken up yet; excluded: a rule leaves it alone
NodeState = Literal[FileState, "unseen", "excluded"]
NodeKind = Literal["root", "dir", "file", "link", "other"]
LogLevel = Literal["error", "warn", "info", "debug"]
LevelSort = Literal[
    "name", "-name", "size", "-size", "modified", "-modified", "state", "-state", "attempts", "-attempts"
]
StageName = Literal["discovered", "stable", "queued", "uploaded", "tasks", "notified"]
#: unknown: it happened, and nobody wrote down when · off: nothing of this kind is configured
StageState = Literal["done", "running", "waiting", "failed", "pending", "skipped", "unknown", "off"]


class Told(BaseModel):
    """Base of what an agent tells: immutable; an older centre passes over what it does not know."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class LevelQuery(Wire):
    """One page of what lies in a directory."""

    #: absolute; "" = the watched directories themselves
    path: str = Field(default="", max_length=MAX_PATH_CHARS)
    #: part of the name, or a pattern with * and ?; upper and lower case are the same
    name: str = Field(default="", max_length=200)
    kind: Literal["all", "dir", "file"] = "all"
    state: list[NodeState] = Field(default=[], max_length=20)
    error_class: list[ErrorClassName] = Field(default=[], max_length=20)
    store: str = Field(default="", max_length=200)
    auto_upload: bool | None = None
    min_bytes: int | None = Field(default=None, ge=0)
    max_bytes: int | None = Field(default=None, ge=0)
    #: RFC 3339; only what was modified at or after, or before that
    modified_from: str | None = Field(default=None, max_length=40)
    modified_to: str | None = Field(default=None, max_length=40)
    #: also what the journal knows and the disk has no more
    gone: bool = True
    sort: LevelSort = "name"
    cursor: str | None = Field(default=None, max_length=8_000)
    limit: int = Field(default=100, ge=1, le=MAX_PAGE)


class FileCounts(Told):
    """Files below a directory, as far as the journal knows them; counted every few seconds at most."""

    files: int
    #: dead, or waiting after a failure
    failed: int
    #: ready, being sent or waiting
    pending: int
    size_bytes: int


class FileNode(Told):
    """One thing in a directory."""

    name: str
    #: absolute; bytes that are no UTF-8 are shown as \\xNN, and understood so
    path: str
    kind: NodeKind
    #: False = the journal knows it, the disk has it no more
    on_disk: bool = True
    size_bytes: int | None = None
    #: RFC 3339 UTC
    modified_at: str | None = None
    #: None for what is no file
    state: NodeState | None = None
    #: why the state is what it is
    reason: Reason | None = None
    #: it is sent by itself
    auto_upload: bool = True
    #: the switch stands at this very path, not at a directory above
    own_switch: bool = False
    attempts: int = 0
    error_class: ErrorClassName | None = None
    #: message of the last failure
    error: str = ""
    #: watched directory whose settings decide
    rule: str = ""
    store: str = ""
    key: str = ""
    #: address of the object once the store confirmed it
    address: str = ""
    next_at: str | None = None
    updated_at: str | None = None
    #: row of the agent's journal
    file_id: int | None = None
    #: None for files, and while nothing was counted
    counts: FileCounts | None = None


class LevelFacts(Told):
    """How many things of a directory are in each state, whatever the page shows of them."""

    dirs: int
    files: int
    size_bytes: int
    states: dict[str, int]
    error_classes: dict[str, int]


class IncomingRule(Told):
    """Whether a directory takes files that people put there, as its host says."""

    #: off: the host takes none · elsewhere: not in this directory
    state: Literal["open", "off", "elsewhere"]
    #: of one file
    max_bytes: int


class FileLevel(Told):
    """One page of a directory."""

    path: str
    items: list[FileNode]
    next_cursor: str | None
    #: exact
    total: int
    facts: LevelFacts
    #: the directory itself is sent by itself
    auto_upload: bool = True
    own_switch: bool = False
    #: None for the list of watched directories, and from an agent that is older
    incoming: IncomingRule | None = None
    #: watched directories of this agent, for whoever leads elsewhere
    roots: list[str]
    #: when the agent looked, RFC 3339 UTC
    as_of: str
    #: the agent does not answer: this is what it said then
    stale: bool = False


class FileStage(Told):
    """One step in the life of a file."""

    name: StageName
    state: StageState
    at: str | None = None
    #: since the step before; None where that is not known
    took_ms: int | None = None
    #: code of what there is to say, for example the error class or the name of an action
    note: str = ""
    count: int = 0


class FileTry(Told):
    """Something that happened to a file, as far as it is still kept."""

    at: str
    #: outbox kind without `file.`: failed, done, dead, replayed …
    what: str
    attempt: int | None = None
    error_class: str | None = None
    message: str = ""
    duration_ms: int | None = None


class FileTask(Told):
    """An action that was, is or will be done with a file after its upload."""

    kind: str
    state: Literal["ready", "running", "failed", "done", "refused", "undone"]
    attempts: int
    summary: str
    updated_at: str


class FileLife(Told):
    """One file with all that is known of it."""

    node: FileNode
    etag: str | None = None
    sha256: str | None = None
    #: from first queued to verified
    duration_ms: int | None = None
    priority: int | None = None
    stages: list[FileStage]
    tries: list[FileTry] = []
    tasks: list[FileTask] = []
    as_of: str
    stale: bool = False


class ContentQuery(Wire):
    """Which part of a file is wanted: its end, a window from a byte or around a line, or what a text is found in."""

    path: str = Field(min_length=1, max_length=MAX_PATH_CHARS)
    #: begin at this byte; with `backward`, end there
    offset: int | None = Field(default=None, ge=0)
    direction: Literal["forward", "backward"] = "forward"
    #: show this line and what stands around it
    line: int | None = Field(default=None, ge=1)
    #: show only lines that hold this, from `offset` on
    q: str = Field(default="", max_length=MAX_QUERY_CHARS)
    regex: bool = False
    case_sensitive: bool = False
    #: only lines of these levels; without `q`: all of them
    level: list[LogLevel] = Field(default=[], max_length=4)
    #: lines around each that was found
    context: int = Field(default=0, ge=0, le=MAX_CONTEXT)
    max_bytes: int = Field(default=64 * 1024, ge=1_024, le=MAX_WINDOW_BYTES)
    limit: int = Field(default=300, ge=1, le=1_000)
    encoding: Literal["auto", "utf-8", "gb18030", "utf-16-le", "utf-16-be", "latin-1"] = "auto"

    @property
    def searches(self) -> bool:
        """Tell whether lines are looked for."""
        return bool(self.q or self.level)


class LogLine(Told):
    """One line of a text file."""

    #: of its first byte
    offset: int
    #: from 1; None while lines before it were not counted
    number: int | None = None
    text: str
    level: LogLevel | None = None
    #: it was looked for
    hit: bool = False
    #: begin and end of each find, in UTF-16 units as scripts count
    spans: list[list[int]] = []
    #: longer than what is shown
    cut: bool = False


class StripCell(Told):
    """Finds in one equal part of the file."""

    hits: int
    errors: int
    warns: int


class SearchFacts(Told):
    """What a search found in the whole file."""

    hits: int
    #: hits by level; `other` has none
    levels: dict[str, int]
    #: equal parts of the file, from its beginning
    strip: list[StripCell]
    scanned_bytes: int
    took_ms: int
    #: the time was used up before the end
    truncated: bool
    #: go on here for more lines; None = these are all
    next_offset: int | None


class BinaryHead(Told):
    """The beginning of a file that is no text."""

    #: such as gzip, png, elf; "" = not recognised
    type: str
    #: at most 512 bytes in hexadecimal
    hex: str


class FileContent(Told):
    """A part of a file."""

    path: str
    #: of the file on disk
    disk_bytes: int
    #: of what is shown: unpacked if it is compressed
    size_bytes: int
    modified_at: str
    #: changes when another file takes the path, or it begins anew
    generation: str
    encoding: str
    #: gzip, bzip2, xz; "" = none
    compressed: str = ""
    #: only the first part was unpacked
    partial: bool = False
    lines: list[LogLine]
    start_offset: int
    #: go on here for what follows
    end_offset: int
    at_start: bool
    at_end: bool
    #: None while they were not counted to the end
    total_lines: int | None = None
    search: SearchFacts | None = None
    binary: BinaryHead | None = None
    as_of: str


class PieceQuery(Wire):
    """Which bytes of a file are wanted."""

    path: str = Field(min_length=1, max_length=MAX_PATH_CHARS)
    offset: int = Field(default=0, ge=0)
    max_bytes: int = Field(default=MAX_PIECE_BYTES, ge=1, le=MAX_PIECE_BYTES)
    #: a larger file is refused
    most_bytes: int = Field(default=MAX_DOWNLOAD_BYTES, ge=0)


class FilePiece(Told):
    """Bytes of a file as it lies on the disk."""

    path: str
    #: of the whole file
    size_bytes: int
    modified_at: str
    #: changes when another file takes the path
    generation: str
    offset: int
    #: base64
    data: str
    as_of: str


class UploadOrder(Wire):
    """Body of an order to send one file now."""

    path: str = Field(min_length=1, max_length=MAX_PATH_CHARS)
    reason: str = Field(default="", max_length=1_000)


class SwitchOrder(Wire):
    """Body of an order to send a file, or all below a directory, by itself or not."""

    path: str = Field(min_length=1, max_length=MAX_PATH_CHARS)
    enabled: bool
    reason: str = Field(default="", max_length=1_000)


class ActOrder(Wire):
    """What is asked of an agent when a person acts."""

    path: str = Field(min_length=1, max_length=MAX_PATH_CHARS)
    enabled: bool | None = None
    author: str = Field(max_length=200)


class ActDone(Told):
    """An order was taken; it is durable."""

    path: str
    enabled: bool | None = None
    as_of: str
