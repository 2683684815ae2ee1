"""Reads the Go version's queue file, and saves what can be read of a damaged one."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from gwf.core.errors import LocalIoError, TooLargeError
from gwf.core.settings.legacy.salvage import Damage

MAX_BYTES = 512 * 1024**2  #: some five million entries

#: one whole text of a JSON list: begun and ended as such, nothing open inside
_ENTRY = re.compile(r'(?:\A|[\[,])\s*("(?:[^"\\\x00-\x1f]|\\.)*")\s*(?=[,\]]|\Z)')


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEntries:
    """Paths that wait in queue files, each once, oldest first; and the files that were damaged."""

    paths: tuple[bytes, ...]
    #: how many of them stand in backups of earlier damage only
    from_backups: int
    damage: tuple[Damage, ...]


def read_queue_files(files: tuple[Path, ...], *, work_dir: Path) -> QueueEntries:
    """Return what waits in the queue file and in the backups that the Go version made of damaged ones.

    Relative paths begin at `work_dir`. Nothing is changed.

    Raises:
        LocalIoError: A file cannot be read.
        TooLargeError: A file is too large to be a queue.
    """
    paths: dict[bytes, None] = {}
    backed_up: dict[bytes, None] = {}
    damage: list[Damage] = []
    for file in files:
        is_backup = file.name.endswith(".bak")
        items, fault = _read(file)
        if fault and not is_backup:
            damage.append(Damage(path=file, problems=fault, saved=len(items)))
        for item in items:
            (backed_up if is_backup else paths)[_absolute(item, work_dir)] = None
    extra = [path for path in backed_up if path not in paths]
    return QueueEntries(paths=(*paths, *extra), from_backups=len(extra), damage=tuple(damage))


def entries_of(raw: bytes) -> tuple[list[str], tuple[str, ...]]:
    """Return the entries in the bytes of a queue file, and what is wrong with them; nothing wrong = sound."""
    if not raw.strip(b"\0 \t\r\n"):
        return [], ("is empty: a crash cut it off before anything was written",)
    try:
        value: object = json.loads(raw)
    except (ValueError, RecursionError):
        return _saved(raw)
    items = cast("dict[str, object]", value).get("items") if isinstance(value, dict) else None
    if items is None and isinstance(value, dict) and "items" in value:
        return [], ()
    if not isinstance(items, list):
        return [], ("has no list of items",)
    texts = [item for item in cast("list[object]", items) if isinstance(item, str) and item]
    odd = len(cast("list[object]", items)) - len(texts)
    return texts, ((f"{odd} items are no paths and were left out",) if odd else ())


def _read(file: Path) -> tuple[list[str], tuple[str, ...]]:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise TooLargeError("this is too large for a queue file", path=str(file), max_bytes=MAX_BYTES)
        items, faults = entries_of(file.read_bytes())
    except OSError as exc:
        raise LocalIoError("the queue file cannot be read", path=str(file), reason=exc.strerror) from exc
    return items, tuple(f"{file}: {fault}" for fault in faults)


def _saved(raw: bytes) -> tuple[list[str], tuple[str, ...]]:
    text = raw.replace(b"\0", b"").decode("utf-8", "replace")
    found: list[str] = []
    for match in _ENTRY.finditer(text):
        try:
            item: object = json.loads(match[1])
        except ValueError:
            continue  # a broken escape; the count below tells that something is missing
        if isinstance(item, str) and item.strip():
            found.append(item)
    left = _ENTRY.sub("", text)
    cut = len(left.replace('{"items":', "").strip(" \t\r\n[]{},"))
    return found, (f"is no whole JSON document: {len(found)} entries saved, {cut} characters could not be read",)


def _absolute(item: str, work_dir: Path) -> bytes:
    return os.fsencode(os.path.normpath(os.path.join(work_dir, item.replace("\0", ""))))
