from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gwf.agent.inputs.files.select import Selector
from gwf.core.settings.model import WatchSettings

ROOT = b"/watched"


def selector(**settings: Any) -> Selector:
    return Selector(ROOT, WatchSettings.model_validate({"path": "/watched", **settings}))


@pytest.mark.parametrize("name", [b"a.log", b"A.LOG", b"a.Log", b".log", b"x.tar.gz", b"X.TAR.GZ", b"\xff\xfe.log"])
def test_suffixes_are_compared_without_regard_to_case(name: bytes) -> None:
    assert selector(suffixes=[".log", ".tar.gz"]).wants_name(name)


@pytest.mark.parametrize("name", [b"log", b"a.logs", b"a.log.1", b"a.gz", b"tar.gz", b"a.log ", b"a.log\n", b"a"])
def test_other_names_are_left_out(name: bytes) -> None:
    assert not selector(suffixes=[".log", ".tar.gz"]).wants_name(name)


def test_without_suffixes_every_name_counts() -> None:
    assert all(selector().wants_name(name) for name in (b"a", b".hidden", b"\xff", b"a\nb", b"-" * 255))


@pytest.mark.parametrize("name", [b"a.tmp", b"A.TMP", b"a.log.part", b".tmp", b"x.crdownload", b"x.SWP"])
def test_temporary_names_are_never_wanted(name: bytes) -> None:
    assert not selector().wants_name(name)
    assert not selector(suffixes=[".tmp", ".part"]).wants_name(name)


def test_temporary_endings_need_no_dot_and_can_be_switched_off() -> None:
    assert not selector(temp_suffixes=["~"]).wants_name(b"notes.txt~")
    assert selector(temp_suffixes=[]).wants_name(b"a.tmp")


@pytest.mark.parametrize("suffix", [".Отчёт", ".日志", ".ÄÖ"])
def test_suffixes_in_any_script_match_their_own_spelling(suffix: str) -> None:
    assert selector(suffixes=[suffix]).wants_name(f"x{suffix}".encode())


@pytest.mark.parametrize("path", [b"cache", b"a/cache", b"a/b/cache"])
def test_a_directory_is_excluded_by_its_name_at_any_depth(path: bytes) -> None:
    chosen = selector(exclude=["cache"])
    assert not chosen.enters(ROOT + b"/" + path)
    assert not chosen.wants_path(ROOT + b"/" + path + b"/x.log")


def test_a_name_is_not_excluded_by_a_part_of_it() -> None:
    chosen = selector(exclude=["cache"])
    assert chosen.enters(ROOT + b"/cached")
    assert chosen.wants_path(ROOT + b"/my.cache.log")


def test_a_directory_is_excluded_by_its_absolute_path_with_all_below_it(tmp_path: Path) -> None:
    chosen = Selector(bytes(tmp_path), WatchSettings(path=tmp_path, exclude=(f"{tmp_path}/a/",)))
    assert not chosen.enters(bytes(tmp_path) + b"/a")
    assert not chosen.enters(bytes(tmp_path) + b"/a/b")
    assert chosen.enters(bytes(tmp_path) + b"/ab")
    assert chosen.enters(bytes(tmp_path) + b"/b/a")


def test_a_file_is_excluded_by_its_absolute_path(tmp_path: Path) -> None:
    chosen = Selector(bytes(tmp_path), WatchSettings(path=tmp_path, exclude=(f"{tmp_path}/a/secret.key",)))
    assert not chosen.wants_path(bytes(tmp_path) + b"/a/secret.key")
    assert chosen.wants_path(bytes(tmp_path) + b"/a/secret.key2")


@pytest.mark.parametrize(
    ("pattern", "path", "wanted"),
    [
        ("*.bak", b"x.bak", False),
        ("*.bak", b"a/b/x.bak", False),
        ("**/old/*.log", b"a/old/x.log", False),
        ("/top/*.log", b"top/x.log", False),
        ("/top/*.log", b"a/top/x.log", True),
        ("data?.log", b"data1.log", False),
        ("data[0-4].log", b"data7.log", True),
        ("build/", b"build/x", False),
        ("build/", b"build", True),
    ],
)
def test_globs_follow_the_rules_of_gitignore(pattern: str, path: bytes, wanted: bool) -> None:
    assert selector(exclude=[pattern]).wants_path(ROOT + b"/" + path) is wanted


@pytest.mark.parametrize("name", [b"\xff\xfe", b"a\nb", b" lead", b"trail ", b"#x", b"!x", b"\\x", b"x" * 255])
def test_odd_names_pass_patterns_that_do_not_mean_them(name: bytes) -> None:
    chosen = selector(exclude=["*.bak", "cache/"])
    assert chosen.wants_path(ROOT + b"/" + name)
    assert chosen.enters(ROOT + b"/" + name)


def test_the_watched_directory_itself_is_never_excluded() -> None:
    assert selector(exclude=["watched", "*"]).enters(ROOT)
