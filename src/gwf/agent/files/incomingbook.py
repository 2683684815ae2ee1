"""Remembers on disk which files are coming in, so that a restart goes on with them and what is left is found."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path

import msgspec

from gwf.core.durable import write_durably

DIRECTORY = "incoming"  #: inside the data directory
_SUFFIX = ".json"

log = logging.getLogger("gwf.agent.files")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A file that is coming in."""

    incoming_id: str
    #: of the watched tree
    root: bytes
    #: resolved, at or below the root
    directory: bytes
    name: bytes
    size_bytes: int
    #: of the file where it comes from
    modified_at_ms: int
    #: it may take the place of a file of this name
    replace: bool
    author: str
    begun_at_ms: int

    @property
    def path(self) -> bytes:
        """Where it will be."""
        return self.directory + b"/" + self.name


class IncomingBook:
    """One small file for each; a begin that cannot be written down does not take place."""

    def __init__(self, data_dir: Path) -> None:
        """Touch nothing yet."""
        self._directory = data_dir / DIRECTORY

    def load(self) -> dict[str, Item]:
        """Return what is coming in; an entry that cannot be read is taken out."""
        found: dict[str, Item] = {}
        for path in sorted(self._directory.glob(f"*{_SUFFIX}")):
            try:
                item = msgspec.json.decode(path.read_bytes(), type=Item)
            except (OSError, msgspec.MsgspecError) as exc:
                log.warning("incoming_not_read", extra={"path": str(path), "error": str(exc)})
                path.unlink(missing_ok=True)
                continue
            found[item.incoming_id] = item
        return found

    def enter(self, item: Item) -> None:
        """Write an item down, in place of what was known of it.

        Raises:
            LocalIoError: The system refused.
        """
        self._directory.mkdir(mode=0o700, exist_ok=True)
        write_durably(self._path(item.incoming_id), msgspec.json.encode(item), mode=0o600)

    def strike(self, incoming_id: str) -> None:
        """Forget an item; what cannot be removed is tried again when it is next looked at."""
        try:
            self._path(incoming_id).unlink(missing_ok=True)
        except OSError as exc:
            log.warning("incoming_not_struck", extra={"incoming_id": incoming_id, "error": os.strerror(exc.errno or 0)})

    def _path(self, incoming_id: str) -> Path:
        return self._directory / f"{incoming_id}{_SUFFIX}"
