from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from gwf.core.errors import ConfigError, UnavailableError
from gwf.storage.model import FileSource
from gwf.tasks.actions.archive import ArchiveAction
from gwf.tasks.actions.memory import MemoryProof
from gwf.tasks.actions.model import ActionResult, Ending
from gwf.tasks.actions.subject import Subject
from tests.tasks.actions.bench import OLD_NS, Workshop, tree_of

action = ArchiveAction()
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=20).filter(
    lambda name: name not in {".", ".."}
)


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


@given(
    content=st.binary(max_size=3000),
    name=NAMES,
    mode=st.sampled_from([0o400, 0o600, 0o644, 0o777]),
    compress=st.sampled_from(["none", "gzip", "zstd"]),
    delete=st.booleans(),
)
def test_a_file_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str, mode: int, compress: str, delete: bool
) -> None:
    shop = Workshop(tmp_path_factory.mktemp("shop"))
    subject = shop.file(name, content, mode=mode)
    before = tree_of(shop.root)
    config = shop.archive(compress=compress, delete=delete)
    result = action.execute(config, shop.context(subject))
    assert result.ending is Ending.DONE
    assert not os.path.lexists(subject.path)
    restored = action.compensate(config, shop.context(subject), result)
    assert (restored.ending, tree_of(shop.root)) == (Ending.DONE, before)
    assert shop.proof.restored_files == [(1, os.stat(subject.path).st_ino)]


def test_others_can_read_what_was_packed(shop: Workshop) -> None:
    subject = shop.file("a.log", b"hello")
    action.execute(shop.archive(), shop.context(subject))
    archived = shop.root / ".gwf-archive" / "a.log.gz"
    assert gzip.decompress(archived.read_bytes()) == b"hello"
    assert (archived.stat().st_mode & 0o777, archived.stat().st_mtime_ns) == (0o640, OLD_NS)
    assert shop.proof.archived_files == [(1, str(archived))]
    subject = shop.file("b.log", b"hello")
    action.execute(shop.archive(compress="zstd"), shop.context(subject))
    packed = (shop.root / ".gwf-archive" / "b.log.zst").read_bytes()
    assert zstandard.ZstdDecompressor().decompressobj().decompress(packed) == b"hello"


def test_a_changed_file_is_left_alone(shop: Workshop) -> None:
    subject = shop.file()
    (shop.root / "day/a.log").write_text("newer")
    for settings in ({}, {"compress": "none"}, {"delete": True}):
        result = action.execute(shop.archive(**settings), shop.context(subject))
        assert result.ending is Ending.REFUSED
    assert tree_of(shop.root).keys() == {"day/a.log"}


class ChangesWhenAsked:
    """A proof in whose answer's moment the file changes."""

    def __init__(self, shop: Workshop, content: bytes) -> None:
        self._shop, self._content = shop, content

    def store_holds(self, subject: Subject, source: FileSource) -> bool:
        Path(os.fsdecode(subject.path)).write_bytes(self._content)
        return True

    def __getattr__(self, name: str) -> object:
        return getattr(self._shop.proof, name)


def test_a_file_that_changes_after_the_last_look_is_put_back(shop: Workshop) -> None:
    subject = shop.file()
    shop.proof.store_holds = ChangesWhenAsked(shop, b"newer").store_holds  # type: ignore[method-assign]
    result = action.execute(shop.archive(delete=True), shop.context(subject))
    assert result.ending is Ending.REFUSED
    assert [content for content, _, _ in tree_of(shop.root).values()] == [b"newer"]


def test_a_file_that_is_replaced_after_it_was_kept_leaves_no_copy(shop: Workshop) -> None:
    subject = shop.file()

    def replace(undo: object) -> None:
        if undo:
            (shop.root / "day/a.log").write_bytes(b"newer")

    context = shop.context(subject)
    object.__setattr__(context, "remember", replace)
    assert action.execute(shop.archive(), context).ending is Ending.REFUSED
    assert [content for content, _, _ in tree_of(shop.root).values()] == [b"newer"]


@contextmanager
def opened_for_writing(path: Path) -> Iterator[None]:
    with path.open("ab"):
        yield


def test_a_file_that_is_being_written_is_not_removed(shop: Workshop) -> None:
    subject = shop.file()
    with opened_for_writing(shop.root / "day/a.log"):
        result = action.execute(shop.archive(), shop.context(subject))
        assert (result.ending, "writes to the file" in result.summary) == (Ending.FAILED, True)
        assert (shop.root / "day/a.log").exists()
    again = action.execute(shop.archive(), shop.context(subject, before=result.undo))
    assert again.ending is Ending.DONE


def test_a_second_version_does_not_replace_the_first(shop: Workshop) -> None:
    for content in (b"first", b"second"):
        subject = shop.file("a.log", content)
        assert action.execute(shop.archive(), shop.context(subject)).ending is Ending.DONE
    kept = sorted(gzip.decompress(content) for content, _, _ in tree_of(shop.root).values())
    assert kept == [b"first", b"second"]


