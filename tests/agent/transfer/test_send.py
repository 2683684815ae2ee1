from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gwf.agent.journal.upload_state import state_from_json
from gwf.agent.model import SHA256_PLACEHOLDER, Outcome, Result, Work
from gwf.agent.transfer.send import Sender
from gwf.core.errors import ErrorClass, FaultScope, OverloadedError, UnavailableError
from tests.agent.transfer.far_end import FarEnd, refusing, work_for
from tests.agent.transfer.side import MemoryUploads, limits_of

CONTENT = bytes(range(256)) * 4


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "dir" / "file"
    made.parent.mkdir()
    made.write_bytes(CONTENT)
    return made


def send(store: FarEnd, work: Work, *, uploads: MemoryUploads | None = None, inside: bytes | None = None) -> Outcome:
    sender = Sender(
        store,
        uploads=uploads or MemoryUploads(),
        follows=lambda _: inside,
        may_send=lambda _: True,
        pay=limits_of().pay_part,
    )
    return sender.send(work)


def test_a_file_arrives_byte_for_byte_and_its_checksum_is_reported(path: Path) -> None:
    store = FarEnd()
    outcome = send(store, work_for(path))
    assert outcome.result is Result.DONE
    assert store.content("file") == CONTENT
    assert outcome.receipt is not None
    assert outcome.receipt.checksums.sha256 == hashlib.sha256(CONTENT).hexdigest()


def test_an_empty_file_arrives(path: Path) -> None:
    path.write_bytes(b"")
    store = FarEnd()
    assert send(store, work_for(path)).result is Result.DONE
    assert store.content("file") == b""


def replace(path: Path) -> None:
    new = path.with_name("new")
    new.write_bytes(path.read_bytes())
    status = path.stat()
    os.utime(new, ns=(status.st_atime_ns, status.st_mtime_ns))
    os.rename(new, path)


