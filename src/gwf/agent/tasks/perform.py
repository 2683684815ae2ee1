"""Does one task of the centre on this host, by the same actions and within the same bounds as the host's own steps."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol, cast

from pydantic import BaseModel, ValidationError

from gwf.agent.actions.model import subject_from_json, subject_to_json
from gwf.agent.actions.plan import ReadyStep, Steps
from gwf.agent.model import FileStatus
from gwf.agent.tasks.book import Entry, Memory
from gwf.core.clock import Clock
from gwf.core.errors import ConfigError, ConflictError, DeniedError, ErrorClass, GwfError, InputError, NotFoundError
from gwf.core.faults import kill_point
from gwf.core.quickio import stored_int
from gwf.core.secrets import masked_text
from gwf.core.settings.model import AfterSettings, ArchiveSettings
from gwf.core.text import one_line
from gwf.storage.model import ObjectMeta
from gwf.tasks.actions.model import ActionResult, Context, Ending, Undo
from gwf.tasks.actions.output import BoundedOutput
from gwf.tasks.actions.ports import Proof
from gwf.tasks.actions.subject import Subject
from gwf.tasks.worker.catalog import AGENT_KINDS, ArchiveTask, ScriptTask, UploadTask
from gwf.wire.agenttasks import OutcomeWord, TaskReport

MAX_SUMMARY_CHARS = 1000
LOOK_S = 0.1  #: between two looks whether an upload has ended
_ENDED = {FileStatus.SKIPPED: "a rule says that it is not sent", FileStatus.VANISHED: "it is gone"}
_OUTCOMES: dict[Ending, OutcomeWord] = {
    Ending.DONE: "succeeded", Ending.REFUSED: "failed", Ending.FAILED: "failed", Ending.CANCELLED: "returned",
}  # fmt: skip

log = logging.getLogger("gwf.agent.tasks")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFailure:
    """Why a file was not sent at the last attempt."""

    error_class: ErrorClass
    #: of our errors; "" = not kept any more
    code: str
    #: as the store or the system said it
    message: str

    def __str__(self) -> str:
        """Say class, code and message, without what may be secret."""
        code = "" if self.code in {"", self.error_class.value} else f", {self.code}"
        return masked_text(f"{self.error_class.value}{code}: {self.message}")


class Host(Protocol):
    """What tasks need of the running edge. Thread-safe."""

    def may_act(self) -> bool:
        """Tell whether this host's own settings let the centre act here."""
        ...

    def steps(self) -> Steps:
        """Return the actions of the configuration in force."""
        ...

    def row(self, path: str) -> tuple[Any, ...] | None:
        """Return what the journal knows of a file, as SUBJECT_COLUMNS; None = nothing."""
        ...

    def failure(self, file_id: int, gen: int) -> FileFailure | None:
        """Return why the last attempt at a version of a file failed; None = none did."""
        ...

    def send_now(self, path: str) -> None:
        """Have a file sent now; returns when that is durable."""
        ...

    def proof(self) -> Proof:
        """Return what is known about objects."""
        ...

    def close(self) -> None:
        """Release everything; no task runs any more."""
        ...


@dataclass(slots=True, kw_only=True)
class Doing:
    """A task under way, and how it is told to stop."""

    entry: Entry
    cancel: threading.Event
    #: the centre cancelled it; False = the process ends
    is_cancelled: bool = False
    thread: threading.Thread | None = None


