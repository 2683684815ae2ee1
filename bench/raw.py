"""The reference: a plain loop over the same adapter, without any engine. Runs as a child process of its own."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.files import paths_below
from bench.places import StoreFor
from bench.usage import usage_of
from gwf.core import quickio
from gwf.core.errors import GwfError
from gwf.core.settings.model import StoreSettings
from gwf.storage.factory import open_store
from gwf.storage.memory import MemoryRecord
from gwf.storage.model import FileSource
from gwf.storage.ports import ObjectStore

Opened = Callable[[bytes], AbstractContextManager[FileSource]]
"""Opens a file for reading until the block ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawResult:
    """One run of the loop."""

    files: int
    #: from the first confirmed file to the last
    between_s: float
    #: from the start of the threads to the last confirmed file
    elapsed_s: float
    cpu_s: float
    peak_rss_mb: float


def run_raw(top: Path, store: StoreFor, *, threads: int, quick: bool = True) -> RawResult:
    """Carry every file below `top` in a child process; `quick` = open by quickio as the engine does, else by os."""
    order = json.dumps({"top": str(top), "store": store, "threads": threads, "quick": quick})
    command = [sys.executable, "-m", "bench.raw"]
    answer = subprocess.run(command, input=order, stdout=subprocess.PIPE, text=True, check=True)
    return RawResult(**json.loads(answer.stdout))


def carry(top: Path, settings: StoreSettings, *, threads: int, quick: bool) -> RawResult:
    """Carry every file below `top` in this process."""
    store, opened = open_store("raw", settings, workers=threads), _opened_quickly if quick else _opened
    paths = paths_below(top)
    files = iter([(path.encode(), str(Path(path).relative_to(top))) for path in paths])
    ends: list[float] = []
    before_s, started_s = _cpu_s(), time.monotonic()
    with ThreadPoolExecutor(threads) as crew:
        for ended in [crew.submit(_work, store, files, opened, ends) for _ in range(threads)]:
            ended.result()
    result = RawResult(
        files=len(ends),
        between_s=max(ends) - min(ends),
        elapsed_s=max(ends) - started_s,
        cpu_s=_cpu_s() - before_s,
        peak_rss_mb=usage_of(os.getpid()).peak_rss_mb,
    )
    store.close()
    return result


def _work(store: ObjectStore, files: Iterator[tuple[bytes, str]], opened: Opened, ends: list[float]) -> None:
    for path, key in files:
        with opened(path) as source:
            while not _sent(store, key, source):
                pass
        ends.append(time.monotonic())


def _sent(store: ObjectStore, key: str, source: FileSource) -> bool:
    """Send one file; return False when the store asks to try again, as a busy rclone does now and then."""
    try:
        if source.size_bytes < store.multipart_threshold_bytes:
            store.put_object(key, source)
        else:
            store.multipart_upload(key, source, record=MemoryRecord())
    except GwfError as exc:
        if not exc.retryable:
            raise
        return False
    return True


@contextmanager
def _opened_quickly(path: bytes) -> Generator[FileSource]:
    descriptor = quickio.open_plain(path)
    yield FileSource(fd=descriptor, size_bytes=quickio.status_of(descriptor).size_bytes)
    quickio.close(descriptor)


@contextmanager
def _opened(path: bytes) -> Generator[FileSource]:
    descriptor = os.open(path, quickio.OPEN_FLAGS)
    yield FileSource(fd=descriptor, size_bytes=os.fstat(descriptor).st_size)
    os.close(descriptor)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Read an order from standard input, carry, write the result."""
    order = json.load(sys.stdin)
    settings = StoreSettings.model_validate(order["store"])
    result = carry(Path(order["top"]), settings, threads=order["threads"], quick=order["quick"])
    json.dump(asdict(result), sys.stdout)


if __name__ == "__main__":
    main()
