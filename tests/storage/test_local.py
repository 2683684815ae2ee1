"""What is particular to objects in a directory."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from gwf.core.errors import (
    ConflictError,
    DeniedError,
    ErrorClass,
    FaultScope,
    GwfError,
    InputError,
    NotFoundError,
    TooLargeError,
    UnavailableError,
)
from gwf.core.settings.model import StoreSettings
from gwf.storage.factory import open_store
from gwf.storage.local import LocalStore
from gwf.storage.local_tree import translate
from gwf.storage.memory import MemoryRecord
from gwf.storage.model import MultipartState, Part, StoreState
from gwf.storage.ports import ObjectStore
from tests.conftest import MakeSource


class ThreePartsRecord(MemoryRecord):
    """Ends the upload when the third part was stored."""

    def stored(self, part: Part) -> None:
        super().stored(part)
        if part.number == 3:
            raise KeyboardInterrupt


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "objects"


@pytest.fixture
def store(root: Path) -> ObjectStore:
    return _open(root)


def _open(root: Path) -> ObjectStore:
    return open_store("default", StoreSettings(url=f"file://{root}", part_size=100 * 1024), workers=4)


def _temp_files(root: Path) -> list[str]:
    return os.listdir(root / ".gwf-tmp")


def test_an_object_is_the_file_of_its_key(store: ObjectStore, root: Path, make_source: MakeSource) -> None:
    store.put_object("host/var/a b.log", make_source(b"hello"))
    path = root / "host/var/a b.log"
    assert path.read_bytes() == b"hello"
    assert stat.S_ISREG(path.lstat().st_mode)
    assert _temp_files(root) == []


def test_the_directory_is_made_when_only_its_last_name_is_missing(
    store: ObjectStore, root: Path, make_source: MakeSource
) -> None:
    assert not root.exists()
    store.put_object("k", make_source(b"x"))
    assert root.is_dir()


def test_a_missing_mount_is_a_fault_of_the_destination(tmp_path: Path, make_source: MakeSource) -> None:
    store = _open(tmp_path / "mnt" / "objects")
    with pytest.raises(NotFoundError, match="parent are missing") as caught:
        store.put_object("k", make_source(b"x"))
    assert caught.value.scope is FaultScope.DESTINATION
    health = store.health()
    assert (health.state, health.error_class) == (StoreState.FAILING, "not_found")
    assert not (tmp_path / "mnt").exists()


def test_a_file_in_place_of_the_directory_is_told(tmp_path: Path, make_source: MakeSource) -> None:
    (tmp_path / "objects").write_bytes(b"")
    with pytest.raises(ConflictError, match="no directory"):
        _open(tmp_path / "objects").put_object("k", make_source(b"x"))


@pytest.mark.parametrize(
    ("number", "kind", "error_class", "scope"),
    [
        (errno.EACCES, DeniedError, ErrorClass.AUTH, FaultScope.DESTINATION),
        (errno.EROFS, DeniedError, ErrorClass.AUTH, FaultScope.DESTINATION),
        (errno.ENOSPC, UnavailableError, ErrorClass.LOCAL_IO, FaultScope.DESTINATION),
        (errno.EIO, UnavailableError, ErrorClass.LOCAL_IO, FaultScope.DESTINATION),
        (errno.ENAMETOOLONG, TooLargeError, ErrorClass.TOO_LARGE, FaultScope.OBJECT),
        (errno.EISDIR, ConflictError, ErrorClass.CONFLICT, FaultScope.OBJECT),
    ],
)
def test_the_systems_errors_have_their_meaning(
    number: int, kind: type[GwfError], error_class: ErrorClass, scope: FaultScope
) -> None:
    error = translate(OSError(number, os.strerror(number)), "/objects", "k")
    assert (type(error), error.error_class, error.scope) == (kind, error_class, scope)


def test_a_directory_link_inside_cannot_lead_out(
    store: ObjectStore, root: Path, tmp_path: Path, make_source: MakeSource
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"s")
    root.mkdir()
    (root / "link").symlink_to(outside)
    with pytest.raises(ConflictError):
        store.put_object("link/new", make_source(b"x"))
    with pytest.raises(NotFoundError):
        store.get_object_meta("link/secret")
    store.delete_object("link/secret")
    assert os.listdir(outside) == ["secret"]
    assert store.list_objects("").items == ()


def test_a_link_in_place_of_an_object_is_replaced_not_followed(
    store: ObjectStore, root: Path, tmp_path: Path, make_source: MakeSource
) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"untouched")
    root.mkdir()
    (root / "k").symlink_to(target)
    with pytest.raises(ConflictError):
        list(store.read_object("k"))
    store.put_object("k", make_source(b"x"))
    assert (target.read_bytes(), (root / "k").read_bytes()) == (b"untouched", b"x")


def test_the_directory_itself_may_be_a_link(tmp_path: Path, make_source: MakeSource) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "objects").symlink_to(tmp_path / "real")
    _open(tmp_path / "objects").put_object("k", make_source(b"x"))
    assert (tmp_path / "real" / "k").read_bytes() == b"x"


@pytest.mark.parametrize(("first", "second"), [("a", "a/b"), ("a/b", "a")])
def test_a_key_that_is_also_a_prefix_is_a_conflict(
    store: ObjectStore, root: Path, make_source: MakeSource, first: str, second: str
) -> None:
    store.put_object(first, make_source(b"1"))
    with pytest.raises(ConflictError) as caught:
        store.put_object(second, make_source(b"2"))
    assert caught.value.scope is FaultScope.OBJECT
    assert [item.key for item in store.list_objects("").items] == [first]
    assert _temp_files(root) == []


def test_the_stores_own_directory_is_no_place_for_objects(store: ObjectStore, make_source: MakeSource) -> None:
    with pytest.raises(InputError):
        store.put_object(".gwf-tmp/x", make_source(b"x"))
    store.put_object("sub/.gwf-tmp/x", make_source(b"x"))
    assert [item.key for item in store.list_objects("").items] == ["sub/.gwf-tmp/x"]


def test_health_clears_away_what_a_crash_left_long_ago(store: ObjectStore, root: Path) -> None:
    store.health()
    for name, age_s in (("old", 90_000), ("new", 60)):
        path = root / ".gwf-tmp" / name
        path.write_bytes(b"half")
        os.utime(path, (path.stat().st_mtime - age_s,) * 2)
    store.health()
    assert _temp_files(root) == ["new"]


def test_deleting_removes_directories_that_become_empty(
    store: ObjectStore, root: Path, make_source: MakeSource
) -> None:
    store.put_object("a/b/c", make_source(b"x"))
    store.put_object("a/d", make_source(b"x"))
    store.delete_object("a/b/c")
    assert sorted(os.listdir(root / "a")) == ["d"]


def test_an_upload_id_cannot_name_another_place(store: ObjectStore, root: Path, make_source: MakeSource) -> None:
    store.put_object("keep", make_source(b"x"))
    evil = MultipartState(key="k", upload_id="x/../../..", size_bytes=1, part_size_bytes=1)
    store.abort(evil)
    with pytest.raises(NotFoundError):
        store.list_parts(evil)
    assert (root / "keep").exists()


def test_a_name_too_long_for_the_file_system_is_the_objects_fault(store: ObjectStore, make_source: MakeSource) -> None:
    with pytest.raises(InputError) as caught:
        store.put_object("n" * 300, make_source(b"x"))
    assert (caught.value.scope, caught.value.retryable) == (FaultScope.OBJECT, False)


def test_foreign_files_with_other_names_are_left_out_of_lists(store: ObjectStore, root: Path) -> None:
    root.mkdir()
    (root / "ok").write_bytes(b"x")
    with open(os.path.join(os.fsencode(root), b"bad\xff"), "wb"):
        pass
    os.mkfifo(root / "pipe")
    assert [item.key for item in store.list_objects("").items] == ["ok"]
    with pytest.raises(NotFoundError):
        store.get_object_meta("pipe")


@pytest.mark.parametrize("damage", ["changed", "cut"])
def test_a_part_that_the_disk_no_longer_holds_as_it_was_is_sent_again(
    root: Path, make_source: MakeSource, damage: str
) -> None:
    store, data = LocalStore(str(root), multipart_threshold_bytes=1, part_size_bytes=1000), os.urandom(3500)
    first = ThreePartsRecord()
    with pytest.raises(KeyboardInterrupt):
        store.multipart_upload("big", make_source(data), record=first)
    (held,) = root.glob(".gwf-tmp/upload-*/data")
    with held.open("r+b") as file:
        if damage == "changed":
            file.seek(1500)
            file.write(b"x" if data[1500:1501] != b"x" else b"y")
        else:
            file.truncate(1500)
    assert first.state is not None
    whole = {part.number for part in store.list_parts(first.state)}
    assert 1 in whole
    assert 2 not in whole
    store.multipart_upload("big", make_source(data), record=MemoryRecord(first.state), state=first.state)
    assert b"".join(store.read_object("big")) == data
