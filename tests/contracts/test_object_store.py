"""What every object store promises, checked over all adapters and their servers."""

from __future__ import annotations

import hashlib
import os
import threading

import pytest

from gwf.core.errors import (
    CorruptDataError,
    DeniedError,
    ErrorClass,
    FaultScope,
    GwfError,
    InputError,
    NotFoundError,
    OverloadedError,
    SourceChangedError,
    UnavailableError,
)
from gwf.core.settings.model import StoreSettings
from gwf.storage.factory import open_store
from gwf.storage.hashing import CHUNK_BYTES
from gwf.storage.model import Checksums, FileSource, MultipartState, StoreState
from gwf.storage.ports import ObjectStore
from gwf.testing.faults import NONE, Faults
from tests.conftest import MakeSource
from tests.contracts.conftest import (
    BUCKET_WORLDS,
    CHECKING_WORLDS,
    FAULTY_WORLDS,
    LINE_BREAK_WORLDS,
    World,
    versioned_bucket,
)

UGLY_KEYS = (
    "with space/and  two.log",
    "hash#question?percent%41plus+amp&semi;eq=quote'dquote\"star*tilde~paren().log",
    "中文目录/日志 文件.log",
    "combining-e\u0301/emoji-\U0001f600.txt",
    "..data/.hidden/...",
    "back\\slash and <angle> & [square] {curly} |pipe| ^caret `tick`",
    "%2e%2e/%2F.log",
    "x" * 255,
)
ODD_KEYS = ("line\nbreak\rand\ttab", "control-\x01\x7f-characters")


def _sums(data: bytes) -> Checksums:
    return Checksums(md5=hashlib.md5(data, usedforsecurity=False).hexdigest(), sha256=hashlib.sha256(data).hexdigest())


def _read(store: ObjectStore, key: str) -> bytes:
    return b"".join(store.read_object(key))


def _ignore(_: MultipartState) -> None:
    """Save nothing."""


@pytest.mark.parametrize("size", [0, 1, 1024, CHUNK_BYTES, CHUNK_BYTES + 1, 3_000_001])
def test_an_object_holds_exactly_the_bytes_of_its_source(
    store: ObjectStore, make_source: MakeSource, size: int
) -> None:
    data = os.urandom(size)
    receipt = store.put_object("a/b/file.bin", make_source(data))
    expected = _sums(data)
    assert (receipt.key, receipt.size_bytes) == ("a/b/file.bin", size)
    assert (receipt.checksums.md5, receipt.checksums.sha256) == (expected.md5, expected.sha256)
    assert _read(store, "a/b/file.bin") == data


def test_metadata_agrees_with_the_receipt(store: ObjectStore, make_source: MakeSource) -> None:
    receipt = store.put_object("meta.bin", make_source(b"hello"))
    meta = store.get_object_meta("meta.bin")
    assert (meta.key, meta.size_bytes, meta.etag) == ("meta.bin", 5, receipt.etag)
    assert meta.sha256 in {None, receipt.checksums.sha256}
    assert meta.modified_at_ms is not None


def test_verification_accepts_what_was_sent(store: ObjectStore, make_source: MakeSource) -> None:
    receipt = store.put_object("ok.bin", make_source(b"hello"))
    assert store.verify_checksum("ok.bin", 5, receipt.checksums).size_bytes == 5


def test_verification_accepts_sums_without_a_crc(store: ObjectStore, make_source: MakeSource) -> None:
    store.put_object("ok.bin", make_source(b"hello"))
    assert store.verify_checksum("ok.bin", 5, _sums(b"hello")).key == "ok.bin"


def test_verification_by_sha256_alone_reads_the_object(store: ObjectStore, make_source: MakeSource) -> None:
    store.put_object("ok.bin", make_source(b"hello"))
    only = Checksums(md5="", sha256=_sums(b"hello").sha256)
    assert store.verify_checksum("ok.bin", 5, only).key == "ok.bin"
    with pytest.raises(CorruptDataError):
        store.verify_checksum("ok.bin", 5, Checksums(md5="", sha256=_sums(b"jello").sha256))


@pytest.mark.parametrize(("size", "data"), [(5, b"jello"), (6, b"hello!")])
def test_verification_refuses_other_bytes(store: ObjectStore, make_source: MakeSource, size: int, data: bytes) -> None:
    store.put_object("bad.bin", make_source(b"hello"))
    with pytest.raises(CorruptDataError):
        store.verify_checksum("bad.bin", size, _sums(data))


@pytest.mark.parametrize("key", UGLY_KEYS)
def test_ugly_keys_round_trip(store: ObjectStore, make_source: MakeSource, key: str) -> None:
    store.put_object(key, make_source(key.encode()))
    assert _read(store, key) == key.encode()
    assert [item.key for item in store.list_objects("").items] == [key]
    assert store.get_object_meta(key).size_bytes == len(key.encode())


