from __future__ import annotations

import os
from pathlib import Path

import pytest

from gwf.agent.filelog.place import Grounds, opened, real_file
from gwf.agent.filelog.refusals import (
    DirectoryPathError,
    NotTextError,
    NoWatchError,
    OutsideWatchError,
    UnresolvedPathError,
)
from gwf.core import quickio
from gwf.core.errors import GwfError, LocalIoError, NotFoundError


@pytest.fixture
def watch(tmp_path: Path) -> Path:
    root = tmp_path / "watch"
    (root / "app").mkdir(parents=True)
    (root / "app" / "a.log").write_text("text\n")
    (root / "..hidden.log").write_text("text\n")
    (tmp_path / "secret").write_text("secret\n")
    (tmp_path / "watching").mkdir()
    (tmp_path / "watching" / "near.log").write_text("secret\n")
    return root


def grounds(watch: Path, *closed: Path) -> Grounds:
    return Grounds(roots=(os.fsencode(watch),), closed=tuple(os.fsencode(path) for path in closed))


def read(path: str, where: Grounds) -> bytes:
    with opened(path, where) as (descriptor, size_bytes):
        return os.pread(descriptor, size_bytes, 0)


@pytest.mark.parametrize("form", ["{}/app/a.log", "{}//app/./a.log", "{}/app/../app/a.log", "/{}/app/a.log"])
def test_a_file_below_a_watched_directory_is_opened(watch: Path, form: str) -> None:
    assert read(form.format(watch), grounds(watch)) == b"text\n"


def test_a_relative_path_begins_at_the_working_directory(watch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(watch)
    assert read("app/a.log", grounds(watch)) == b"text\n"


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("{}", OutsideWatchError),
        ("{}/", OutsideWatchError),
        ("{}/../secret", OutsideWatchError),
        ("{}/../watching/near.log", OutsideWatchError),
        ("{}/..hidden.log", OutsideWatchError),
        ("/etc/passwd", OutsideWatchError),
        ("{}/app/missing.log", NotFoundError),
        ("{}/app", DirectoryPathError),
        ("{}/none/a.log", UnresolvedPathError),
        ("{}/app/a.log/b", NotFoundError),
        ("{}/app/a\0.log", UnresolvedPathError),
        ("{}/app/\ud800", UnresolvedPathError),
    ],
)
def test_everything_else_is_refused_for_its_own_reason(watch: Path, path: str, error: type[GwfError]) -> None:
    with pytest.raises(error):
        real_file(path.format(watch), grounds(watch))


@pytest.mark.parametrize("target", ["/etc/hostname", "../../secret", "../../watching/near.log"])
def test_a_link_that_leads_out_is_refused(watch: Path, target: str) -> None:
    (watch / "app" / "link.log").symlink_to(target)
    with pytest.raises(OutsideWatchError):
        read(f"{watch}/app/link.log", grounds(watch))


def test_a_link_to_a_directory_outside_is_refused(watch: Path) -> None:
    (watch / "etcdir").symlink_to("/etc")
    with pytest.raises(OutsideWatchError):
        read(f"{watch}/etcdir/hostname", grounds(watch))


def test_a_link_that_stays_inside_is_followed(watch: Path) -> None:
    (watch / "link.log").symlink_to("app/a.log")
    assert read(f"{watch}/link.log", grounds(watch)) == b"text\n"


def test_a_link_to_itself_is_refused(watch: Path) -> None:
    (watch / "loop.log").symlink_to("loop.log")
    with pytest.raises(GwfError):
        read(f"{watch}/loop.log", grounds(watch))


def test_a_link_put_in_the_way_after_the_look_is_refused(watch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = quickio.open_plain

    def swapped(path: bytes) -> int:
        os.rename(watch / "app", watch / "old")
        (watch / "app").symlink_to(watch.parent / "watching")
        os.rename(watch.parent / "watching" / "near.log", watch.parent / "watching" / "a.log")
        return plain(path)

    monkeypatch.setattr(quickio, "open_plain", swapped)
    with pytest.raises(OutsideWatchError):
        read(f"{watch}/app/a.log", grounds(watch))


def test_own_directories_are_closed_even_below_a_watched_one(watch: Path) -> None:
    with pytest.raises(OutsideWatchError):
        read(f"{watch}/app/a.log", grounds(watch, watch / "app"))


def test_a_pipe_is_refused_without_waiting_for_its_other_end(watch: Path) -> None:
    os.mkfifo(watch / "pipe")
    with pytest.raises(NotTextError):
        read(f"{watch}/pipe", grounds(watch))


def test_without_a_watched_directory_nothing_is_read() -> None:
    with pytest.raises(NoWatchError):
        real_file("/etc/passwd", Grounds(roots=()))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_says_so(watch: Path) -> None:
    (watch / "app" / "a.log").chmod(0)
    with pytest.raises(LocalIoError, match="permission denied"):
        read(f"{watch}/app/a.log", grounds(watch))


def test_reasons_name_the_call_and_the_place_as_the_system_does(watch: Path) -> None:
    with pytest.raises(UnresolvedPathError) as refused:
        real_file(f"{watch}/none/deep/a.log", grounds(watch))
    assert refused.value.context == {
        "call": "lstat",
        "path": f"{watch}/none",
        "reason": "no such file or directory",
    }
