"""Writes the directory tree and the list of files as JSON; only directories that changed are written anew."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from gwf.agent.inputs.files.select import Selector
from gwf.agent.legacy.formats import LocalTimes, size_text
from gwf.agent.legacy.rows import STATUS_WORDS, FileRows, Packed, Row
from gwf.wire.gojson import quoted, text_of

CHUNK_CHARS = 256 * 1024  #: text encoded at a time
_FILES_AT_A_TIME = 1000
_SORTED_AT_A_TIME = 10_000
_DIRECTORIES_AT_A_TIME = 64
MAX_KEPT = 300_000  #: files of a listing that is kept for the next one (about 0.5 KB each)
_ODD = re.compile(rb"[^ !#-%'-;=?-\[\]-~]")  # whatever stands otherwise in JSON, and all that is not ASCII


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """One watched tree as it is listed."""

    #: resolved path
    path: bytes
    #: as the configuration names it
    shown: str
    selector: Selector
    #: endings that are listed, lower case; empty = all
    suffixes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """All that decides about a listing besides the journal."""

    roots: Sequence[Root]
    #: whether a path is sent by itself
    allows: Callable[[bytes], bool]
    #: directories that hold a path with a switch of its own
    switched: frozenset[bytes]
    #: files that the journal does not know yet, by directory
    extra: Mapping[bytes, Sequence[Row]]

    def switches_in(self, directory: bytes) -> bool:
        """Tell whether something directly in `directory` may have a switch of its own."""
        return directory in self.switched


@dataclass(slots=True)
class _Directory:
    """One directory, written: as children of its node, and as lines of the list."""

    #: path of the watched tree it belongs to
    root: bytes
    path: bytes
    shown: str
    is_auto: bool
    names: list[bytes]
    nodes: list[str] = field(default_factory=list[str])
    lines: list[str] = field(default_factory=list[str])
    mtimes: list[int] = field(default_factory=list[int])
    #: what it was written from; None when more than that decided about it
    packed: Packed | None = None

    def still_holds(self, packed: Packed, scene: Scene) -> bool:
        """Tell whether it would be written the same again."""
        return (
            self.packed == packed
            and self.path not in scene.extra
            and self.is_auto == scene.allows(self.path)
            and not scene.switches_in(self.path)
        )


class _Spot(NamedTuple):
    """A directory of a watched tree."""

    root: Root
    path: bytes


class Listing:
    """Keeps what it wrote last. For one thread at a time."""

    def __init__(self, rows: FileRows) -> None:
        """Read from `rows`."""
        self._rows = rows
        self._times = LocalTimes()
        self._kept: dict[int, _Directory] = {}
        self._marks: Sequence[tuple[object, ...]] = ()

    def forget(self) -> None:
        """Give memory back; the next listing is written whole."""
        self._kept = {}

    def write(self, scene: Scene) -> tuple[list[bytes], list[bytes]]:
        """Return the inside of `directoryTree` and of `files`, each in pieces."""
        marks = [(root.path, root.shown, root.suffixes) for root in scene.roots]
        if marks != self._marks:
            self._kept, self._marks = {}, marks
        directories = self._directories(scene)
        trees = _encoded(_tree(root, directories, scene) for root in scene.roots)
        files = _encoded(_files(list(directories.values())))
        if sum(len(directory.lines) for directory in self._kept.values()) > MAX_KEPT:
            self._kept = {}
        return trees, files

    def _directories(self, scene: Scene) -> dict[bytes, _Directory]:
        places = _Places(scene.roots)
        paths = self._rows.directories()
        kept: dict[int, _Directory] = {}
        found: dict[bytes, _Directory] = {}
        for directory_id, packed in self._rows.packed():
            path = paths.get(directory_id)  # one that came after the paths were read is listed next time
            root = None if path is None else places.root_of(path)
            if path is None or root is None:
                continue
            before = self._kept.get(directory_id)
            if before is None or not before.still_holds(packed, scene):
                before = self._written(_Spot(root, path), packed, scene)
            kept[directory_id] = found[path] = before
            if len(kept) % _DIRECTORIES_AT_A_TIME == 0:
                _let_others_run()
        for path, rows in scene.extra.items():
            root = places.root_of(path)
            if path not in found and root is not None:
                found[path] = self._write(_Spot(root, path), rows, scene)
        self._kept = kept
        return {path: directory for path, directory in found.items() if directory.nodes}

    def _written(self, spot: _Spot, packed: Packed, scene: Scene) -> _Directory:
        rows, extra = packed.rows(), scene.extra.get(spot.path)
        if extra is not None:
            known = {row[0] for row in rows}
            rows = sorted([*rows, *(row for row in extra if row[0] not in known)])
        directory = self._write(spot, rows, scene)
        if extra is None and not scene.switches_in(spot.path):
            directory.packed = packed
        return directory

    def _write(self, spot: _Spot, rows: Sequence[Row], scene: Scene) -> _Directory:
        root, path = spot
        if root.suffixes:
            rows = [row for row in rows if row[0].lower().endswith(root.suffixes)]
        directory = _Directory(root.path, path, _shown(root, path), scene.allows(path), [row[0] for row in rows])
        base, common = quoted(directory.shown), _word(directory.is_auto)
        switched = scene.switches_in(path)
        text_at, nodes, lines = self._times.text, directory.nodes, directory.lines
        for (raw, size_bytes, mtime_ns, state), name in zip(rows, _names(directory.names), strict=True):
            auto = _word(scene.allows(path + b"/" + raw)) if switched else common
            size, at = size_text(size_bytes), text_at(mtime_ns // 1_000_000_000)
            head = f'{{"name":"{name}","path":"{base}/{name}",'
            nodes.append(f'{head}"type":"file","autoUpload":{auto},"size":"{size}","updated":"{at}"}}')
            status = STATUS_WORDS[state]
            lines.append(f'{head}"size":"{size}","status":"{status}","time":"{at}","autoUpload":{auto}}}')
            directory.mtimes.append(mtime_ns)
        return directory


class _Places:
    """Tells to which root a directory belongs, if it is listed at all."""

    def __init__(self, roots: Sequence[Root]) -> None:
        self._known: dict[bytes, Root | None] = {root.path: root for root in roots}

    def root_of(self, path: bytes) -> Root | None:
        climbed: list[bytes] = []
        while path not in self._known and path not in {b"", b"/"}:
            climbed.append(path)
            path = path.rpartition(b"/")[0]
        root = self._known.get(path)
        for inner in reversed(climbed):
            if root is not None and not root.selector.enters(inner):
                root = None
            self._known[inner] = root
        return root


def _tree(root: Root, directories: Mapping[bytes, _Directory], scene: Scene) -> Iterator[str]:
    """Yield the node of a root and all below it; depth is bounded by memory only."""
    directories = {path: item for path, item in directories.items() if item.root == root.path}
    below = _subdirectories(root, directories)
    yield _head(root.shown, root.shown, scene.allows(root.path))
    if root.path not in below and root.path not in directories:
        yield "}"
        return
    yield ',"children":['
    frames = [_children(root.path, directories, below)]
    first = True
    while frames:
        entry = next(frames[-1], None)
        if entry is None:
            frames.pop()
            yield "]}"
            continue
        if not first:
            yield ","
        first = isinstance(entry, bytes)
        if isinstance(entry, str):
            yield entry
            continue
        name = text_of(entry.rpartition(b"/")[2])
        yield _head(name, _shown(root, entry), scene.allows(entry)) + ',"children":['
        frames.append(_children(entry, directories, below))


def _children(
    path: bytes, directories: Mapping[bytes, _Directory], below: Mapping[bytes, set[bytes]]
) -> Iterator[str | bytes]:
    """Yield written files, and paths of subdirectories, by name."""
    directory, inner = directories.get(path), sorted(below.get(path, ()))
    if directory is None:
        yield from (path + b"/" + name for name in inner)
        return
    if not inner:
        yield ",".join(directory.nodes)
        return
    start = 0
    for name in inner:
        end = start
        while end < len(directory.names) and directory.names[end] < name:
            end += 1
        if end > start:
            yield ",".join(directory.nodes[start:end])
        yield path + b"/" + name
        start = end
    if start < len(directory.names):
        yield ",".join(directory.nodes[start:])


def _subdirectories(root: Root, directories: Iterable[bytes]) -> dict[bytes, set[bytes]]:
    below: dict[bytes, set[bytes]] = {}
    inside = root.path + b"/"
    for path in directories:
        while path.startswith(inside):
            parent, _, name = path.rpartition(b"/")
            names = below.setdefault(parent, set())
            if name in names:
                break
            names.add(name)
            path = parent  # noqa: PLW2901 — climbs
    return below


def _files(directories: Sequence[_Directory]) -> Iterator[Iterator[str]]:
    """Yield the lines of all files, newest first; equal times are in the order of their paths."""
    directories = sorted(directories, key=lambda directory: directory.path)
    lines = list(chain.from_iterable(directory.lines for directory in directories))
    mtimes = list(chain.from_iterable(directory.mtimes for directory in directories))
    order: list[int] = []
    for at in range(0, len(lines), _SORTED_AT_A_TIME):
        order += sorted(range(at, min(at + _SORTED_AT_A_TIME, len(lines))), key=mtimes.__getitem__, reverse=True)
        _let_others_run()
    order.sort(key=mtimes.__getitem__, reverse=True)  # merges what is sorted already
    for at in range(0, len(order), _FILES_AT_A_TIME):
        if at % _SORTED_AT_A_TIME == 0:
            _let_others_run()
        yield iter((",".join([lines[place] for place in order[at : at + _FILES_AT_A_TIME]]),))


def _encoded(items: Iterable[Iterator[str]]) -> list[bytes]:
    """Return JSON texts, parted by commas, as UTF-8 in pieces."""
    pieces: list[bytes] = []
    held: list[str] = []
    length = 0
    for number, item in enumerate(items):
        for text in chain((",",) if number else (), item):
            held.append(text)
            length += len(text)
            if length >= CHUNK_CHARS:
                pieces.append("".join(held).encode())
                held, length = [], 0
    pieces.append("".join(held).encode())
    return pieces


def _let_others_run() -> None:
    """Give up the interpreter lock for a moment: whoever waits for it takes it, and need not ask for 5 ms."""
    time.sleep(0.00005)


def _names(names: Sequence[bytes]) -> list[str]:
    """Return names as they stand in JSON; nearly always they need no change."""
    together = b"/".join(names)
    if _ODD.search(together.replace(b"/", b"")) is None:
        return together.decode().split("/")
    return [quoted(text_of(name)) for name in names]


def _shown(root: Root, path: bytes) -> str:
    return root.shown + text_of(path[len(root.path) :])


def _head(name: str, path: str, auto: bool) -> str:  # noqa: FBT001 — private, three values of one node
    return f'{{"name":"{quoted(name)}","path":"{quoted(path)}","type":"dir","autoUpload":{_word(auto)}'


def _word(value: bool) -> str:  # noqa: FBT001 — a value, no option
    return "true" if value else "false"
