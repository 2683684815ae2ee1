from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from gwf.core.faults import KILL_POINTS
from tests.docs.pages import ROOT

PAGE = ROOT / "docs/architecture.md"
SOURCE = ROOT / "src/gwf"


def _rows(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading, without its head."""
    section = PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def _code_words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _find(name: str, beside: Path | None) -> Path | None:
    """Return the file called `name`, given from the package, from the agent, or beside the one named before."""
    places = [SOURCE / name, SOURCE / "agent" / name, *([beside.parent / name] if beside else [])]
    return next((place for place in places if place.is_file()), None)


def _missing(cell: str) -> Iterator[str]:
    """Yield the files and names of a cell that the code does not have."""
    file: Path | None = None
    for word in _code_words(cell):
        if word.endswith(".py"):
            file = _find(word, file)
            if file is None:
                yield word
        elif file is None or not re.search(
            rf"^\s*(?:def|class) {word}\b", file.read_text(encoding="utf-8"), re.MULTILINE
        ):
            yield word


def test_the_table_of_crash_windows_names_code_that_is_there() -> None:
    rows = _rows("Crash windows")
    assert len(rows) > len(KILL_POINTS)
    assert [name for row in rows for name in _missing(row[4])] == []


def test_the_table_of_crash_windows_has_every_kill_point() -> None:
    named = {word for row in _rows("Crash windows") for word in _code_words(row[1])}
    assert named == set(KILL_POINTS)


def test_the_table_of_threads_names_code_that_is_there() -> None:
    assert [name for row in _rows("Threads") for name in _missing(row[1])] == []
