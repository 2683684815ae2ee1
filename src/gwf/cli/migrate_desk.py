"""What `gwf migrate` does: convert, look at disk and store, write, report."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gwf.agent.engine import ensure_private
from gwf.agent.migrate.ask import Answer, ask
from gwf.agent.migrate.queuefile import QueueEntries, read_queue_files
from gwf.agent.migrate.survey import Found, Survey, trees_of
from gwf.agent.migrate.takeover import BATCH, KnownFiles, Takeover
from gwf.cli.migrate_control import take_control
from gwf.cli.migrate_report import MigrationReport, print_report
from gwf.cli.outcome import ExitCode
from gwf.core.clock import SystemClock
from gwf.core.durable import write_durably
from gwf.core.errors import InputError, LocalIoError
from gwf.core.settings.environ import process_environ
from gwf.core.settings.legacy.convert import Wishes, convert
from gwf.core.settings.legacy.salvage import Damage
from gwf.core.settings.model import Existing, Settings
from gwf.storage.factory import open_store
from gwf.storage.model import StoreState
from gwf.storage.ports import ObjectStore

ASKING = 8  #: files asked about at a time in a dry run
KEPT = "migrated"  #: directory of copies of damaged files, in the data directory

Advance = Callable[[int], None]


def wishes(source: Path, *, to: Path | None, data: Path | None, existing: str, hostname: str | None) -> Wishes:
    """Return what the options ask for, with every default filled in."""
    home = source if source.is_dir() else source.parent
    ours = Path(os.path.abspath(to or home / "gwf.yaml"))
    data_dir = Path(os.path.abspath(data or ours.parent / "gwf-data"))
    return Wishes(source=source, to=ours, data_dir=data_dir, existing=Existing(existing), hostname=hostname)


def migrate(wishes: Wishes, *, dry_run: bool, as_json: bool) -> ExitCode:
    """Take over, or with `dry_run` say what would be taken over; print the report and return the exit code.

    Raises:
        NotFoundError: There is no Go version here.
        ConfigError: Its configuration cannot be taken over.
        InputError: Another file stands where ours is to be written.
        ConflictError: An agent works in the data directory.
    """
    converted = convert(wishes, process_environ())
    queue = read_queue_files(converted.queue_files, work_dir=converted.work_dir)
    files = {converted.env_file: converted.env_text, converted.to: converted.text}
    fresh = {path: text for path, text in files.items() if text and _is_new(path, text)}
    report = MigrationReport(converted=converted, queue=queue, fresh=tuple(fresh), dry_run=dry_run)
    settings = converted.loaded.settings
    kept = settings.data_dir / KEPT
    if dry_run:
        _ask_all(settings, queue, report)
    else:
        _enter_all(settings, queue, report)
    report.control = take_control(converted.control_file, settings, kept=kept, dry_run=dry_run)
    report.damage += [] if report.control is None else report.control.damage()
    if not dry_run:
        report.damage = [_kept(item, kept) for item in report.damage]
        for path, text in fresh.items():
            write_durably(path, text.encode(), mode=0o600 if path == converted.env_file else 0o644)
    print_report(report, as_json=as_json)
    return ExitCode.FAILED if report.needs_a_look() else ExitCode.OK


def _is_new(path: Path, text: str) -> bool:
    """Tell whether `path` is to be written; one with this content already is left as it is."""
    try:
        if path.read_text(encoding="utf-8") == text:
            return False
    except FileNotFoundError:
        return True
    except (OSError, UnicodeDecodeError):
        pass  # it is something else: told below
    raise InputError(
        "another file stands here and is not overwritten: move it away, or name another by --to", path=str(path)
    )


def _survey(settings: Settings, queue: QueueEntries, report: MigrationReport | None) -> Iterator[Found]:
    """Yield everything to be taken over, each file once: the queue's entries first."""
    note = report.note if report is not None else _nothing
    survey = Survey(trees_of(settings), now_ns=SystemClock().now_ms() * 1_000_000, note=note)
    seen: set[bytes] = set()
    for found in survey.queued(queue.paths):
        if found.path not in seen:
            seen.add(found.path)
            yield found
    yield from (found for found in survey.on_disk() if found.path not in seen)


def _nothing(_: object) -> None:
    """Take no note: a first pass only counts."""


def _enter_all(settings: Settings, queue: QueueEntries, report: MigrationReport) -> None:
    ensure_private(settings.data_dir)
    with Takeover(settings.data_dir, SystemClock()) as takeover, _progress() as progress:
        advance = _bar(progress, "taking over", _count(settings, queue))
        for batch in _batches(_survey(settings, queue, report), BATCH):
            for found in batch:
                report.take(found)
            takeover.enter(batch)
            advance(len(batch))
        report.entered, report.known = takeover.entered, takeover.known


def _ask_all(settings: Settings, queue: QueueEntries, report: MigrationReport) -> None:
    stores = {name: open_store(name, store, workers=ASKING) for name, store in settings.stores.items()}
    away = {name: text for name, store in stores.items() if (text := _is_away(store))}
    with closing(KnownFiles(settings.data_dir)) as known, _progress() as progress:
        advance = _bar(progress, "asking the store", _count(settings, queue))
        with ThreadPoolExecutor(ASKING, thread_name_prefix="gwf-ask") as pool:
            for batch in _batches(_survey(settings, queue, report), 4 * ASKING):
                strange = [found for found in batch if not known.knows(found)]
                report.known += len(batch) - len(strange)
                answers = pool.map(partial(_answer, stores, away), strange)
                for found, (answer, why) in zip(strange, answers, strict=True):
                    report.take(found)
                    report.answered(found, answer, why)
                advance(len(batch))
    for store in stores.values():
        store.close()


def _answer(stores: Mapping[str, ObjectStore], away: Mapping[str, str], found: Found) -> tuple[Answer, str]:
    name = found.candidate.route.store
    return (Answer.NOT_ASKED, away[name]) if name in away else ask(stores[name], found)


def _is_away(store: ObjectStore) -> str:
    """Return why a store cannot be asked, "" when it can."""
    health = store.health()
    return health.message if health.state is StoreState.FAILING else ""


def _kept(damage: Damage, directory: Path) -> Damage:
    """Copy a damaged file as it was found; a copy that is there already is not made again."""
    try:
        content = damage.path.read_bytes()
        directory.mkdir(mode=0o700, exist_ok=True)
    except OSError as exc:
        raise LocalIoError(
            "the damaged file cannot be copied", path=str(damage.path), directory=str(directory), reason=exc.strerror
        ) from exc
    copy = directory / f"{damage.path.name}.damaged-{hashlib.sha256(content).hexdigest()[:12]}"
    if not copy.exists():
        write_durably(copy, content, mode=0o600)
    return damage.kept_as(copy)


def _batches(found: Iterable[Found], size: int) -> Iterator[Sequence[Found]]:
    source = iter(found)
    while batch := list(islice(source, size)):
        yield batch


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True)


def _count(settings: Settings, queue: QueueEntries) -> int | None:
    """Return how many files there are, where a person looks and a bar needs an end."""
    return sum(1 for _ in _survey(settings, queue, None)) if sys.stderr.isatty() else None


def _bar(progress: Progress, what: str, total: int | None) -> Advance:
    task = progress.add_task(what, total=total)
    return lambda count: progress.update(task, advance=count)
