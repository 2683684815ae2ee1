"""The thread that exchanges words about tasks with the centre, and begins what it is given."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from gwf.agent.centre.line import Line
from gwf.agent.tasks.book import FILE_NAME, Entry, Memory, TaskBook
from gwf.agent.tasks.perform import Doing, Host, TaskPerformer
from gwf.core.errors import GwfError
from gwf.wire.agenttasks import TaskExchange, TaskExchanged

AT_ONCE = 4  #: tasks that are worked on at a time
MAX_REPORTS = 32  #: in one exchange
IDLE_S = 5.0
AGAIN_S = 2.0
BEATS = 4  #: words within one lease

log = logging.getLogger("gwf.agent.tasks")


class TaskThread:
    """Exchanges when the centre says that there is something, when a task ends, and often enough to keep its own."""

    def __init__(self, line: Line, host: Host, data_dir: Path) -> None:
        """Begin nothing before `start`; without tasks no book is made."""
        self._line = line
        self._facts = line.facts
        self._host = host
        self._data_dir = data_dir
        self._book: TaskBook | None = None
        self._performer = TaskPerformer(host, line.clock, self._remember)
        self._wake = threading.Event()
        self._asked = False
        self._lock = threading.Lock()
        self._doing: dict[str, Doing] = {}
        self._lease_s = 60.0
        self._thread = threading.Thread(target=self._run, name="gwf-centre-tasks", daemon=True)

    def start(self) -> None:
        """Begin; what a process before left behind goes on."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is under way goes on at the next start."""
        self._wake.set()
        with self._lock:
            for doing in self._doing.values():
                doing.cancel.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10.0)
        with self._lock:
            left = [doing.thread for doing in self._doing.values() if doing.thread is not None]
        for thread in left:
            thread.join(timeout=5.0)
        if not any(thread.is_alive() for thread in (self._thread, *left)):
            self._host.close()
            if self._book is not None:
                self._book.close()

    def hint(self) -> None:
        """Exchange soon: the centre has a task, or wants one stopped."""
        self._asked = True
        self._wake.set()

    def _run(self) -> None:
        pause_s = 0.0
        if (self._data_dir / FILE_NAME).exists():
            self._asked = True
        while not self._line.halted.is_set():
            self._wake.wait(pause_s)
            self._wake.clear()
            if self._line.halted.is_set():
                return
            try:
                pause_s = self._turn()
            except GwfError as exc:  # the centre is away or refuses: what ended is told later
                self._facts.failures[str(exc.error_class)] += 1
                log.info("tasks_not_exchanged", extra={"error": str(exc)})
                self._asked, pause_s = True, exc.retry_after_s or AGAIN_S
            except Exception:  # the edge of the thread: a fault of ours must not end it for good
                log.exception("tasks_crashed")
                self._facts.crashes_total += 1
                pause_s = AGAIN_S

    def _turn(self) -> float:
        """Exchange if there is a reason to, and return how long to wait for the next one."""
        credential = self._line.credential
        if not credential or not (self._asked or self._book is not None):
            return IDLE_S if credential else 1.0
        book = self._opened()
        self._asked = False
        reports = book.reports(limit=MAX_REPORTS)
        held = book.held()
        told = TaskExchange(room=max(0, AT_ONCE - len(held)), held=held, reports=reports)
        answer = self._line.calls.exchange_tasks(credential, told)
        tokens = {one.id: one.token for one in held} | {one.id: one.token for one in reports}
        self._heard(book, answer, tokens)
        if len(reports) == MAX_REPORTS:
            return 0.0
        return self._lease_s / BEATS if book.held() else IDLE_S

    def _heard(self, book: TaskBook, answer: TaskExchanged, tokens: dict[str, int]) -> None:
        self._lease_s = answer.lease_s
        book.forget([(name, tokens[name]) for name in answer.heard if name in tokens])
        for name in answer.stop:
            self._cancel(name)
        for name in answer.lost:
            self._cancel(name)
            if name in tokens:
                book.forget([(name, tokens[name])])
        for task in answer.tasks:
            book.enter(task)
        for entry in book.open():
            self._begin(book, entry)

    def _opened(self) -> TaskBook:
        if self._book is None:
            self._book = TaskBook(self._data_dir)
            for entry in self._book.open():
                log.info("task_recovered", extra={"task_id": entry.task.id, "type": entry.task.type})
        return self._book

    def _begin(self, book: TaskBook, entry: Entry) -> None:
        with self._lock:
            if entry.task.id in self._doing or len(self._doing) >= AT_ONCE:
                return
            doing = self._doing[entry.task.id] = Doing(entry=entry, cancel=threading.Event())
        name = f"gwf-task-{entry.task.id[-8:]}"
        doing.thread = threading.Thread(target=self._do, args=(book, doing), name=name, daemon=True)
        doing.thread.start()

    def _do(self, book: TaskBook, doing: Doing) -> None:
        try:
            report = self._performer.run(doing)
            if report is not None:
                book.end(report)
                log.info("task_ended", extra={"task_id": report.id, "outcome": report.outcome, "says": report.summary})
        except GwfError as exc:  # the book cannot be written: it is begun again, with the same key
            log.error("task_not_written", extra={"task_id": doing.entry.task.id, "error": str(exc)})
        finally:
            with self._lock:
                self._doing.pop(doing.entry.task.id, None)
            self._asked = True
            self._wake.set()

    def _cancel(self, name: str) -> None:
        with self._lock:
            doing = self._doing.get(name)
        if doing is not None:
            doing.is_cancelled = True
            doing.cancel.set()

    def _remember(self, doing: Doing, memory: Memory) -> None:
        if self._book is not None:
            self._book.remember(doing.entry.task, memory)
