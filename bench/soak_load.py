"""The soak's writers and its account: every version of every file ever written, beside what the store was sent."""

from __future__ import annotations

import random
import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gwf.drills.account import etags_of, files_below
from gwf.testing.s3_sink import SinkObject

PART_BYTES = 100 * 1024
LARGE_BYTES = 350 * 1024  #: sent in parts
LARGE_EVERY = 100
REWRITTEN = 0.05  #: share of the writes that replace an older file
RENAMED = 0.2  #: share of the others that are written under a temporary name and moved into place
PER_DIRECTORY = 500
AROUND_S = 30.0
CATCH_UP_S = 1.0  #: a writer that was held up for longer does not make up for it


@dataclass(slots=True)
class Account:
    """Files on disk beside objects."""

    files: int = 0
    versions: int = 0
    lost: list[str] = field(default_factory=list[str])
    wrong: list[str] = field(default_factory=list[str])
    #: objects that no file has
    doubled: list[str] = field(default_factory=list[str])
    #: writes beyond one for each version
    again: int = 0


class Load:
    """Writes at a steady pace into several trees, in a thread."""

    def __init__(self, trees: Sequence[Path], *, files_per_s: float, seed: int = 11) -> None:
        self._trees = trees
        #: may be changed at any time
        self.files_per_s = files_per_s
        self._random = random.Random(seed)
        self._halt = threading.Event()
        self._paths: list[Path] = []
        self._thread = threading.Thread(target=self._run, name="soak-load", daemon=True)
        #: how often each file was written, by its key
        self.versions: dict[str, int] = {}
        self.written = 0
        self.error: OSError | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Write no more; raise what the writer met."""
        self._halt.set()
        self._thread.join()
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        next_s = time.monotonic()
        while not self._halt.wait(max(0.0, next_s - time.monotonic())):
            next_s = max(next_s + 1 / self.files_per_s, time.monotonic() - CATCH_UP_S)
            try:
                self._write()
            except OSError as exc:
                self.error = exc
                return

    def _write(self) -> None:
        old = self._paths and self._random.random() < REWRITTEN
        path = self._random.choice(self._paths) if old else self._new_path()
        size = LARGE_BYTES + self.written if self.written % LARGE_EVERY == 0 else self._random.randint(100, 16_000)
        head = b"%d\n" % self.written
        data = head + self._random.randbytes(size - len(head))
        key = f"{path.parent.parent.name}/{path.parent.name}/{path.name}"
        self.versions[key] = self.versions.get(key, 0) + 1  # before it exists: the store may hold it at once
        if not old and self._random.random() < RENAMED:
            path.with_suffix(".tmp").write_bytes(data)
            path.with_suffix(".tmp").rename(path)
        else:
            path.write_bytes(data)
        self.written += 1

    def _new_path(self) -> Path:
        number = len(self._paths)
        directory = self._trees[number % len(self._trees)] / f"d{number // PER_DIRECTORY:04d}"
        directory.mkdir(exist_ok=True)
        self._paths.append(directory / f"f{number:07d}.dat")
        return self._paths[-1]


def compare(trees: Sequence[Path], stored: Mapping[str, SinkObject], versions: Mapping[str, int]) -> Account:
    """Return what became of every file; a key is the name of its tree and its path in it."""
    found, left = Account(versions=sum(versions.values())), dict(stored)
    for tree in trees:
        for name, path in files_below(str(tree)):
            found.files += 1
            key = f"{tree.name}/{name}"
            item = left.pop(key, None)
            if item is None:
                found.lost.append(key)
                continue
            if item.etag not in etags_of(path, PART_BYTES):
                found.wrong.append(key)
            found.again += max(0, item.writes - versions.get(key, 1))
    found.doubled += sorted(left)
    return found


def growth_mb(samples: Sequence[tuple[float, float]]) -> float:
    """Return by how many MB the fitted line grows over (seconds, MB) samples."""
    if len(samples) < 2:
        return 0.0
    mean_t = sum(at_s for at_s, _ in samples) / len(samples)
    mean_m = sum(mb for _, mb in samples) / len(samples)
    spread = sum((at_s - mean_t) ** 2 for at_s, _ in samples)
    slope = sum((at_s - mean_t) * (mb - mean_m) for at_s, mb in samples) / spread if spread else 0.0
    return slope * (samples[-1][0] - samples[0][0])


def around(samples: Sequence[tuple[float, float]], at_s: float) -> float:
    """Return the median of the (seconds, MB) samples within half a minute of `at_s`."""
    return round(statistics.median(mb for when_s, mb in samples if abs(when_s - at_s) <= AROUND_S), 1)


def wait_until(holds: Callable[[], bool], *, within_s: float, every_s: float = 0.2) -> bool:
    """Wait until something holds; return False when it took too long."""
    end_s = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > end_s:
            return False
        time.sleep(every_s)
    return True
