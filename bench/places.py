"""Where files are carried to: a directory, a very fast S3 endpoint, a real S3 server."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from gwf.core.settings.model import StoreSettings
from gwf.storage.factory import open_store
from gwf.testing.faults import Faults
from gwf.testing.rclone_server import rclone_s3
from gwf.testing.s3_sink import S3Sink, s3_sink

ACCESS_KEY, SECRET_KEY, BUCKET = "bench", "bench-secret", "bkt"

StoreFor = dict[str, object]
"""One entry under `stores` in a configuration file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A destination that is running."""

    name: str
    #: settings of a store for the run of this name
    store: Callable[[str], StoreFor]
    #: forget everything that was carried here
    clear: Callable[[], None]


OpenPlace = Callable[[Path], AbstractContextManager[Place]]


@contextmanager
def directory(home: Path) -> Generator[Place]:
    """Objects as files below `home`."""

    def clear() -> None:
        for top in home.glob("objects-*"):
            shutil.rmtree(top)

    yield Place(name="file", store=lambda run: {"url": f"file://{home / f'objects-{run}'}"}, clear=clear)


@contextmanager
def sink(home: Path, faults: Faults | None = None) -> Generator[Place]:
    """The sink of gwf.testing in a process of its own: keeps checksums, throws bytes away."""
    del home
    with s3_sink(bucket=BUCKET) as server:
        if faults:
            server.set_faults(faults)
        yield Place(name="s3-sink", store=lambda run: s3_store(server.url, run), clear=server.clear)


@contextmanager
def rclone(home: Path) -> Generator[Place]:
    """rclone's S3 server over a directory."""
    top = home / "rclone"

    def clear() -> None:
        shutil.rmtree(top / BUCKET, ignore_errors=True)
        (top / BUCKET).mkdir(parents=True)

    clear()
    with rclone_s3(top, access_key=ACCESS_KEY, secret_key=SECRET_KEY) as url:
        yield Place(name="s3-rclone", store=lambda run: s3_store(url, run), clear=clear)


@contextmanager
def two_sinks() -> Generator[tuple[S3Sink, S3Sink]]:
    """Two sinks, so that one may fail while the other works."""
    with s3_sink(bucket=BUCKET) as one, s3_sink(bucket=BUCKET) as other:
        yield one, other


def s3_store(url: str, run: str) -> StoreFor:
    """Return the settings of a store at a loopback S3 server; `run` is the prefix."""
    return {"url": f"s3://{BUCKET}/{run}", "endpoint": url, "access_key": ACCESS_KEY, "secret_key": SECRET_KEY}


def count_objects(settings: StoreFor) -> int:
    """Return how many objects a store holds, by its own listing."""
    store = open_store("bench", StoreSettings.model_validate(settings), workers=1)
    found, after = 0, ""
    while True:
        page = store.list_objects("", after=after)
        found += len(page.items)
        if page.next_after is None:
            store.close()
            return found
        after = page.next_after
