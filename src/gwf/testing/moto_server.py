"""The S3 server of moto, in memory: a second opinion on answers and errors; it checks no signatures."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from gwf.testing.process import running_server, script


@contextmanager
def moto_s3() -> Generator[str]:
    """Serve until the block ends and yield the endpoint's URL; buckets are made by the caller."""
    command = (script("moto_server"), "-H", "127.0.0.1", "-p", "0")
    with running_server(command, address=r"Running on (http://127\.0\.0\.1:\d+)") as url:
        yield url
