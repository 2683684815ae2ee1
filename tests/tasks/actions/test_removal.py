from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gwf.tasks.actions.places import Place, place_below
from gwf.tasks.actions.removal import Removed, remove_version

MARK = "0123456789ab"
OTHER = (1, 2, 3)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with place_below(os.fsencode(tmp_path), b"a.log") as found:
        yield found


def contents(directory: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in directory.iterdir()}


def test_what_cannot_have_its_name_back_gets_one_that_nothing_has(place: Place, tmp_path: Path) -> None:
    for name in ("a.log", f"a.log~{MARK}"):
        (tmp_path / name).write_text(name)
    (tmp_path / f".a.log.{MARK}.gwf-moving").write_text("hidden")
    assert remove_version(place, OTHER, MARK) is Removed.CHANGED
    wanted = {"a.log": "a.log", f"a.log~{MARK}": f"a.log~{MARK}", f"a.log~{MARK}-2": "hidden"}
    assert contents(tmp_path) == wanted


def test_a_file_that_has_its_name_back_already_gets_no_other(place: Place, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("x")
    (tmp_path / f".a.log.{MARK}.gwf-moving").hardlink_to(tmp_path / "a.log")
    assert remove_version(place, OTHER, MARK) is Removed.CHANGED
    assert contents(tmp_path) == {"a.log": "x"}


def test_a_file_gets_its_name_back_where_no_file_has_two(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refused)
    (tmp_path / f".a.log.{MARK}.gwf-moving").write_text("x")
    assert remove_version(place, OTHER, MARK) is Removed.CHANGED
    assert contents(tmp_path) == {"a.log": "x"}
