"""What `gwf store` does: open the right store, list it, read it back."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from gwf.agent.journal.admin import open_admin
from gwf.cli import show, sources
from gwf.cli.outcome import ExitCode
from gwf.core.clock import utc_text
from gwf.core.errors import CorruptDataError, GwfError, NotFoundError
from gwf.core.settings.addresses import without_user_info
from gwf.core.settings.complete import DEFAULT_STORE
from gwf.core.settings.model import Settings, StoreSettings
from gwf.storage.factory import open_store
from gwf.storage.hashing import crc64_of
from gwf.storage.model import ObjectMeta
from gwf.storage.ports import ObjectStore

PAGE = 1000
MD5_HEX_CHARS = 32


@dataclass(slots=True, kw_only=True)
class Verdict:
    """Count of objects read back, and those that were not what they should be."""

    verified: int = 0
    #: read in full size, but the store keeps no checksum to compare with
    unproven: int = 0
    bytes: int = 0
    faults: list[dict[str, str]] = field(default_factory=list[dict[str, str]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A store in use by a command, its name, and the data directory of the agent that fills it."""

    name: str
    store: ObjectStore
    data_dir: Path


@contextmanager
def opened(where: str, *, config: Path | None, data: Path | None) -> Generator[Opened]:
    """Yield the store that `where` names or addresses.

    Raises:
        NotFoundError: No store of the configuration has this name or URL.
        ConfigError: The settings are not usable.
    """
    overrides: dict[str, object] = {"data_dir": None if data is None else str(data)}
    if "://" in where and config is None:
        overrides["stores.default.url"] = where
    settings = sources.load(config, overrides).settings
    name, chosen = _chosen(settings, where)
    store = open_store(name, chosen, workers=1)
    try:
        yield Opened(name=name, store=store, data_dir=settings.data_dir)
    finally:
        store.close()


def print_list(store: ObjectStore, prefix: str, *, limit: int, as_json: bool) -> None:
    """Print at most `limit` objects; say on standard error when there are more."""
    found: list[ObjectMeta] = []
    more = False
    for meta in _all(store, prefix):
        if len(found) == limit:
            more = True
            break
        found.append(meta)
    if as_json:
        show.as_json({"items": [_document(meta) for meta in found], "more": more})
        return
    rows = [(meta.key, meta.size_bytes, _when(meta), meta.etag) for meta in found]
    show.table(("key", "bytes", "modified", "etag"), rows)
    if more:
        show.warn(f"there are more than {limit} objects; raise --limit or name a longer prefix")


def print_object(store: ObjectStore, key: str, *, as_json: bool) -> None:
    """Print all that the store knows about `key`."""
    facts = _document(store.get_object_meta(key))
    if as_json:
        show.as_json(facts)
    else:
        show.table(("fact", "value"), list(facts.items()))


def verify(opened: Opened, prefix: str, *, with_journal: bool, as_json: bool) -> ExitCode:
    """Read back every object under `prefix` and print the verdict.

    Raises:
        NotFoundError: `with_journal` was asked for and the data directory holds none.
    """
    recorded = _recorded(opened, prefix) if with_journal else {}
    objects = list(_all(opened.store, prefix))
    verdict = Verdict()
    with _progress() as progress:
        task = progress.add_task("verify", total=sum(meta.size_bytes for meta in objects), done=0, count=len(objects))
        for done, meta in enumerate(objects, start=1):
            _judge(opened.store, meta, verdict, recorded=recorded.pop(meta.key, None))
            progress.update(task, advance=meta.size_bytes, done=done)
    missing = {"code": NotFoundError.code, "message": "the journal says that it was sent, but the store has it not"}
    verdict.faults += [{"key": key, **missing} for key in recorded]
    _print_verdict(verdict, as_json=as_json)
    return ExitCode.FAILED if verdict.faults else ExitCode.OK