@pytest.mark.parametrize("world", LINE_BREAK_WORLDS, indirect=True)
@pytest.mark.parametrize("key", ODD_KEYS)
def test_control_characters_in_keys_round_trip(
    world: World, store: ObjectStore, make_source: MakeSource, key: str
) -> None:
    store.put_object(key, make_source(b"x"))
    assert _read(store, key) == b"x"
    assert [item.key for item in store.list_objects("").items] == [key]


@pytest.mark.parametrize("key", ["", "/a", "a/", "a//b", "./a", "a/../b", "..", "a\0b", "k" * 1025, "\ud800"])
def test_keys_against_the_rules_are_refused(store: ObjectStore, make_source: MakeSource, key: str) -> None:
    with pytest.raises(InputError):
        store.put_object(key, make_source(b"x"))
    with pytest.raises(InputError):
        store.get_object_meta(key)


def test_a_second_put_replaces_the_object(store: ObjectStore, make_source: MakeSource) -> None:
    store.put_object("same", make_source(b"old content"))
    store.put_object("same", make_source(b"new"))
    assert _read(store, "same") == b"new"
    assert len(store.list_objects("").items) == 1


def test_the_source_is_read_from_its_start_wherever_its_position_is(
    store: ObjectStore, make_source: MakeSource
) -> None:
    source = make_source(b"0123456789")
    os.lseek(source.fd, 5, os.SEEK_SET)
    store.put_object("k", FileSource(fd=source.fd, size_bytes=8))
    assert _read(store, "k") == b"01234567"
    assert os.lseek(source.fd, 0, os.SEEK_CUR) == 5


def test_missing_objects_are_not_found(store: ObjectStore) -> None:
    with pytest.raises(NotFoundError) as caught:
        store.get_object_meta("no/such/object")
    assert (caught.value.scope, caught.value.retryable) == (FaultScope.OBJECT, False)
    with pytest.raises(NotFoundError):
        list(store.read_object("no/such/object"))
    with pytest.raises(NotFoundError):
        store.verify_checksum("no/such/object", 1, _sums(b"x"))


def test_a_deleted_object_is_gone_and_deleting_twice_is_no_error(store: ObjectStore, make_source: MakeSource) -> None:
    store.put_object("d/e/f", make_source(b"x"))
    store.delete_object("d/e/f")
    store.delete_object("d/e/f")
    assert store.list_objects("").items == ()
    store.put_object("d/e", make_source(b"x"))


def test_a_bucket_with_versions_gives_back_the_one_before(moto_url: str, make_source: MakeSource) -> None:
    settings = {
        "url": f"s3://{versioned_bucket(moto_url)}/p",
        "endpoint": moto_url,
        "access_key": "a",
        "secret_key": "b",
    }
    store = open_store("default", StoreSettings.model_validate(settings), workers=1)
    versions: list[str] = []
    for data in (b"one", b"two", b"three"):
        store.put_object("a", make_source(data))
        versions.append(store.get_object_meta("a").version)
    assert len({*versions, ""}) == 4
    for version, left in ((versions[1], b"three"), (versions[2], b"one"), (versions[2], b"one")):
        store.delete_object("a", version=version)
        assert _read(store, "a") == left
    store.delete_object("a", version=versions[0])
    with pytest.raises(NotFoundError):
        store.get_object_meta("a")
    store.close()


@pytest.mark.parametrize("size", [11, CHUNK_BYTES + 11])
def test_a_source_shorter_than_stated_leaves_no_object(store: ObjectStore, make_source: MakeSource, size: int) -> None:
    source = make_source(b"x" * (size - 1))
    with pytest.raises(SourceChangedError):
        store.put_object("short", FileSource(fd=source.fd, size_bytes=size))
    assert store.list_objects("").items == ()


def test_lists_are_in_key_order_and_paged(store: ObjectStore, make_source: MakeSource) -> None:
    keys = ["a", "b-c", "b.d", "b/a", "b/c/d", "b0", "c/x", "ü"]
    for key in reversed(keys):
        store.put_object(key, make_source(key.encode()))
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = store.list_objects("", after=after, limit=3)
        assert len(page.items) <= 3
        seen += [item.key for item in page.items]
        after = page.next_after
    assert seen == keys


def test_lists_keep_to_their_prefix(store: ObjectStore, make_source: MakeSource) -> None:
    for key in ("p/1", "p/2", "p2/1", "q"):
        store.put_object(key, make_source(b"x"))
    assert [item.key for item in store.list_objects("p/").items] == ["p/1", "p/2"]
    assert [item.key for item in store.list_objects("p").items] == ["p/1", "p/2", "p2/1"]
    assert [item.key for item in store.list_objects("p/", after="p/1").items] == ["p/2"]
    assert store.list_objects("nothing/").items == ()


