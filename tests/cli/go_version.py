"""A Go version on disk: its configuration, queue and watched files, and a bucket that holds part of them."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fastcrc import crc64

from gwf.testing.fake_oss import FakeOss, fake_oss

HOST = "go-host"
SECRET = "sk-that-nobody-sees"
KEY_ID = "AKID-that-nobody-sees"


@dataclass
class GoVersion:
    """The directory of a Go version and what it watches."""

    home: Path
    watched: Path
    oss: FakeOss

    @property
    def queue(self) -> Path:
        """Its queue file."""
        return self.home / "logs" / "upload-queue.json"

    def key(self, name: str) -> str:
        """The key that it gives to a file of the watched directory."""
        return f"{HOST}/{str(self.watched).lstrip('/')}/{name}"

    def write(self, name: str, content: bytes = b"", *, age_s: float = 3600.0) -> Path:
        """Write a file as it lay there for some time."""
        path = self.watched / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content or name.encode())
        then = time.time() - age_s
        os.utime(path, (then, then))
        return path

    def sent(self, name: str, content: bytes = b"") -> None:
        """Put the object that it once sent into the bucket."""
        body = content or name.encode()
        self.oss.state.put(self.key(name), body, size_bytes=len(body), md5="", sha256="")
        assert crc64.xz(body) == self.oss.state.objects[self.key(name)].crc64

    def enqueue(self, *names: str) -> None:
        """Write its queue file."""
        self.queue.write_text(json.dumps({"items": [str(self.watched / name) for name in names] or None}))

    def configure(self, **more: str) -> None:
        """Write its configuration."""
        keys = {
            "watch_dir": str(self.watched), "silence": "1s", "bucket": "bkt", "ak": "${OSS_AK}", "sk": SECRET,
            "endpoint": f"http://127.0.0.1:{self.oss.port}", "region": "cn-hangzhou", "api_bind": "127.0.0.1:0",
            "upload_queue_persist_enabled": "true", "ai_enabled": "false", **more,
        }  # fmt: skip
        (self.home / "config.yaml").write_text("".join(f"{key}: {json.dumps(text)}\n" for key, text in keys.items()))
        (self.home / ".env").write_text(f"OSS_AK={KEY_ID}\n")

    def writes(self) -> dict[str, int]:
        """How often each object was written."""
        return {key: held.writes for key, held in self.oss.state.objects.items()}


@contextmanager
def go_version(base: Path) -> Generator[GoVersion]:
    """Yield a Go version that is configured and has nothing to do."""
    home, watched = base / "go", base / "spool"
    for directory in (home / "logs", watched):
        directory.mkdir(parents=True)
    with fake_oss(bucket="bkt", access_key=KEY_ID, secret_key=SECRET) as oss:
        go = GoVersion(home, watched, oss)
        go.configure()
        yield go