class TaskPerformer:
    """Does tasks; called from a thread for each."""

    def __init__(self, host: Host, clock: Clock, remember: Callable[[Doing, Memory], None]) -> None:
        """`remember` makes durable what the next attempt needs."""
        self._host = host
        self._clock = clock
        self._remember = remember

    def run(self, doing: Doing) -> TaskReport | None:
        """Do it and return how it ended; None = it goes on at the next start. Never raises."""
        task = doing.entry.task
        kill_point("task_begun")
        try:
            if not self._host.may_act():
                raise DeniedError("this host does not let the centre act on it: see agent.centre.remote_files")
            report = self._done(doing)
        except ConfigError as exc:
            report = _failure(doing, "; ".join(exc.problems) or exc.message, ErrorClass.CONFIG, retryable=False)
        except GwfError as exc:
            report = _failure(doing, str(exc), exc.error_class, retryable=exc.retryable)
        except Exception as exc:  # the edge of a task: a fault of ours must not end the others
            log.exception("task_crashed", extra={"task_id": task.id, "type": task.type})
            report = _failure(doing, f"internal error: {exc!r}", ErrorClass.SERVER)
        if report is None or (report.outcome == "returned" and not doing.is_cancelled):
            return None
        if report.outcome == "returned":
            report.outcome = "cancelled"
        kill_point("task_done")
        return report

    def _done(self, doing: Doing) -> TaskReport | None:
        config = _config(doing.entry.task.type, doing.entry.task.config)
        if isinstance(config, UploadTask):
            undo = doing.entry.task.undo
            return self._upload(doing, config.path) if undo is None else self._take_back(doing, undo)
        spec = _spec(config)
        return self._act(doing, spec, str(getattr(config, "path", "")))

    # -- actions -----------------------------------------------------------------------------------------

    def _act(self, doing: Doing, spec: AfterSettings, path: str) -> TaskReport:
        task, steps = doing.entry.task, self._host.steps()
        subject = self._subject(doing, steps, path)
        step = steps.ready(subject.root, spec)
        output = BoundedOutput(step.max_output)
        context = self._context(doing, subject, step, output=output)
        if task.undo is None:
            result = step.execute(context)
        else:
            before = ActionResult(ending=Ending.DONE, summary="", undo=_flat(task.undo.get("undo")))
            result = step.compensate(context, before)
        return _report(doing, result, output.text(), subject=subject, is_reversible=self._is_reversible(doing, result))

    def _is_reversible(self, doing: Doing, result: ActionResult) -> bool:
        """Tell whether it can be undone: what left an undo behind, and programs that have an undo command."""
        script = self._host.steps().scripts.get(str(doing.entry.task.config.get("script", "")))
        return result.ending is Ending.DONE and (bool(result.undo) or (script is not None and bool(script.undo)))

    def _subject(self, doing: Doing, steps: Steps, path: str) -> Subject:
        """Return the version of the file that the first attempt began with, else the one that was sent last."""
        kept = (doing.entry.task.undo or {}).get("subject") or doing.entry.memory.get("subject")
        if isinstance(kept, str):
            return subject_from_json(kept)
        row = self._host.row(path)
        if row is None:
            raise NotFoundError("the journal does not know this file", path=path)
        if row[11] != FileStatus.DONE:
            raise InputError("the store has not confirmed this file", path=path)
        subject = steps.subject_of(row)
        if not steps.is_watched(subject.path):
            raise ConfigError("the file does not lie below a watched directory any more")
        self._remember(doing, {**doing.entry.memory, "subject": subject_to_json(subject)})
        return subject

    def _context(self, doing: Doing, subject: Subject, step: ReadyStep, *, output: BoundedOutput) -> Context:
        task = doing.entry.task

        def remember(undo: Undo) -> None:
            self._remember(doing, {"subject": subject_to_json(subject), "undo": dict(undo)})

        return Context(
            subject=subject,
            idempotency_key=hashlib.blake2b(task.id.encode(), digest_size=16).hexdigest(),
            attempt=task.attempt,
            timeout_s=min(step.timeout_s, task.timeout_s),
            cancel=doing.cancel,
            output=output,
            proof=self._host.proof(),
            before=_flat(doing.entry.memory.get("undo")),
            remember=remember,
        )

    # -- uploads -----------------------------------------------------------------------------------------

    def _upload(self, doing: Doing, path: str) -> TaskReport | None:
        """Order an upload once, and see it through; the journal keeps the order over a restart."""
        task = doing.entry.task
        memory = doing.entry.memory
        if "had" not in memory:  # before the order: afterwards nobody could tell
            row = self._host.row(os.path.realpath(path))
            memory = {"had": row is not None and row[11] == FileStatus.DONE}
            self._remember(doing, memory)
        if not memory.get("ordered"):
            self._host.send_now(path)
            memory = {**memory, "ordered": True}
            self._remember(doing, memory)
        end_s = self._clock.monotonic_s() + task.timeout_s
        while True:
            row = self._host.row(os.path.realpath(path))
            report = None if row is None else self._ended(doing, row, had=bool(memory.get("had")))
            if report is not None:
                return report
            if self._clock.monotonic_s() > end_s:
                late = _failure(doing, f"not sent within {task.timeout_s:g} s", ErrorClass.TIMEOUT)
                return late if row is None else self._explained(late, row)
            if doing.cancel.wait(LOOK_S):
                return _made(doing, "returned", "it is sent all the same: the order stands in the journal")

    def _ended(self, doing: Doing, row: tuple[Any, ...], *, had: bool) -> TaskReport | None:
        """Return how an upload ended; None = it has not."""
        if row[11] == FileStatus.DONE:
            return self._sent(doing, row, had=had)
        if row[11] in _ENDED:
            return _failure(doing, _ENDED[FileStatus(row[11])], ErrorClass.CONFLICT, retryable=False)
        if row[11] != FileStatus.DEAD:
            return None
        dead = _failure(doing, f"the store {row[7]} did not take it", ErrorClass.CONFLICT, retryable=False)
        return self._explained(dead, row, takes_class=True)

    def _explained(self, report: TaskReport, row: tuple[Any, ...], *, takes_class: bool = False) -> TaskReport:
        """Add why the last attempt failed, in the words of the store."""
        why = self._host.failure(row[0], row[1])
        if why is not None:
            report.summary = one_line(f"{report.summary}: {why}")[:MAX_SUMMARY_CHARS]
            report.detail = {"store": row[7], "error_class": why.error_class.value, "error_code": why.code}
            report.error_class = why.error_class.value if takes_class else report.error_class
        return report

    def _sent(self, doing: Doing, row: tuple[Any, ...], *, had: bool) -> TaskReport:
        """Report what was sent; it can be undone unless the store had an object there that would not come back."""
        subject = self._host.steps().subject_of(row)
        detail = {"store": subject.store, "key": subject.key, "size_bytes": subject.size_bytes, "etag": subject.etag}
        seen = self._host.proof().object_of(subject)
        undo: dict[str, Any] | None = None
        if seen is not None and seen.etag == subject.etag and (seen.version or not had):
            undo = {"subject": subject_to_json(subject), "object": asdict(seen), "had": had}
            detail |= {"version": seen.version} if seen.version else {}
        return _made(doing, "succeeded", f"the store {subject.store} has it as {subject.key}", detail=detail, undo=undo)

    def _take_back(self, doing: Doing, undo: Mapping[str, Any]) -> TaskReport:
        """Remove the object that was sent, if it is still that one; never the only copy of a file."""
        subject, seen = subject_from_json(undo["subject"]), ObjectMeta(**undo["object"])
        if not undo["had"] and not _lies_there(subject):
            raise ConflictError("the file does not lie on the host any more: its object may be the only copy")
        is_gone = self._host.proof().take_back(subject, seen)
        which = f"version {seen.version} of {subject.key}" if seen.version else subject.key
        say = (
            f"removed {which} from the store {subject.store}"
            if is_gone
            else f"{which} is another object by now: it stays"
        )
        return _made(doing, "succeeded", say)


