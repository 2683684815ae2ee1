"""Planning of parts, and dying between them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.core.errors import TooLargeError
from gwf.storage.model import MultipartState
from gwf.storage.multipart import MAX_PARTS, part_size_for, spans_of
from gwf.testing.s3_sink import S3Sink
from tests.conftest import ACCESS_KEY, BUCKET, SECRET_KEY

MIB = 1024**2
GIB = 1024**3
UPLOAD = """
import json, os, sys
from gwf.core import faults
from gwf.core.settings.model import StoreSettings
from gwf.storage.factory import open_store
from gwf.storage.model import FileSource, MultipartState

url, bucket, access_key, secret_key, path, saved, kill_at = sys.argv[1:]
faults.arm(kill_at)
store = open_store("s", StoreSettings(url="s3://" + bucket, endpoint=url, access_key=access_key,
                                      secret_key=secret_key, part_size=131072, part_concurrency=1), workers=1)
state = None
if os.path.exists(saved):
    with open(saved) as file:
        state = MultipartState(**json.load(file))

class Record:
    def begun(self, new):
        text = json.dumps({"key": new.key, "upload_id": new.upload_id, "size_bytes": new.size_bytes,
                           "part_size_bytes": new.part_size_bytes})
        with open(saved + ".new", "w") as file:
            file.write(text)
        os.replace(saved + ".new", saved)

    def stored(self, part):
        pass

source = FileSource(fd=os.open(path, os.O_RDONLY), size_bytes=os.path.getsize(path))
print(store.multipart_upload("big", source, record=Record(), state=state).etag)
store.close()
"""


@given(size=st.integers(0, 40 * 1024 * GIB), wanted=st.integers(100 * 1024, 5 * GIB))
def test_no_object_needs_more_parts_than_allowed(size: int, wanted: int) -> None:
    step = part_size_for(size, wanted)
    assert step >= wanted
    assert -(-size // step) <= MAX_PARTS


def test_a_file_beyond_all_limits_is_refused() -> None:
    with pytest.raises(TooLargeError):
        part_size_for(50_001 * GIB, 16 * MIB)


@given(size=st.integers(0, 5000), step=st.integers(1, 700))
def test_the_spans_cover_the_file_once_and_in_order(size: int, step: int) -> None:
    spans = spans_of(MultipartState(key="k", upload_id="u", size_bytes=size, part_size_bytes=step))
    assert [span.number for span in spans] == list(range(1, len(spans) + 1))
    at = 0
    for span in spans:
        assert span.offset == at
        assert span.size_bytes <= step
        at += span.size_bytes
    assert at == size


@pytest.mark.parametrize(
    ("kill_at", "orphans"),
    [("multipart_created", 1), ("multipart_saved", 0), ("part_sent:2", 0), ("before_complete", 0)],
)
def test_an_upload_survives_death_at_every_moment(sink: S3Sink, tmp_path: Path, kill_at: str, orphans: int) -> None:
    path, saved = tmp_path / "big", tmp_path / "state.json"
    path.write_bytes(os.urandom(3 * 131072 + 5))

    def run(points: str) -> subprocess.CompletedProcess[bytes]:
        known = (sink.url, BUCKET, ACCESS_KEY, SECRET_KEY)
        command = [sys.executable, "-c", UPLOAD, *known, str(path), str(saved), points]
        return subprocess.run(command, capture_output=True, timeout=60, check=False)

    assert run(kill_at).returncode == -signal.SIGKILL
    assert sink.manifest() == {}
    second = run("")
    assert second.returncode == 0, second.stderr.decode()
    held = sink.manifest()["big"]
    assert (held.size_bytes, held.writes) == (path.stat().st_size, 1)
    assert second.stdout.decode().strip() == held.etag
    assert sink.unfinished_uploads() == orphans