CHANGES: dict[str, Callable[[Path], object]] = {
    "appended": lambda path: path.write_bytes(CONTENT + b"more"),
    "truncated": lambda path: os.truncate(path, 10),
    "emptied": lambda path: os.truncate(path, 0),
    "rewritten": lambda path: path.write_bytes(CONTENT[::-1]),
    "touched": lambda path: os.utime(path, (5, 5)),
    "replaced by a file that looks the same": replace,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_changed_before_it_is_sent_is_not_sent(path: Path, change: str) -> None:
    store, work = FarEnd(), work_for(path)
    CHANGES[change](path)
    assert send(store, work).result is Result.CHANGED
    assert store.puts == []


@pytest.mark.parametrize("change", [name for name in CHANGES if not name.startswith("replaced")])
@pytest.mark.parametrize("parts", [False, True])
def test_a_file_changed_while_it_is_sent_is_not_confirmed(path: Path, change: str, parts: bool) -> None:
    store = FarEnd(multipart_threshold_bytes=1 if parts else 1 << 40, part_size_bytes=100)
    work = work_for(path)
    changed: list[str] = []

    def meddle(key: str) -> None:
        if not changed:
            changed.append(key)
            CHANGES[change](path)

    store.before = meddle
    assert send(store, work).result is Result.CHANGED


def test_a_file_replaced_while_it_is_sent_is_sent_as_it_was_opened(path: Path) -> None:
    store, work = FarEnd(), work_for(path)

    def swap(_: str) -> None:
        path.with_name("new").write_bytes(b"new")
        os.rename(path.with_name("new"), path)

    store.before = swap
    assert send(store, work).result is Result.DONE
    assert store.content("file") == CONTENT


@pytest.mark.parametrize("what", ["file", "directory"])
def test_a_file_that_is_gone_is_vanished(path: Path, what: str) -> None:
    work = work_for(path)
    path.unlink()
    if what == "directory":
        path.parent.rmdir()
    assert send(FarEnd(), work).result is Result.VANISHED


def test_a_link_put_in_place_of_the_file_is_not_followed(path: Path, tmp_path: Path) -> None:
    store, work = FarEnd(), work_for(path)
    os.rename(path, tmp_path / "moved")
    os.symlink(tmp_path / "moved", path)
    assert send(store, work).result in {Result.VANISHED, Result.CHANGED}
    assert store.puts == []


def test_a_link_put_in_place_of_a_parent_directory_is_not_followed(path: Path, tmp_path: Path) -> None:
    store, work = FarEnd(), work_for(path)
    os.rename(path.parent, tmp_path / "secret")
    os.symlink(tmp_path / "secret", path.parent)
    assert send(store, work).result in {Result.VANISHED, Result.CHANGED}
    assert store.puts == []


def test_where_links_are_followed_they_must_stay_below_the_root(path: Path, tmp_path: Path) -> None:
    os.symlink(path.parent, tmp_path / "dir" / "self")
    (tmp_path / "outside").write_bytes(CONTENT)
    os.symlink(tmp_path / "outside", tmp_path / "dir" / "out")
    inside, store = bytes(tmp_path / "dir"), FarEnd()
    assert send(store, work_for(path.parent / "self" / "file"), inside=inside).result is Result.DONE
    assert send(store, work_for(path.parent / "out"), inside=inside).result is not Result.DONE
    assert len(store.puts) == 1


def test_a_directory_in_place_of_the_file_is_not_sent(path: Path) -> None:
    store, work = FarEnd(), work_for(path)
    path.unlink()
    path.mkdir()
    assert send(store, work).result in {Result.CHANGED, Result.VANISHED}


def test_a_fifo_in_place_of_the_file_neither_blocks_nor_is_sent(path: Path) -> None:
    store, work = FarEnd(), work_for(path)
    path.unlink()
    os.mkfifo(path)
    assert send(store, work).result is Result.CHANGED


def test_work_in_flight_at_a_crash_whose_object_is_there_is_not_sent_again(path: Path) -> None:
    store = FarEnd()
    send(store, work_for(path))
    outcome = send(store, work_for(path, recovered=True))
    assert outcome.result is Result.UNCHANGED
    assert store.puts == ["file"]


@pytest.mark.parametrize("there", [None, b"other", CONTENT[:-1] + b"!"])
def test_work_in_flight_at_a_crash_whose_object_is_missing_or_differs_is_sent(path: Path, there: bytes | None) -> None:
    store = FarEnd()
    if there is not None:
        path.with_name("other").write_bytes(there)
        send(store, work_for(path.with_name("other"), key="file"))
    assert send(store, work_for(path, recovered=True)).result is Result.DONE
    assert store.content("file") == CONTENT


def test_content_that_is_known_is_not_sent_again_when_only_its_time_changed(path: Path) -> None:
    store = FarEnd()
    send(store, work_for(path, by_content=True))
    os.utime(path, (5, 5))
    known = hashlib.sha256(CONTENT).digest()
    assert send(store, work_for(path, by_content=True, known_sha256=known)).result is Result.UNCHANGED
    assert len(store.puts) == 1


def test_known_content_that_the_store_lost_is_sent_again(path: Path) -> None:
    store, known = FarEnd(), hashlib.sha256(CONTENT).digest()
    assert send(store, work_for(path, by_content=True, known_sha256=known)).result is Result.DONE
    assert store.content("file") == CONTENT


def test_changed_content_is_sent(path: Path) -> None:
    store, known = FarEnd(), hashlib.sha256(b"before").digest()
    assert send(store, work_for(path, by_content=True, known_sha256=known)).result is Result.DONE


def test_by_time_and_inode_alone_a_new_version_is_sent_whatever_its_content(path: Path) -> None:
    store, known = FarEnd(), hashlib.sha256(CONTENT).digest()
    send(store, work_for(path))
    assert send(store, work_for(path, known_sha256=known)).result is Result.DONE
    assert len(store.puts) == 2


@pytest.mark.parametrize("parts", [False, True])
def test_a_key_with_the_content_hash_is_filled_in_before_sending(path: Path, parts: bool) -> None:
    store = FarEnd(multipart_threshold_bytes=1 if parts else 1 << 40, part_size_bytes=500)
    work = work_for(path, key=f"by-hash/{SHA256_PLACEHOLDER}.bin")
    assert send(store, work).result is Result.DONE
    assert store.keys() == [work.key] == [f"by-hash/{hashlib.sha256(CONTENT).hexdigest()}.bin"]


def test_the_upload_id_is_durable_before_the_first_part_is_sent(path: Path) -> None:
    store, uploads = FarEnd(multipart_threshold_bytes=1, part_size_bytes=300), MemoryUploads()
    work, kept_when_sent = work_for(path), []
    store.before = lambda _: kept_when_sent.append(work.upload_state)
    assert send(store, work, uploads=uploads).result is Result.DONE
    assert kept_when_sent[0]
    assert len(uploads.parts(work)) == len(kept_when_sent) == 4
    assert store.content("file") == CONTENT


def test_a_broken_upload_in_parts_is_continued_not_begun_anew(path: Path) -> None:
    store, uploads = FarEnd(multipart_threshold_bytes=1, part_size_bytes=100), MemoryUploads()

    def cut(_: str) -> None:
        if len(store.parts) == 5:
            raise UnavailableError("cut")

    store.before = cut
    work = work_for(path)
    assert send(store, work, uploads=uploads).result is Result.FAILED
    store.before = lambda _: None
    again = work_for(path, upload_state=work.upload_state)
    assert send(store, again, uploads=uploads).result is Result.DONE
    assert store.content("file") == CONTENT
    assert len(store.parts) == 11
    assert len({upload for upload, _ in store.parts}) == 1


def test_an_upload_the_store_forgot_is_begun_anew(path: Path) -> None:
    store, uploads = FarEnd(multipart_threshold_bytes=1, part_size_bytes=100), MemoryUploads()
    store.before = refusing(UnavailableError("cut"))
    work = work_for(path)
    send(store, work, uploads=uploads)
    assert work.upload_state
    store.abort(state_from_json(work.upload_state))
    store.before = lambda _: None
    assert send(store, work, uploads=uploads).result is Result.DONE
    assert store.content("file") == CONTENT


def test_an_upload_completed_before_the_crash_is_recognised(path: Path) -> None:
    store, uploads = FarEnd(multipart_threshold_bytes=1, part_size_bytes=100), MemoryUploads()
    work = work_for(path)
    send(store, work, uploads=uploads)
    again = work_for(path, upload_state=work.upload_state, recovered=True)
    assert send(store, again, uploads=uploads).result in {Result.DONE, Result.UNCHANGED}
    assert len(store.parts) == 11
    assert store.keys() == ["file"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"key": 1}'])
def test_an_unreadable_upload_state_does_not_hold_a_file_up_for_ever(path: Path, text: str) -> None:
    store = FarEnd(multipart_threshold_bytes=1, part_size_bytes=100)
    work = work_for(path, upload_state=text)
    outcome = send(store, work)
    assert outcome.result is Result.DONE, outcome.message
    assert store.content("file") == CONTENT


def test_the_error_of_the_store_is_handed_on_with_all_it_says(path: Path) -> None:
    store = FarEnd()
    store.fault = OverloadedError("slow down", retry_after_s=7.0, bucket="b")
    outcome = send(store, work_for(path))
    assert (outcome.result, outcome.error_class, outcome.retry_after_s) == (Result.FAILED, ErrorClass.THROTTLED, 7.0)
    assert (outcome.scope, outcome.retryable, outcome.error_code) == (FaultScope.DESTINATION, True, "overloaded")
    assert outcome.message == "slow down (bucket='b')"


def test_an_endless_error_message_is_cut(path: Path) -> None:
    store = FarEnd()
    store.fault = UnavailableError("x" * 100_000)
    assert len(send(store, work_for(path)).message) <= 500


def test_nothing_stays_open(path: Path) -> None:
    store = FarEnd()
    before = len(os.listdir("/proc/self/fd"))
    send(store, work_for(path))
    work = work_for(path)
    path.unlink()
    send(store, work)
    assert len(os.listdir("/proc/self/fd")) == before