def _lies_there(subject: Subject) -> bool:
    try:
        found = os.lstat(subject.path)
    except OSError:
        return False
    return (found.st_size, stored_int(found.st_mtime_ns)) == (subject.size_bytes, subject.mtime_ns)


def _config(kind: str, config: Mapping[str, Any]) -> BaseModel:
    shape = AGENT_KINDS.get(kind)
    if shape is None:
        raise ConfigError(f"this agent does not know {kind}: it may be older than the centre")
    try:
        return shape.model_validate(config)
    except ValidationError as exc:
        first = exc.errors()[0]
        raise ConfigError(f"config {'/'.join(map(str, first['loc']))}: {first['msg']}") from exc


def _spec(config: BaseModel) -> AfterSettings:
    if isinstance(config, ArchiveTask):
        archive = ArchiveSettings.model_validate(
            {"into": config.into, "compress": config.compress, "delete": config.delete}
        )
        return AfterSettings(archive=archive)
    return AfterSettings(script=cast("ScriptTask", config).script)


def _flat(value: object) -> Undo:
    if not isinstance(value, dict):
        return {}
    found = cast("dict[str, object]", value)
    return {name: item for name, item in found.items() if isinstance(item, (str, int))}


def _report(doing: Doing, result: ActionResult, output: str, *, subject: Subject, is_reversible: bool) -> TaskReport:
    undo = {"undo": dict(result.undo), "subject": subject_to_json(subject)} if is_reversible else None
    report = _made(doing, _OUTCOMES[result.ending], result.summary, undo=undo)
    if output:
        report.detail["output"] = output
    if result.ending is Ending.DONE and "anchor" in result.undo and doing.entry.task.undo is None:
        report.detail["kept_as"] = f"{result.undo['anchor']}/{result.undo['name']}"
    if result.ending is Ending.REFUSED:
        report.error_class, report.retryable = "conflict", False
    elif result.ending is Ending.FAILED:
        report.error_class = "local_io"
    return report


def _failure(doing: Doing, summary: str, class_: ErrorClass, *, retryable: bool = True) -> TaskReport:
    report = _made(doing, "failed", summary)
    report.error_class, report.retryable = class_.value, retryable
    return report


def _made(
    doing: Doing,
    outcome: OutcomeWord,
    summary: str,
    *,
    detail: dict[str, Any] | None = None,
    undo: dict[str, Any] | None = None,
) -> TaskReport:
    task = doing.entry.task
    text = one_line(summary)[:MAX_SUMMARY_CHARS]
    return TaskReport(id=task.id, token=task.token, outcome=outcome, summary=text, detail=detail or {}, undo=undo)
