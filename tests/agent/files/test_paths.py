"""Whatever is asked, nothing outside the watched directories is opened, listed or told of."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gwf.agent.filelog.place import Grounds
from gwf.agent.filelog.refusals import OutsideWatchError
from gwf.agent.files.paths import Land, opened_directory, opened_file, real_place
from gwf.agent.files.refusals import FileGoneError
from gwf.core.errors import InputError, LocalIoError

REFUSALS = (InputError, LocalIoError)  # never an OSError, nor anything of Python's own
PARTS = [
    "..", ".", "", "in", "out", "dir", "secret", "a.log", "link_out", "link_file", "link_in", "loop", "own", "...",
    "..x", "dir\\x2f..", "\\x2e\\x2e", "\\xff", "nul\0", "\n", "\ud800", "x" * 300,
]  # fmt: skip


@dataclass(frozen=True)
class Ground:
    base: Path
    land: Land


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    base = tmp_path_factory.mktemp("ground")
    for directory in ("in/dir", "in/own", "out/dir", "in/..."):
        (base / directory).mkdir(parents=True)
    for name in ("in/a.log", "in/dir/a.log", "in/own/secret", "out/secret", "out/a.log", "out/dir/a.log"):
        (base / name).write_text(name)
    os.symlink(base / "out", base / "in/link_out")
    os.symlink(base / "out/secret", base / "in/link_file")
    os.symlink("dir", base / "in/link_in")
    os.symlink("loop", base / "in/loop")
    os.symlink(base / "in", base / "out/in")
    os.mkfifo(base / "in/pipe")
    grounds = Grounds(roots=[os.fsencode(base / "in")], closed=[os.fsencode(base / "in/own")])
    return Ground(base, Land(grounds=grounds, names=[]))


@settings(max_examples=300, deadline=None)
@given(
    start=st.sampled_from(["in", "out", "in/dir", "in/link_out", ""]),
    parts=st.lists(st.sampled_from(PARTS), max_size=6),
)
def test_no_path_leads_out(ground: Ground, start: str, parts: list[str]) -> None:
    path = "/".join([f"{ground.base}/{start}", *parts])
    inside = str(ground.base / "in")
    for opener in (opened_file, opened_directory):
        with suppress(*REFUSALS), opener(path, ground.land) as (real, descriptor):
            led_to = os.readlink(f"/proc/self/fd/{descriptor}")
            assert led_to == os.fsdecode(real)
            assert led_to == inside or led_to.startswith(inside + "/")
            assert not led_to.startswith(inside + "/own")


def test_whether_something_exists_elsewhere_is_not_told(ground: Ground) -> None:
    for path in ("out/secret", "out/nothing", "in/link_out/secret", "in/link_out/nothing", "in/link_out/dir/no/no"):
        with pytest.raises(OutsideWatchError):
            real_place(f"{ground.base}/{path}", ground.land)
    with pytest.raises(FileGoneError):
        real_place(f"{ground.base}/in/nothing", ground.land)


def test_a_link_put_in_the_way_meanwhile_leads_nowhere(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ground.base / "in/swapped"
    path.mkdir()
    real = os.path.realpath

    def then_swapped(asked: bytes, *, strict: bool = False) -> bytes:
        found = real(asked, strict=strict)
        if os.path.isdir(path) and not os.path.islink(path):
            path.rmdir()
            path.symlink_to(ground.base / "out")
        return found

    monkeypatch.setattr(os.path, "realpath", then_swapped)
    with pytest.raises(OutsideWatchError), opened_directory(str(path), ground.land):
        raise AssertionError("it was opened")
    path.unlink()
