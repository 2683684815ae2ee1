"""What `gwf queue` does: open the journal of a data directory and print what it tells."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gwf.agent.journal.admin import JournalAdmin, check_journal, open_admin, repair_journal
from gwf.agent.journal.schema import FILE_NAME
from gwf.cli import show, sources
from gwf.cli.outcome import ExitCode
from gwf.core.errors import NotFoundError
from gwf.core.units import format_size
from gwf.wire.edge import FileView


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
    show.table(("fact", "value"), list({**facts, "reason": reason}.items()))
    heads = list(dict.fromkeys(name for entry in history for name in entry))
    show.table(heads, [[entry.get(name) for name in heads] for entry in history], title="History")


def print_changed(what: str, files: Sequence[FileView], *, as_json: bool) -> None:
    """Print the files that a command changed, or would change."""
    if as_json:
        show.as_json({"count": len(files), "items": [file.model_dump(mode="json") for file in files]})
        return
    for file in files:
        show.line(f"{file.id}  {file.path}")
    show.line(f"{len(files)} files {what}")


def print_check(data: Path | None, config: Path | None, *, as_json: bool) -> ExitCode:
    """Print what is wrong with the journal; one that is too damaged to be opened is told of as well."""
    problems = check_journal(_journal_path(data, config))
    if as_json:
        show.as_json({"ok": not problems, "problems": problems})
    else:
        for problem in problems or ["The journal is sound."]:
            show.line(problem)
    return ExitCode.FAILED if problems else ExitCode.OK


def print_doctor(data: Path | None, config: Path | None, *, repair: bool, as_json: bool) -> ExitCode:
    """Print what was mended, or would be."""
    findings = repair_journal(_journal_path(data, config), repair=repair)
    if as_json:
        show.as_json({"repaired": repair and bool(findings), "findings": findings})
    else:
        for finding in findings or ["Nothing needs mending."]:
            show.line(finding)
    return ExitCode.FAILED if findings and not repair else ExitCode.OK


def _journal_path(data: Path | None, config: Path | None) -> Path:
    path = sources.data_dir(data, config) / FILE_NAME
    if not path.is_file():
        raise NotFoundError("no journal in this data directory", data_dir=str(path.parent))
    return path


def _row(file: FileView) -> tuple[object, ...]:
    size = format_size(file.size_bytes)
    return file.id, file.state, size, file.attempts, file.next_at, file.error_class, file.path
