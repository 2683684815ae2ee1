"""What `gwf queue` does: open the journal of a data directory and print what it tells."""

from __future__ import annotations

import os
import pwd
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from gwf.agent.journal.admin import JournalAdmin, check_journal, open_admin, repair_journal
from gwf.agent.journal.choice import Choice
from gwf.agent.journal.deadletters import REPLAYABLE, Order, Target
from gwf.agent.journal.schema import FILE_NAME
from gwf.cli import running, show, sources
from gwf.cli.breaker_desk import resting, stores_of
from gwf.cli.fleet_desk import read
from gwf.cli.outcome import ExitCode
from gwf.core.errors import GwfError, NotFoundError
from gwf.core.units import format_size
from gwf.wire.deadletters import ChangedFiles, DeadGroup
from gwf.wire.edge import FileView, Overview

__all__ = ["REPLAYABLE", "Choice"]


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


def warn_beside(data: Path | None, config: Path | None) -> None:
    """Say on standard error what only a running process knows: files that settle, stores that rest."""
    with suppress(GwfError):
        process = running.find(data, config)
        settling = read(Overview, process.get("/api/v1/overview")).queue.settling
        if settling:
            show.warn(f"{settling} files settle: they stand in the queue once nobody writes them any more")
        for store in stores_of(process):
            if line := resting(store):
                show.warn(line)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A change as the options of a command say it."""

    reason: str
    dry_run: bool
    to_store: str | None = None
    to_key: str | None = None
    force: bool = False

    def target(self) -> Target:
        """Return where the files go."""
        return Target(store=self.to_store, key=self.to_key, force=self.force)

    def order(self) -> Order:
        """Return who wants it, and why."""
        return Order(author=f"cli:{user_name()}", reason=self.reason, dry_run=self.dry_run)


def user_name() -> str:
    """Return the name of the person at the keyboard, for the record."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def store_names(wanted: str | None, config: Path | None) -> list[str]:
    """Return the configured stores, if one was named at all.

    Raises:
        ConfigError: The configuration is not usable.
    """
    return [] if wanted is None else sorted(sources.load(config).settings.stores)


def print_groups(journal: JournalAdmin, choice: Choice, *, as_json: bool) -> None:
    """Print dead letters by class and cause."""
    groups = journal.letters.groups(choice)
    if as_json:
        show.as_json({"items": [group.model_dump(mode="json") for group in groups]})
        return
    heads = ("files", "size", "class", "cause", "id of the cause", "stores", "newest", "example")
    show.table(heads, [_group_row(group) for group in groups])
    if not groups:
        show.line("No dead letters.")


def print_changed(what: str, changed: ChangedFiles, *, as_json: bool) -> None:
    """Print the files that a command changed, or would change."""
    if as_json:
        show.as_json({"count": changed.count, "items": [file.model_dump(mode="json") for file in changed.items]})
        return
    for file in changed.items:
        show.line(f"{file.id}  {file.path}")
    if changed.count > len(changed.items):
        show.line(f"… and {changed.count - len(changed.items)} more")
    show.line(f"{changed.count} files {what}")


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


def _group_row(group: DeadGroup) -> tuple[object, ...]:
    stores = ", ".join(f"{name} {count}" for name, count in group.stores.items())
    return (
        group.files, format_size(group.bytes), group.error_class, group.cause, group.cause_id, stores, group.newest_at,
        group.example_id,
    )  # fmt: skip
