"""What every object store promises about uploads in parts."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import time

import pytest

from gwf.core.errors import CorruptDataError, GwfError, NotFoundError, SourceChangedError, UnavailableError
from gwf.storage.memory import MemoryRecord
from gwf.storage.model import FileSource, MultipartState, Part
from gwf.storage.multipart import md5_of_md5s
from gwf.storage.ports import ObjectStore
from gwf.testing.faults import NONE, Faults
from tests.conftest import MakeSource
from tests.contracts.conftest import FAULTY_WORLDS, MD5S_WORLDS, World


class StopHereError(Exception):
    """Stands for a crash of the caller."""


class Saved(MemoryRecord):
    """Remembers each state that came to be, and may crash at one of them."""

    def __init__(self, crash_at: int | None = None, *, known: MultipartState | None = None) -> None:
        super().__init__(known)
        self.states: list[MultipartState] = []
        self._crash_at = crash_at

    def begun(self, state: MultipartState) -> None:
        assert state.parts == ()
        super().begun(state)
        self._note()

    def stored(self, part: Part) -> None:
        super().stored(part)
        self._note()

    def _note(self) -> None:
        assert self.state is not None
        self.states.append(self.state)
        if self._crash_at == len(self.states):
            raise StopHereError

    @property
    def last(self) -> MultipartState:
        return self.states[-1]


def _data(world: World) -> bytes:
    return os.urandom(2 * world.part_size + 4321)


def _read(store: ObjectStore, key: str) -> bytes:
    return b"".join(store.read_object(key))


def test_an_upload_in_parts_makes_one_verified_object(
    world: World, store: ObjectStore, make_source: MakeSource
) -> None:
    data = _data(world)
    receipt = store.multipart_upload("big/one", make_source(data), record=Saved())
    assert receipt.checksums.sha256 == hashlib.sha256(data).hexdigest()
    assert store.get_object_meta("big/one").size_bytes == len(data) == receipt.size_bytes
    assert _read(store, "big/one") == data
    store.verify_checksum("big/one", len(data), receipt.checksums)
    assert store.list_uploads("") == ()


def test_the_upload_id_is_saved_before_any_part_and_each_part_after(
    world: World, store: ObjectStore, make_source: MakeSource
) -> None:
    saved = Saved()
    store.multipart_upload("big", make_source(_data(world)), record=saved)
    assert [len(state.parts) for state in saved.states] == [0, 1, 2, 3]
    assert len({state.upload_id for state in saved.states}) == 1
    assert saved.states[0].part_size_bytes == world.part_size


@pytest.mark.parametrize("parts_before", [0, 1, 2, 3])
def test_another_process_continues_where_the_first_stopped(
    world: World, make_source: MakeSource, parts_before: int
) -> None:
    source = make_source(_data(world))
    first = Saved(crash_at=parts_before + 1)
    with pytest.raises(StopHereError):
        world.open(part_concurrency=1).multipart_upload("big", source, record=first)
    second, store = Saved(known=first.last), world.open(part_concurrency=1)
    held = store.list_parts(first.last)
    store.multipart_upload("big", source, record=second, state=first.last)
    assert {state.upload_id for state in second.states} <= {first.last.upload_id}
    assert len(second.states) == 3 - len(held)
    assert _read(store, "big") == os.pread(source.fd, source.size_bytes, 0)
    assert store.list_uploads("") == ()


def test_parts_that_differ_from_the_file_are_sent_again(world: World, make_source: MakeSource) -> None:
    old, new = _data(world), _data(world)
    first = Saved(crash_at=3)
    with pytest.raises(StopHereError):
        world.open(part_concurrency=1).multipart_upload("big", make_source(old), record=first)
    store = world.open()
    store.multipart_upload("big", make_source(new), record=Saved(known=first.last), state=first.last)
    assert _read(store, "big") == new


@pytest.mark.parametrize("world", FAULTY_WORLDS, indirect=True)
def test_parts_that_were_kept_are_not_sent_again_where_none_may_be_listed(
    world: World, make_source: MakeSource
) -> None:
    store, source, first = world.open(part_concurrency=1), make_source(_data(world)), Saved(crash_at=3)
    with pytest.raises(StopHereError):
        store.multipart_upload("big", source, record=first)
    world.set_faults(Faults(status=403, code="AccessDenied", methods=("GET",), query_word="uploadId"))
    second = Saved(known=first.last)
    store.multipart_upload("big", source, record=second, state=first.last)
    assert [part.number for part in second.last.parts] == [1, 2, 3]
    assert len(second.states) == 1
    assert _read(store, "big") == os.pread(source.fd, source.size_bytes, 0)


def test_a_state_of_another_version_is_dropped(world: World, store: ObjectStore, make_source: MakeSource) -> None:
    first = Saved(crash_at=2)
    with pytest.raises(StopHereError):
        store.multipart_upload("big", make_source(_data(world)), record=first)
    longer = _data(world) + b"more"
    second = Saved(known=first.last)
    store.multipart_upload("big", make_source(longer), record=second, state=first.last)
    assert second.last.upload_id != first.last.upload_id
    assert store.list_uploads("") == ()
    assert _read(store, "big") == longer


def test_an_aborted_upload_is_unknown_and_leaves_no_object(
    world: World, store: ObjectStore, make_source: MakeSource
) -> None:
    saved = Saved(crash_at=2)
    with pytest.raises(StopHereError):
        store.multipart_upload("big", make_source(_data(world)), record=saved)
    assert [(item.key, item.upload_id) for item in store.list_uploads("b")] == [("big", saved.last.upload_id)]
    assert store.list_uploads("other/") == ()
    store.abort(saved.last)
    store.abort(saved.last)
    with pytest.raises(NotFoundError):
        store.list_parts(saved.last)
    assert (store.list_uploads(""), store.list_objects("").items) == ((), ())


def test_a_listed_upload_tells_when_it_was_begun(world: World, store: ObjectStore, make_source: MakeSource) -> None:
    with pytest.raises(StopHereError):
        store.multipart_upload("big", make_source(_data(world)), record=Saved(crash_at=1))
    (upload,) = store.list_uploads("")
    assert upload.begun_at_ms is not None
    assert 0 < upload.begun_at_ms <= time.time() * 1000 + 1000


def test_an_upload_the_store_forgot_is_begun_anew(world: World, store: ObjectStore, make_source: MakeSource) -> None:
    data = _data(world)
    saved = Saved(crash_at=2)
    with pytest.raises(StopHereError):
        store.multipart_upload("big", make_source(data), record=saved)
    store.abort(saved.last)
    again = Saved(known=saved.last)
    store.multipart_upload("big", make_source(data), record=again, state=saved.last)
    assert again.last.upload_id != saved.last.upload_id
    assert _read(store, "big") == data


@pytest.mark.parametrize("world", MD5S_WORLDS, indirect=True)
def test_a_completed_upload_is_recognised_when_only_the_answer_was_lost(
    world: World, store: ObjectStore, make_source: MakeSource
) -> None:
    source, saved = make_source(_data(world)), Saved()
    receipt = store.multipart_upload("big", source, record=saved)
    again = Saved(known=saved.last)
    assert store.multipart_upload("big", source, record=again, state=saved.last) == receipt
    assert again.states == []


def test_another_object_of_the_same_size_is_not_taken_for_the_upload(
    world: World, store: ObjectStore, make_source: MakeSource
) -> None:
    saved, new = Saved(), _data(world)
    store.multipart_upload("big", make_source(_data(world)), record=saved)
    store.multipart_upload("big", make_source(new), record=Saved(known=saved.last), state=saved.last)
    assert _read(store, "big") == new


@pytest.mark.parametrize("world", FAULTY_WORLDS, indirect=True)
def test_a_completion_whose_answer_is_lost_is_found_done(world: World, make_source: MakeSource) -> None:
    store, data = world.open(), _data(world)
    world.set_faults(Faults(reset="after", methods=("POST",), query_word="uploadId", times=1))
    store.multipart_upload("big", make_source(data), record=Saved())
    world.set_faults(NONE)
    assert _read(store, "big") == data


@pytest.mark.parametrize("world", FAULTY_WORLDS, indirect=True)
def test_an_upload_that_expires_meanwhile_is_begun_anew(world: World, make_source: MakeSource) -> None:
    store, source, saved = world.open(), make_source(_data(world)), Saved()
    world.set_faults(Faults(forget_uploads=True, methods=("PUT",), query_word="partNumber", times=1))
    store.multipart_upload("big", source, record=saved)
    assert _read(store, "big") == os.pread(source.fd, source.size_bytes, 0)
    assert len({state.upload_id for state in saved.states if state.upload_id}) == 2


@pytest.mark.parametrize("world", FAULTY_WORLDS, indirect=True)
def test_a_store_that_forgets_every_upload_fails_for_now(world: World, make_source: MakeSource) -> None:
    world.set_faults(Faults(forget_uploads=True, methods=("PUT",), query_word="partNumber"))
    with pytest.raises(UnavailableError):
        world.open().multipart_upload("big", make_source(_data(world)), record=Saved())


@pytest.mark.parametrize("world", FAULTY_WORLDS, indirect=True)
def test_a_begin_whose_answer_is_lost_is_noted(world: World, make_source: MakeSource) -> None:
    store, saved = world.open(), Saved()
    world.set_faults(Faults(reset="after", methods=("POST",), query_word="uploads", times=1))
    with pytest.raises(UnavailableError):
        store.multipart_upload("big", make_source(_data(world)), record=saved)
    assert [(state.key, state.upload_id) for state in saved.states] == [("big", "")]
    assert len(store.list_uploads("big")) == 1


def test_a_new_upload_is_noted_before_it_takes_the_place_of_a_known_one(
    world: World, store: ObjectStore, make_source: MakeSource
) -> None:
    first = Saved(crash_at=2)
    with pytest.raises(StopHereError):
        store.multipart_upload("big", make_source(_data(world)), record=first)
    store.abort(first.last)
    second = Saved(crash_at=1)
    with pytest.raises(StopHereError):
        store.multipart_upload("big", make_source(_data(world)), record=second, state=first.last)
    assert second.last.upload_id == ""
    assert store.list_uploads("") == ()


@pytest.mark.parametrize("world", FAULTY_WORLDS, indirect=True)
def test_a_failing_part_fails_the_upload_and_keeps_the_others(world: World, make_source: MakeSource) -> None:
    store, source, saved = world.open(part_concurrency=1), make_source(_data(world)), Saved()
    world.set_faults(Faults(status=500, query_word="uploadId", methods=("PUT",), times=1))
    with pytest.raises(UnavailableError):
        store.multipart_upload("big", source, record=saved)
    store.multipart_upload("big", source, record=saved, state=saved.last)
    assert _read(store, "big") == os.pread(source.fd, source.size_bytes, 0)


@pytest.mark.parametrize("world", FAULTY_WORLDS, indirect=True)
@pytest.mark.parametrize("method", ["PUT", "POST"], ids=["of-a-part", "of-the-whole"])
def test_a_wrong_checksum_is_noticed(world: World, make_source: MakeSource, method: str) -> None:
    store, data, saved = world.open(), _data(world), Saved()
    world.set_faults(Faults(wrong_checksum=True, methods=(method,), query_word="uploadId"))
    with pytest.raises(CorruptDataError):
        store.multipart_upload("big", make_source(data), record=saved)
    world.set_faults(NONE)
    store.multipart_upload("big", make_source(data), record=saved, state=saved.last)
    assert _read(store, "big") == data


def test_a_file_shorter_than_stated_is_refused(world: World, store: ObjectStore, make_source: MakeSource) -> None:
    source = make_source(_data(world))
    with pytest.raises(SourceChangedError):
        store.multipart_upload("big", FileSource(fd=source.fd, size_bytes=source.size_bytes + 1), record=Saved())
    assert (store.list_objects("").items, store.list_uploads("")) == ((), ())


def test_a_file_that_changes_while_it_is_sent_is_refused(
    world: World, store: ObjectStore, make_source: MakeSource
) -> None:
    source = make_source(_data(world))

    class Touching(Saved):
        def begun(self, state: MultipartState) -> None:
            super().begun(state)
            os.utime(source.fd, ns=(1, 1))

    with pytest.raises(SourceChangedError):
        store.multipart_upload("big", source, record=Touching())
    assert (store.list_objects("").items, store.list_uploads("")) == ((), ())


def test_an_empty_file_may_go_in_parts(store: ObjectStore, make_source: MakeSource) -> None:
    store.multipart_upload("empty", make_source(b""), record=Saved())
    assert _read(store, "empty") == b""


def test_parts_of_an_unknown_upload_are_not_found(world: World, store: ObjectStore) -> None:
    state = MultipartState(key="k", upload_id="0" * 32, size_bytes=1, part_size_bytes=world.part_size)
    with pytest.raises(NotFoundError):
        store.list_parts(state)


def test_the_listed_parts_are_those_sent(world: World, store: ObjectStore, make_source: MakeSource) -> None:
    saved, data = Saved(crash_at=4), _data(world)
    with pytest.raises(StopHereError):
        store.multipart_upload("big", make_source(data), record=saved)
    parts = store.list_parts(dataclasses.replace(saved.last, parts=()))
    assert [part.number for part in parts] == [1, 2, 3]
    assert sum(part.size_bytes for part in parts) == len(data)
    assert parts[0].etag.lower() == hashlib.md5(data[: world.part_size], usedforsecurity=False).hexdigest()


def test_the_etag_of_no_parts_cannot_be_confused() -> None:
    assert md5_of_md5s(()).endswith("-0")


def test_errors_of_the_record_are_not_hidden(world: World, store: ObjectStore, make_source: MakeSource) -> None:
    class DiskFullError(GwfError):
        code = "disk_full"

    class Full(Saved):
        def begun(self, state: MultipartState) -> None:
            raise DiskFullError("journal cannot be written")

    with pytest.raises(DiskFullError):
        store.multipart_upload("big", make_source(_data(world)), record=Full())
