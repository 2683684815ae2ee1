"""Writers as applications are: whole files, rewrites, temporary names, trees that appear at once, appenders."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from tests.chaos.ledger import Written

LARGE_BYTES = 350 * 1024  #: sent in parts in every experiment


class Load:
    """Writes below one directory and notes every complete version. Not thread-safe."""

    def __init__(self, root: bytes, written: Written, chance: random.Random) -> None:
        self.root = root
        self.paths: list[bytes] = []
        self._written = written
        self._random = random.Random(chance.random())
        self.count = 0

    def content(self, size_bytes: int = 0) -> bytes:
        """Return bytes that no other file has."""
        self.count += 1
        head = b"%b %d %d\n" % (self.root, self.count, self._random.getrandbits(64))
        return head + self._random.randbytes(max(0, (size_bytes or self._random.randint(1, 2000)) - len(head)))

    def put(self, name: bytes, data: bytes | None = None) -> bytes:
        """Write a file in one go; return its path."""
        path = os.path.join(self.root, name)
        data = self.content() if data is None else data
        self._written.note(path, data)  # before it exists: the store may hold it the moment it does
        with open(path, "wb") as file:
            file.write(data)
        self.paths.append(path)
        return path

    def small(self, count: int, *, prefix: bytes = b"f") -> None:
        for _ in range(count):
            self.put(b"%b-%06d.log" % (prefix, self.count))

    def large(self) -> bytes:
        return self.put(b"large-%06d.bin" % self.count, self.content(LARGE_BYTES + self.count))

    def rewrite(self) -> None:
        """Replace the content of an older file in place."""
        if self.paths:
            self.put(os.path.relpath(self._random.choice(self.paths), self.root))

    def renamed(self) -> None:
        """Write under a temporary name, then move into place, over an older file now and then."""
        over = self.paths and self._random.random() < 0.3
        path = self._random.choice(self.paths) if over else os.path.join(self.root, b"r-%06d.log" % self.count)
        data = self.content()
        temporary = path + b".tmp"
        with open(temporary, "wb") as file:
            file.write(data)
        self._written.note(path, data)
        os.rename(temporary, path)
        self.paths.append(path)

    def mix(self, *, large_share: float = 0.15) -> None:
        """Do a little of everything."""
        self.small(3)
        self.renamed()
        if self._random.random() < 0.3:
            self.rewrite()
        if self._random.random() < large_share:
            self.large()

    def note(self, path: bytes) -> None:
        """Note what a file holds now as a complete version."""
        with open(path, "rb") as file:
            self._written.note(path, file.read())

    def move(self, source: bytes, target: bytes) -> None:
        """Rename a file of ours inside the tree."""
        self._written.versions.setdefault(target, []).extend(self._written.versions.get(source, []))
        os.rename(source, target)

    def move_tree(self, source: bytes, target: bytes) -> None:
        """Rename a directory with files of ours, both named from the root."""
        old, new = (os.path.join(self.root, name) for name in (source, target))
        for path in list(self._written.versions):
            if path.startswith(old + b"/"):
                self._written.versions.setdefault(new + path.removeprefix(old), []).extend(self._written.versions[path])
        os.rename(old, new)


class TreeMaker:
    """Makes directory trees appear below a root by different means; `outside` is not watched."""

    def __init__(self, load: Load, outside: bytes) -> None:
        self._load = load
        self._outside = outside
        os.makedirs(outside, exist_ok=True)

    def means(self) -> tuple[Callable[[bytes], None], ...]:
        return (self.mkdir_and_write, self.copy, self.move, self.extract, self.sync)

    def mkdir_and_write(self, name: bytes) -> None:
        """`mkdir -p && write`, as fast as it goes."""
        self._fill(os.path.join(self._load.root, name))

    def copy(self, name: bytes) -> None:
        """`cp -r`."""
        shutil.copytree(os.fsdecode(self._made(name)), os.fsdecode(os.path.join(self._load.root, name)))

    def move(self, name: bytes) -> None:
        """`mv` of a whole tree on one file system."""
        os.rename(self._made(name), os.path.join(self._load.root, name))

    def extract(self, name: bytes) -> None:
        """`tar x`."""
        self._made(name)
        archive = os.path.join(self._outside, name + b".tar.part")
        subprocess.run(["tar", "cf", archive, "-C", self._outside, name], check=True)
        subprocess.run(["tar", "xf", archive, "-C", self._load.root], check=True)

    def sync(self, name: bytes) -> None:
        """As rsync does: hidden temporary names with a random end, each renamed into place."""
        source = self._made(name)
        for directory, _, names in os.walk(source):
            target = os.path.join(self._load.root, os.path.relpath(directory, self._outside))
            os.makedirs(target, exist_ok=True)
            for item in names:
                temporary = os.path.join(target, b"." + item + b".Xy12ab")
                shutil.copyfile(os.path.join(directory, item), temporary)
                os.rename(temporary, os.path.join(target, item))

    def _made(self, name: bytes) -> bytes:
        path = os.path.join(self._outside, name)
        self._fill(path)
        return path

    def _fill(self, top: bytes) -> None:
        for depth in range(1, 4):
            directory = os.path.join(top, *[b"d%d" % level for level in range(depth)])
            os.makedirs(directory, exist_ok=True)
            with open(os.path.join(directory, b"in-%d.txt" % depth), "wb") as file:
                file.write(self._load.content())


class Background:
    """Runs a writer in a thread, a step at a time, until the block ends or it has done enough."""

    def __init__(self, step: Callable[[], None], *, steps: int, pause_s: float) -> None:
        self._step = step
        self._steps = steps
        self._pause_s = pause_s
        self._halt = threading.Event()
        self._threads = ThreadPoolExecutor(1, "writer")
        self._running = self._threads.submit(self._run)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._halt.set()
        self._threads.shutdown()

    def finish(self) -> None:
        """Wait until all steps are done; raise what the writer raised."""
        self._running.result()

    def _run(self) -> None:
        for _ in range(self._steps):
            if self._halt.is_set():
                return
            self._step()
            self._halt.wait(self._pause_s)
