"""What `gwf queue` does: open the journal of a data directory and print what it tells."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from gwf.agent.journal.admin import JournalAdmin, open_admin
from gwf.cli import show, sources
from gwf.cli.outcome import ExitCode
from gwf.core.errors import InputError
from gwf.core.units import format_size
from gwf.wire.edge import FileState, FileView


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which files a list shows."""

    states: tuple[str, ...]
    text: str
    error_class: str | None
    cursor: str | None
    limit: int


@contextmanager
def opened(data: Path | None, config: Path | None) -> Generator[JournalAdmin]:
    """Yield the journal of the data directory.

    Raises:
        NotFoundError: There is no journal.
    """
    journal = open_admin(sources.data_dir(data, config))
    try:
        yield journal
    finally:
        journal.close()


def print_files(journal: JournalAdmin, wanted: Wanted, *, as_json: bool) -> None:
    """Print one page of files, the counts by state, and how to see the next page."""
    unknown = sorted(set(wanted.states) - set(get_args(FileState)))
    if unknown:
        raise InputError("unknown state", state=", ".join(unknown), allowed=", ".join(get_args(FileState)))
    page = journal.files(wanted.states, wanted.text, wanted.error_class, wanted.cursor, wanted.limit)
    summary = journal.summary()
    if as_json:
        show.as_json({"summary": summary, **page.model_dump(mode="json")})
        return
    show.table(("id", "state", "size", "tries", "next at", "class", "path"), [_row(file) for file in page.items])
    show.line("  ".join(f"{state} {count}" for state, count in summary.items()))
    if page.next_cursor:
        show.warn(f"{page.total} files in all; go on with --cursor {page.next_cursor}")


def print_file(journal: JournalAdmin, file_id: int, *, as_json: bool) -> None:
    """Print one file and its history."""
    file, history = journal.file(file_id), journal.history(file_id)
    facts = file.model_dump(mode="json")
    if as_json:
        show.as_json({"file": facts, "history": history})
        return
    reason = file.reason.message if file.reason else ""
    show.table(("fact", "value"), [(name, value) for name, value in {**facts, "reason": reason}.items()])
    heads = list(dict.fromkeys(name for entry in history for name in entry))
    show.table(heads, [[entry.get(name) for name in heads] for entry in history], title="History")


def print_changed(what: str, files: Sequence[FileView], *, as_json: bool) -> None:
    """Print the files that a command changed, or would change."""
    if as_json:
        show.as_json({"count": len(files), "items": [file.model_dump(mode="json") for file in files]})
        return
    for file in files:
        show.line(f"{file.id}\t{file.path}")
    show.line(f"{len(files)} files {what}")


def print_check(journal: JournalAdmin, *, as_json: bool) -> ExitCode:
    """Print what is wrong with the journal."""
    problems = journal.check()
    if as_json:
        show.as_json({"ok": not problems, "problems": problems})
    else:
        for problem in problems or ["The journal is sound."]:
            show.line(problem)
    return ExitCode.FAILED if problems else ExitCode.OK


def print_doctor(journal: JournalAdmin, *, repair: bool, as_json: bool) -> None:
    """Print what was mended, or would be."""
    findings = journal.doctor(repair=repair)
    if as_json:
        show.as_json({"repaired": repair, "findings": findings})
        return
    for finding in findings or ["Nothing needs mending."]:
        show.line(finding)
    if findings and not repair:
        show.line("Nothing was changed; run again with --repair to mend this.")


def _row(file: FileView) -> tuple[object, ...]:
    size = format_size(file.size_bytes)
    return file.id, file.state, size, file.attempts, file.next_at, file.error_class, file.path
