"""Dead letters as the API and the commands show and choose them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gwf.wire.edge import ErrorClassName, FileView, Wire

Ids = Annotated[list[Annotated[int, Field(ge=1, le=2**63 - 1)]], Field(min_length=1, max_length=10_000)]


class DeadGroup(Wire):
    """Files that were given up for one cause."""

    error_class: ErrorClassName | None
    #: the message without paths, keys, ids and numbers
    cause: str
    #: stable name of class and cause, for filters
    cause_id: str
    files: int
    bytes: int
    #: files by store
    stores: dict[str, int]
    oldest_at: str
    newest_at: str
    #: one file of the group, and what was said about it
    example_id: int
    example_message: str


class DeadPage(Wire):
    """Dead letters: all groups with the first page, and one page of files, newest first."""

    groups: list[DeadGroup]
    items: list[FileView]
    next_cursor: str | None
    #: files that the filter leaves
    total: int
    as_of: str


class HistoryEntry(Wire):
    """One event of a file."""

    seq: int
    at: str
    #: for example file.failed, file.dead, file.replayed, file.dropped, file.done
    kind: str
    version: int | None
    #: what the event says: attempt, message, who, why …
    facts: dict[str, object]


class DeadFilter(Wire):
    """Which dead letters; what is left out is not asked."""

    error_class: ErrorClassName | None = None
    cause_id: str | None = Field(default=None, pattern=r"^[0-9a-f]{12}$")
    store: str | None = Field(default=None, max_length=200)
    #: part of the path
    path: str = Field(default="", max_length=500)
    #: given up longer ago than this
    older_than_s: float | None = Field(default=None, ge=0, le=1e9)
    #: given up more recently than this
    newer_than_s: float | None = Field(default=None, ge=0, le=1e9)


class ReplayOrder(Wire):
    """Send dead letters again: those of `ids`, or all that `filter` leaves ({} = all)."""

    ids: Ids | None = None
    filter: DeadFilter | None = None
    #: send them to this store instead
    to_store: str | None = Field(default=None, max_length=200)
    #: under this key instead; for one file only; {sha256} stands for the content's hash
    to_key: str | None = Field(default=None, max_length=1024)
    #: take the key even if another file has it
    force: bool = False
    dry_run: bool = False
    #: for the record
    reason: str = Field(default="", max_length=500)


class DropOrder(Wire):
    """Give dead letters up for good."""

    ids: Ids | None = None
    filter: DeadFilter | None = None
    dry_run: bool = False
    #: why; it stays on record
    reason: str = Field(min_length=1, max_length=500)


class ChangedFiles(Wire):
    """Which files an order changed, or would change."""

    count: int
    dry_run: bool
    #: the first of them, as they were before
    items: list[FileView]
