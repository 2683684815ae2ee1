"""Servers and sources that tests of many areas share."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from gwf.storage.model import FileSource
from gwf.testing.moto_server import moto_s3
from gwf.testing.rclone_server import rclone_s3
from gwf.testing.s3_sink import S3Sink, s3_sink

ACCESS_KEY = "gwf"
SECRET_KEY = "gwfsecret12"
BUCKET = "bkt"

MakeSource = Callable[[bytes], FileSource]


settings.register_profile("any machine", deadline=None)  # how long an example takes says nothing about the code
settings.load_profile("any machine")


def pytest_configure() -> None:
    """Let programs under test hear SIGINT: a shell that runs tests in the background has it ignored, also for them."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def rclone_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("rclone")
    (directory / BUCKET).mkdir()
    with rclone_s3(directory, access_key=ACCESS_KEY, secret_key=SECRET_KEY) as url:
        yield url


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    with moto_s3() as url:
        yield url


@pytest.fixture(scope="session")
def sink_server() -> Iterator[S3Sink]:
    with s3_sink(bucket=BUCKET, keep_bodies=True) as sink:
        yield sink


@pytest.fixture
def sink(sink_server: S3Sink) -> S3Sink:
    """An S3 endpoint without objects and faults."""
    sink_server.set_faults()
    sink_server.clear()
    return sink_server


@pytest.fixture
def make_source(tmp_path: Path) -> Iterator[MakeSource]:
    """Make open files that are closed after the test."""
    opened: list[int] = []

    def make(data: bytes) -> FileSource:
        path = tmp_path / f"source-{len(opened)}"
        path.write_bytes(data)
        opened.append(os.open(path, os.O_RDONLY))
        return FileSource(fd=opened[-1], size_bytes=len(data))

    yield make
    for fd in opened:
        os.close(fd)