def test_a_link_as_the_file_or_on_the_way_is_refused(shop: Workshop, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    subject = shop.file()
    os.rename(shop.root / "day", outside / "day")
    (shop.root / "day").symlink_to(outside / "day")
    result = action.execute(shop.archive(), shop.context(subject))
    assert result.ending in {Ending.REFUSED, Ending.FAILED}
    assert (outside / "day" / "a.log").exists()


def test_a_link_in_the_archive_is_not_followed(shop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (shop.root / ".gwf-archive").symlink_to(tmp_path / "outside")
    subject = shop.file()
    assert action.execute(shop.archive(), shop.context(subject)).ending is Ending.FAILED
    assert tree_of(tmp_path / "outside") == {}
    assert (shop.root / "day/a.log").exists()


@pytest.mark.parametrize("into", ["..", "../elsewhere", "/etc", ".", "a/../.."])
def test_only_the_watched_directory_and_allowed_ones_take_archives(shop: Workshop, into: str) -> None:
    with pytest.raises(ConfigError):
        shop.archive(into=into)


def test_an_allowed_directory_takes_archives(shop: Workshop, tmp_path: Path) -> None:
    allowed = tmp_path / "arch"
    allowed.mkdir()
    subject = shop.file()
    action.execute(shop.archive(allowed, into=str(allowed)), shop.context(subject))
    assert tree_of(allowed).keys() == {"day/a.log.gz"}


def test_the_store_has_the_last_word_before_a_file_is_deleted(shop: Workshop) -> None:
    subject = shop.file()
    shop.proof.objects[subject.key] = b"other bytes"
    result = action.execute(shop.archive(delete=True), shop.context(subject))
    assert (result.ending, (shop.root / "day/a.log").exists()) == (Ending.REFUSED, True)


def test_a_damaged_archive_is_not_brought_back(shop: Workshop) -> None:
    subject = shop.file()
    config = shop.archive()
    result = action.execute(config, shop.context(subject))
    archived = shop.root / ".gwf-archive/day/a.log.gz"
    archived.write_bytes(gzip.compress(b"something else"))
    restored = action.compensate(config, shop.context(subject), result)
    assert (restored.ending, archived.exists()) == (Ending.FAILED, True)
    assert not (shop.root / "day/a.log").exists()


def test_of_an_archive_that_grew_no_more_is_unpacked_than_there_was(shop: Workshop) -> None:
    subject = shop.file()
    result = action.execute(shop.archive(), shop.context(subject))
    (shop.root / ".gwf-archive/day/a.log.gz").write_bytes(gzip.compress(bytes(50_000_000)))
    restored = action.compensate(shop.archive(), shop.context(subject), result)
    assert (restored.ending, "more bytes than were archived" in restored.summary) == (Ending.FAILED, True)
    assert list((shop.root / "day").iterdir()) == []


def test_a_newer_file_is_not_overwritten_by_a_compensation(shop: Workshop) -> None:
    subject = shop.file()
    config = shop.archive()
    result = action.execute(config, shop.context(subject))
    (shop.root / "day/a.log").write_text("newer")
    assert action.compensate(config, shop.context(subject), result).ending is Ending.REFUSED
    assert (shop.root / "day/a.log").read_text() == "newer"


def test_nothing_was_done_and_so_nothing_is_undone(shop: Workshop) -> None:
    nothing = ActionResult(ending=Ending.REFUSED, summary="")
    assert action.compensate(shop.archive(), shop.context(shop.file()), nothing).ending is Ending.REFUSED


@pytest.mark.parametrize("settings", [{"compress": "none"}, {"compress": "gzip"}, {"delete": True}], ids=str)
def test_a_file_that_was_brought_back_is_kept_anew_before_it_is_removed(
    shop: Workshop, settings: dict[str, object]
) -> None:
    subject, config = shop.file(), shop.archive(**settings)
    first = action.execute(config, shop.context(subject))
    action.compensate(config, shop.context(subject), first)
    shop.proof.objects.clear()
    back = shop.subject("day/a.log")
    again = action.execute(config, shop.context(back, before=first.undo))
    wanted = Ending.REFUSED if "delete" in settings else Ending.DONE
    assert (again.ending, len(tree_of(shop.root))) == (wanted, 1)


class _BusyProof(MemoryProof):
    busy = True

    def archived(self, subject: Subject, where: str) -> None:
        if self.busy:
            self.busy = False
            raise UnavailableError("the journal did not take a note in time")
        super().archived(subject, where)


@pytest.mark.parametrize("delete", [False, True])
def test_a_removal_that_could_not_be_noted_is_noted_later_and_can_be_undone(shop: Workshop, *, delete: bool) -> None:
    shop.proof = _BusyProof()
    subject, config = shop.file(), shop.archive(delete=delete)
    first = action.execute(config, shop.context(subject))
    assert (first.ending, first.charged) == (Ending.FAILED, False)
    second = action.execute(config, shop.context(subject, before=first.undo))
    assert (second.ending, len(shop.proof.archived_files)) == (Ending.DONE, 1)
    assert action.compensate(config, shop.context(subject), second).ending is Ending.DONE


def test_a_stop_leaves_everything_as_it_was(shop: Workshop) -> None:
    subject = shop.file()
    before = tree_of(shop.root)
    shop.cancel.set()
    assert action.execute(shop.archive(), shop.context(subject)).ending is Ending.CANCELLED
    assert tree_of(shop.root) == before


def test_time_runs_out(shop: Workshop) -> None:
    subject = shop.file()
    result = action.execute(shop.archive(), shop.context(subject, timeout_s=-1))
    assert (result.ending, (shop.root / "day/a.log").exists()) == (Ending.FAILED, True)