def test_concurrent_puts_all_arrive(store: ObjectStore, make_source: MakeSource) -> None:
    payloads = {f"dir{n % 5}/file-{n}": os.urandom(100 + n) for n in range(60)}
    sources = {key: make_source(data) for key, data in payloads.items()}
    failures: list[GwfError] = []

    def put(keys: list[str]) -> None:
        for key in keys:
            for _ in range(3):  # rclone now and then answers 500 to concurrent first writes of a directory
                try:
                    store.put_object(key, sources[key])
                    break
                except UnavailableError as exc:
                    last = exc
            else:
                failures.append(last)

    threads = [threading.Thread(target=put, args=(list(payloads)[n::8],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert {item.key: item.size_bytes for item in store.list_objects("").items} == {
        key: len(data) for key, data in payloads.items()
    }


def test_health_is_ok_when_the_store_answers(store: ObjectStore) -> None:
    health = store.health()
    assert (health.state, health.error_class) == (StoreState.OK, "")


@pytest.mark.parametrize("world", CHECKING_WORLDS, indirect=True)
def test_wrong_credentials_are_a_fault_of_the_whole_destination(world: World, make_source: MakeSource) -> None:
    for overrides in ({"secret_key": "not-the-secret"}, {"access_key": "nobody"}):
        store = world.open(**overrides)
        with pytest.raises(DeniedError) as caught:
            store.put_object("k", make_source(b"x"))
        assert (caught.value.error_class, caught.value.scope) == (ErrorClass.AUTH, FaultScope.DESTINATION)
        assert "not-the-secret" not in str(caught.value)
        health = store.health()
        assert (health.state, health.error_class) == (StoreState.FAILING, "auth")


@pytest.mark.parametrize("world", BUCKET_WORLDS, indirect=True)
def test_a_missing_bucket_is_a_fault_of_the_whole_destination(world: World, make_source: MakeSource) -> None:
    store = world.open(url=str(world.settings["url"]).replace("//bkt", "//none"))
    with pytest.raises(NotFoundError) as caught:
        store.put_object("k", make_source(b"x"))
    assert caught.value.scope is FaultScope.DESTINATION
    assert "create it" in str(caught.value)
    assert store.health().state is StoreState.FAILING


@pytest.mark.parametrize("world", FAULTY_WORLDS, indirect=True)
def test_a_wrong_confirmation_is_a_checksum_error(world: World, make_source: MakeSource) -> None:
    store = world.open()
    world.set_faults(Faults(wrong_checksum=True))
    for size in (10, CHUNK_BYTES + 1):
        with pytest.raises(CorruptDataError) as caught:
            store.put_object("k", make_source(b"x" * size))
        assert (caught.value.error_class, caught.value.retryable) == (ErrorClass.CHECKSUM, True)
    world.set_faults(NONE)
    store.put_object("k", make_source(b"x"))


@pytest.mark.parametrize("world", FAULTY_WORLDS, indirect=True)
def test_throttling_says_how_long_to_wait(world: World, make_source: MakeSource) -> None:
    store = world.open()
    world.set_faults(Faults(status=503, code="SlowDown", retry_after="7"))
    with pytest.raises(OverloadedError) as caught:
        store.put_object("k", make_source(b"x"))
    assert (caught.value.retry_after_s, caught.value.error_class) == (7.0, ErrorClass.THROTTLED)


@pytest.mark.parametrize("world", FAULTY_WORLDS, indirect=True)
def test_an_answer_lost_after_the_work_is_repeated_on_a_kept_connection(world: World, make_source: MakeSource) -> None:
    store = world.open()
    store.put_object("first", make_source(b"x"))
    world.set_faults(Faults(reset="after", times=1))
    store.put_object("second", make_source(b"y"))
    assert _read(store, "second") == b"y"


@pytest.mark.parametrize("world", FAULTY_WORLDS, indirect=True)
def test_a_server_that_hangs_is_given_up(world: World, make_source: MakeSource) -> None:
    store = world.open(read_timeout=0.2)
    world.set_faults(Faults(hang=True))
    with pytest.raises(UnavailableError) as caught:
        store.put_object("k", make_source(b"x"))
    assert caught.value.error_class is ErrorClass.TIMEOUT


@pytest.mark.parametrize("world", FAULTY_WORLDS, indirect=True)
def test_a_health_check_has_less_patience_than_a_transfer(world: World) -> None:
    store = world.open(read_timeout=3600, health_timeout=0.2)
    world.set_faults(Faults(hang=True))
    found = store.health()
    assert (found.state, found.error_class) == (StoreState.FAILING, ErrorClass.TIMEOUT)
