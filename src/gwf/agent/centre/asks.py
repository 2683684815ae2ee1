"""The threads that fetch questions of the centre and answer them: few at a time, each within its time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

import msgspec

from gwf.agent.centre.line import Line
from gwf.control.asks.model import Problem, Reply
from gwf.core.errors import GwfError
from gwf.wire.asks import MAX_ANSWER_BYTES, Ask, AskProblem

AT_ONCE = 4  #: questions that are worked on at a time
IDLE_S = 5.0  #: without a hint or a heartbeat that says so, nothing is fetched
AGAIN_S = 2.0

log = logging.getLogger("gwf.agent.centre")


class Answers(Protocol):
    """Answers questions; `gwf.agent.files.answers.FileAnswers`."""

    def answer(self, kind: str, body: bytes, *, timeout_s: float, stopped: Callable[[], bool]) -> Reply:
        """Return the answer, or why there is none; never raises."""
        ...


class AskThread:
    """Fetches when it is told that there is something, and hands on to a few workers."""

    def __init__(self, line: Line, answers: Answers) -> None:
        """Begin nothing before `start`."""
        self._line = line
        self._answers = answers
        self._facts = line.facts
        self._wake = threading.Event()
        self._asked = False
        self._lock = threading.Lock()
        self._running: dict[str, threading.Event] = {}
        self._thread = threading.Thread(target=self._run, name="gwf-centre-asks", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; whoever waits at the centre is told by its deadline."""
        self._wake.set()
        with self._lock:
            for stopped in self._running.values():
                stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10.0)

    def hint(self) -> None:
        """Fetch soon: the centre says that there is a question, or that one is not wanted any more."""
        self._asked = True
        self._wake.set()

    def _run(self) -> None:
        pause_s = IDLE_S
        while not self._line.halted.is_set():
            self._wake.wait(pause_s)
            self._wake.clear()
            pause_s = IDLE_S
            if not self._asked:
                continue
            try:
                self._asked = False
                self._fetch()
            except GwfError as exc:  # the centre is away or refuses; its questions end by themselves
                self._facts.failures[str(exc.error_class)] += 1
                log.info("asks_not_fetched", extra={"error": str(exc)})
                self._asked, pause_s = True, exc.retry_after_s or AGAIN_S
            except Exception:  # the edge of the thread: a fault of ours must not end the answering for good
                log.exception("asks_crashed")
                self._facts.crashes_total += 1

    def _fetch(self) -> None:
        credential = self._line.credential
        if not credential:
            return
        room = AT_ONCE - len(self._running)
        fetched = self._line.calls.asks(credential, limit=max(0, room))
        with self._lock:
            for ask_id in fetched.gone:
                if ask_id in self._running:
                    self._running[ask_id].set()
            for ask in fetched.asks:
                self._running[ask.id] = threading.Event()
        for ask in fetched.asks:
            # a daemon, because a disk that hangs must not hold up the end of the process
            name = "gwf-centre-answer"
            threading.Thread(target=self._answer, args=(ask, credential), name=name, daemon=True).start()
        if len(fetched.asks) >= room:  # there may be more, for when a worker is free
            self._asked = True

    def _answer(self, ask: Ask, credential: str) -> None:
        stopped = self._running[ask.id]
        try:
            if stopped.is_set():
                return
            began_s = self._line.clock.monotonic_s()

            def over() -> bool:
                return stopped.is_set() or self._line.clock.monotonic_s() - began_s > ask.timeout_s

            reply = self._answers.answer(ask.kind, bytes(ask.body), timeout_s=ask.timeout_s, stopped=over)
            if not stopped.is_set():
                self._line.calls.answer(credential, ask.id, encoded(reply))
                self._facts.asks_answered_total += 1
        except GwfError as exc:
            self._facts.failures[str(exc.error_class)] += 1
            log.info("answer_not_taken", extra={"error": str(exc), "kind": ask.kind})
        except Exception:  # the edge of the thread
            log.exception("answer_crashed", extra={"kind": ask.kind})
            self._facts.crashes_total += 1
        finally:
            with self._lock:
                self._running.pop(ask.id, None)
            self._wake.set()


def encoded(reply: Reply) -> bytes:
    """Return an answer as it is sent; one that is too large becomes a problem that says so."""
    if reply.body is not None and len(reply.body) <= MAX_ANSWER_BYTES - 64:
        return b'{"body":' + reply.body + b"}"
    problem = reply.problem or Problem(
        family="too_large", code="answer_too_large", message="the answer is too large; ask for less"
    )
    told = AskProblem(
        family=problem.family,  # type: ignore[arg-type] # family_of makes them
        code=problem.code,
        message=problem.message[:2_000],
        params={name: value[:2_000] for name, value in list(problem.params.items())[:32]},
        retry_after_s=problem.retry_after_s,
    )
    return b'{"problem":' + msgspec.json.encode(told) + b"}"