def _recorded(opened: Opened, prefix: str) -> dict[str, str]:
    """Return the SHA-256 of every object that the journal says this store holds, by key."""
    journal = open_admin(opened.data_dir)
    try:
        found: dict[str, str] = {}
        cursor: str | None = None
        while True:
            page = journal.files(("done",), "", None, cursor, PAGE)
            mine = (item for item in page.items if item.store == opened.name and item.key.startswith(prefix))
            found.update((item.key, item.sha256) for item in mine if item.sha256)
            cursor = page.next_cursor
            if cursor is None:
                return found
    finally:
        journal.close()


def _chosen(settings: Settings, where: str) -> tuple[str, StoreSettings]:
    for name, store in settings.stores.items():
        if where in {name, store.url}:
            return name, store
    names = ", ".join(settings.stores) or DEFAULT_STORE
    raise NotFoundError("no store has this name or URL", store=without_user_info(where), there_are=names)


def _all(store: ObjectStore, prefix: str) -> Iterator[ObjectMeta]:
    after = ""
    while True:
        page = store.list_objects(prefix, after=after, limit=PAGE)
        yield from page.items
        if page.next_after is None:
            return
        after = page.next_after


def _judge(store: ObjectStore, listed: ObjectMeta, verdict: Verdict, *, recorded: str | None) -> None:
    try:
        meta = store.get_object_meta(listed.key)
        proven = _read_back(store, meta, verdict, recorded=recorded)
    except NotFoundError:
        return  # deleted since the listing
    except GwfError as exc:
        verdict.faults.append({"key": listed.key, "code": exc.code, "message": str(exc)})
        return
    verdict.verified += proven
    verdict.unproven += not proven


def _read_back(store: ObjectStore, meta: ObjectMeta, verdict: Verdict, *, recorded: str | None) -> bool:
    """Return whether any checksum proved the bytes; raise CorruptDataError where one differs."""
    md5, sha256, crc64, size = hashlib.md5(usedforsecurity=False), hashlib.sha256(), 0, 0
    for chunk in store.read_object(meta.key):
        md5.update(chunk)
        sha256.update(chunk)
        crc64 = crc64_of(chunk, crc64)
        size += len(chunk)
    verdict.bytes += size
    etag = meta.etag.lower() if len(meta.etag) == MD5_HEX_CHARS else None
    pairs = (
        ("size", meta.size_bytes, size),
        ("sha256", meta.sha256, sha256.hexdigest()),
        ("crc64", meta.crc64, crc64),
        ("md5", etag, md5.hexdigest()),
        ("sha256 in the journal", recorded, sha256.hexdigest()),
    )
    for what, stated, read in pairs:
        if stated is not None and stated != read:
            raise CorruptDataError("object differs from its checksum", what=what, stated=stated, read=read)
    return any(stated is not None for what, stated, _ in pairs if what != "size")


def _progress() -> Progress:
    columns = (
        TextColumn("{task.fields[done]}/{task.fields[count]} objects"),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True)


def _print_verdict(verdict: Verdict, *, as_json: bool) -> None:
    counts = {
        "verified": verdict.verified,
        "unproven": verdict.unproven,
        "faulty": len(verdict.faults),
        "bytes": verdict.bytes,
    }
    if as_json:
        show.as_json({"ok": not verdict.faults, **counts, "faults": verdict.faults})
        return
    if verdict.faults:
        show.table(("key", "code", "message"), [tuple(fault.values()) for fault in verdict.faults])
    show.line("  ".join(f"{name} {number}" for name, number in counts.items()))


def _document(meta: ObjectMeta) -> dict[str, object]:
    return {
        "key": meta.key,
        "size_bytes": meta.size_bytes,
        "modified_at": _when(meta),
        "etag": meta.etag,
        "sha256": meta.sha256,
        "crc64": None if meta.crc64 is None else str(meta.crc64),
    }


def _when(meta: ObjectMeta) -> str | None:
    return None if meta.modified_at_ms is None else utc_text(meta.modified_at_ms)
