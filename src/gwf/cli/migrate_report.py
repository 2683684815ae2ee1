"""What `gwf migrate` tells: each key, each damaged file, and the files by what becomes of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from gwf.agent.migrate.ask import Answer
from gwf.agent.migrate.queuefile import QueueEntries
from gwf.agent.migrate.survey import Fate, Found, LeftOut
from gwf.agent.model import show_path
from gwf.cli import show
from gwf.cli.migrate_control import ControlReport
from gwf.core.settings.legacy.convert import Converted, path_of_runtime
from gwf.core.settings.legacy.salvage import Damage
from gwf.core.units import format_size

LISTED = 1000  #: paths of one kind in the document
SHOWN = 20  #: the same as text

_WORDS = {
    "in_store": "already in the store, exactly these bytes",
    "to_upload": "to be uploaded: the store has nothing under their key",
    "to_replace": "to be uploaded: the store has older bytes under their key",
    "not_asked": "not known: the store did not say",
    "entered": "entered into the journal; the store is asked first about each",
    "known": "in the journal already, left as they are",
    "missing": "in the queue, but no longer on disk",
    "outside": "in the queue, but in no watched directory",
    "not_a_file": "in the queue, but no regular file",
    "unreadable": "cannot be read",
    "settling": "written a moment ago; the agent waits until they are finished and asks the store first",
    "size_rule": "left out by a size rule",
    "renamed": "get another key than before: too long, or a name that is no UTF-8",
}


@dataclass(slots=True, kw_only=True)
class MigrationReport:
    """Everything that is told at the end; filled while files are looked at."""

    converted: Converted
    queue: QueueEntries
    #: files that are written, or would be
    fresh: tuple[Path, ...]
    dry_run: bool
    entered: int = 0
    known: int = 0
    queued: int = 0
    on_disk: int = 0
    to_upload_bytes: int = 0
    damage: list[Damage] = field(default_factory=list[Damage])
    counts: Counter[str] = field(default_factory=Counter[str])
    listed: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    #: why the store did not say, each once
    reasons: set[str] = field(default_factory=set[str])
    #: None = the Go version had no control plane
    control: ControlReport | None = None

    def __post_init__(self) -> None:
        """Begin with the damage that reading the files showed."""
        self.damage = [*self.converted.damage, *self.queue.damage]

    def note(self, item: LeftOut) -> None:
        """Count a path that is left out."""
        self._list(item.fate, item.path)

    def take(self, found: Found) -> None:
        """Count a file that is taken over."""
        self.queued += found.queued
        self.on_disk += not found.queued
        if found.renamed:
            self._list("renamed", f"{show_path(found.path)} -> {found.candidate.key}")

    def answered(self, found: Found, answer: Answer, why: str) -> None:
        """Count what the store said about a file."""
        self._list(answer, show_path(found.path))
        if answer in {Answer.TO_UPLOAD, Answer.TO_REPLACE}:
            self.to_upload_bytes += found.candidate.size_bytes
        if why and len(self.reasons) < SHOWN:
            self.reasons.add(why)

    def needs_a_look(self) -> bool:
        """Tell whether a person should do something about it."""
        left = self.control is not None and self.control.needs_a_look()
        return bool(left or self.damage or self.counts[Answer.NOT_ASKED] or self.counts[Fate.UNREADABLE])

    def document(self) -> dict[str, object]:
        """Return everything as one JSON value; secrets are in none of it."""
        converted = self.converted
        return {
            "ok": not self.needs_a_look(),
            "dry_run": self.dry_run,
            "config": {"from": str(converted.config), "to": str(converted.to), "state": self._state(converted.to)},
            "env_file": self._env_document(),
            "environment_needed": list(converted.names_outside),
            "data_dir": str(converted.loaded.settings.data_dir),
            "keys": [
                {"key": note.key, "value": note.value, "now": note.now, "text": note.text} for note in converted.notes
            ],
            "notes": [{"key": note.key, "text": note.text} for note in converted.loaded.notes],
            "damaged": [self._damage_document(item) for item in self.damage],
            "queue": {
                "files": [str(path) for path in converted.queue_files],
                "entries": len(self.queue.paths),
                "from_backups": self.queue.from_backups,
            },
            "files": {**self._numbers(), "queued": self.queued, "on_disk": self.on_disk},
            "to_upload_bytes": self.to_upload_bytes,
            "paths": self.listed,
            "reasons": sorted(self.reasons),
            "control": None if self.control is None else self.control.document(),
        }

    def numbers(self) -> list[tuple[str, int]]:
        """Return what became of how many files, without what did not occur."""
        return [(_WORDS[name], number) for name, number in self._numbers().items() if number]

    def _numbers(self) -> dict[str, int]:
        return {**{name: self.counts[name] for name in _WORDS}, "entered": self.entered, "known": self.known}

    def _state(self, path: Path) -> str:
        if path not in self.fresh:
            return "unchanged"
        return "would_be_written" if self.dry_run else "written"

    def _env_document(self) -> dict[str, object] | None:
        converted = self.converted
        if not converted.env_text:
            return None
        path = converted.env_file
        return {"path": str(path), "state": self._state(path), "names": list(converted.env_names)}

    def _damage_document(self, item: Damage) -> dict[str, object]:
        backup = None if item.backup is None else str(item.backup)
        return {"file": str(item.path), "problems": list(item.problems), "saved": item.saved, "backup": backup}

    def _list(self, kind: str, path: str) -> None:
        self.counts[kind] += 1
        listed = self.listed.setdefault(str(kind), [])
        if kind != Answer.IN_STORE and len(listed) < LISTED:
            listed.append(path)


def print_report(report: MigrationReport, *, as_json: bool) -> None:
    """Print the report as text for people, or as one document."""
    if as_json:
        show.as_json(report.document())
        return
    _print_keys(report)
    _print_damage(report)
    _print_files(report)
    if report.control is not None:
        report.control.print(dry_run=report.dry_run)
    _print_outcome(report)


def _print_keys(report: MigrationReport) -> None:
    taken = [note for note in report.converted.notes if note.value or note.now]
    rows = [(note.key, note.value, note.now or "left out", note.text) for note in taken]
    show.table(("key", "value", "now", "note"), rows, title="Keys of the Go version")
    for note in (*report.converted.notes, *report.converted.loaded.notes):
        if note not in taken:
            show.line(f"note: {note.key}: {note.text}")
    if path_of_runtime(report.converted.config):
        show.line("note: config.runtime.yaml: its values beat those of config.yaml, as in the Go version")


def _print_damage(report: MigrationReport) -> None:
    for item in report.damage:
        kept = f"; kept as {item.backup}" if item.backup else ""
        show.line(f"damaged: {item.path}: {item.saved} values saved{kept}")
        for problem in item.problems:
            show.line(f"  {problem}")


def _print_files(report: MigrationReport) -> None:
    entries, backups = len(report.queue.paths), report.queue.from_backups
    more = f", {backups} of them from backups of damaged queue files" if backups else ""
    show.line(f"queue: {entries} entries in {len(report.converted.queue_files)} files{more}")
    for words, number in report.numbers():
        show.line(f"  {number:>9}  {words}")
    for kind, paths in report.listed.items():
        for path in paths[:SHOWN]:
            show.line(f"  {kind}: {path}")
        if len(paths) > SHOWN:
            show.line(f"  {kind}: … {report.counts[kind] - SHOWN} more; --json lists up to {LISTED}")
    if report.to_upload_bytes:
        show.line(f"  {format_size(report.to_upload_bytes)} to be uploaded")
    for reason in sorted(report.reasons):
        show.line(f"  the store: {reason}")


def _print_outcome(report: MigrationReport) -> None:
    converted = report.converted
    for path in (converted.to, *([converted.env_file] if converted.env_text else [])):
        if path not in report.fresh:
            words = "is there already with this content"
        else:
            words = "would be written" if report.dry_run else "written"
        show.line(f"{path}: {words}")
    if converted.names_outside:
        show.line(f"the service needs in its environment: {' '.join(converted.names_outside)}")
    if report.dry_run:
        show.line("Dry run: nothing was written.")
    else:
        show.line(f"Next: gwf check --config {converted.to}, then gwf agent --config {converted.to}")
