"""The S3 server of rclone over a local directory: a real second implementation that checks signatures."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from gwf.testing.process import running_server, script


@contextmanager
def rclone_s3(directory: Path, *, access_key: str, secret_key: str) -> Generator[str]:
    """Serve `directory`, whose sub-directories are the buckets, and yield the endpoint's URL."""
    command = (
        script("rclone"),
        "serve",
        "s3",
        "--config",
        "/dev/null",
        "--auth-key",
        f"{access_key},{secret_key}",
        "--addr",
        "127.0.0.1:0",
        "--vfs-cache-mode",
        "off",
        str(directory),
    )
    with running_server(command, address=r"Starting s3 server on \[(http://[^/\]]+)") as url:
        yield url
