"""One destination: its worker threads and breaker, apart from all others."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from gwf.agent.model import DELIVERED, Outcome, Result, Work
from gwf.agent.transfer.ahead import FetchAhead
from gwf.agent.transfer.care import StoreCare
from gwf.agent.transfer.concurrency import ConcurrencyLimit
from gwf.agent.transfer.flights import IN_FLIGHT, Begun, Bell, Flights
from gwf.agent.transfer.limits import StoreLimits
from gwf.agent.transfer.send import Sender
from gwf.agent.transfer.workqueue import WorkQueue
from gwf.core.breaker import BreakerEvent, BreakerState, CircuitBreaker, Listener, Transition
from gwf.core.errors import ErrorClass, FaultScope
from gwf.storage.model import StoreState
from gwf.storage.ports import ObjectStore

CORRUPT_KEPT = 64  #: files whose checksum was wrong lately, each of which counts against the store once
_BLAMED = frozenset({ErrorClass.NETWORK, ErrorClass.TIMEOUT, ErrorClass.THROTTLED, ErrorClass.SERVER})
_JUDGED = frozenset({ErrorClass.AUTH, ErrorClass.NOT_FOUND, ErrorClass.CONFIG})  #: nobody retries these by the clock

log = logging.getLogger("gwf.agent.transfer")


class Destination:
    """Sends work to one store with its own threads, so that a slow or broken store holds up nobody else."""

    def __init__(
        self,
        name: str,
        store: ObjectStore,
        sender: Sender,
        *,
        workers: int,
        breaker: CircuitBreaker,
        finish: Callable[[Outcome], None],
        orphan_gone: Callable[[int], None],
        changed: Listener = lambda _: None,
        limits: StoreLimits,
    ) -> None:
        """Wire it up; nothing runs before `start`.

        `finish` takes every outcome, `orphan_gone` every aborted upload, `changed` every change of the breaker; called
        from the destination's threads.
        """
        self.name = name
        self.store = store
        self.workers = workers
        self.breaker = breaker
        self._sender = sender
        self._finish = finish
        self._orphan_gone = orphan_gone
        self._changed = changed
        self._corrupt: deque[int] = deque(maxlen=CORRUPT_KEPT)
        limits.multipart_bytes = store.multipart_threshold_bytes
        self.limits = limits
        self._queue = WorkQueue(limits, released=lambda: breaker.state is BreakerState.OPEN)
        self._ahead = FetchAhead(4 * workers)
        self._delivered = 0
        self._lock = threading.Lock()
        self._in_hand = 0
        self._limit = ConcurrencyLimit(workers)
        self._per_thread = IN_FLIGHT if sender.begins else 1
        #: threads that send one file and wait for its end
        self._busy = 0
        #: of threads that wait for answers
        self._bells: set[Bell] = set()
        self._more = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._halt = threading.Event()
        #: work being sent right now, by file id; for views
        self.sending: dict[int, Work] = {}
        self.care = StoreCare(
            name, store, sender, breaker=breaker, in_hand=lambda: self._in_hand, unstall=self._unstall
        )
        breaker.listener = self._on_breaker

    def start(self) -> None:
        """Begin health checks; worker threads start when there is work."""
        self.care.start(self._orphan_gone)

    def room(self) -> int:
        """Return how many more pieces of work are taken now."""
        if self._halt.is_set() or self.care.suspects() or not self.breaker.admits():
            return 0
        if self.breaker.state is not BreakerState.CLOSED:
            return 0 if self._queue.qsize() else 1  # what still hangs from before says nothing about now
        in_hand = self._in_hand
        return self._ahead.room(in_hand, self._delivered - in_hand, time.monotonic())

    def deliver(self, works: list[Work]) -> None:
        """Take work over; once halted, give it back."""
        deferred: list[tuple[Work, float]] = []
        with self._lock:
            halted = self._halt.is_set()
            was_idle = self._in_hand == 0
            if not halted:
                self._in_hand += len(works)
                self._delivered += len(works)
                for work in works:  # put under the lock: nothing may come after the end that `halt` puts
                    defer_s = self._queue.put(work)
                    if defer_s is not None:
                        deferred.append((work, defer_s))
                self._in_hand -= len(deferred)
                self._delivered -= len(deferred)
        if halted:
            self._release(works)
            return
        for work, defer_s in deferred:
            self._finish(Outcome(work, Result.DEFERRED, retry_after_s=defer_s))
        self._call_threads()
        if was_idle:
            self.care.wake()

    def halt(self) -> None:
        """Begin no more work: what waits is released, what runs goes on."""
        with self._lock:
            if self._halt.is_set():
                return
            self._halt.set()
            rest = self._queue.take_rest()
            self._in_hand -= len(rest)
            self._queue.close(len(self._threads))
        self.care.halt()
        self._ring()
        self._release(rest)

    def stop(self, deadline_s: float) -> int:
        """Halt, wait for running work until `deadline_s` (monotonic); return how many remain."""
        self.halt()
        for thread in self._threads:
            thread.join(max(0.0, deadline_s - time.monotonic()))
        return sum(thread.is_alive() for thread in self._threads)

    def resize(self, workers: int) -> None:
        """Let at most `workers` files be sent at a time from now on; what runs goes on."""
        self.workers = workers
        self._ahead.least = 4 * workers
        self._limit.resize(workers)
        self._call_threads()

    def inherit(self, old: Destination) -> None:
        """Take over the uploads that `old`, halted before, was still to end."""
        self.care.inherit(old.care)

    def _release(self, works: list[Work]) -> None:
        for work in works:
            self._finish(Outcome(work, Result.RELEASED))

    def _hire(self) -> None:
        """Start the threads that the present work and the concurrency limit call for."""
        with self._lock:
            wanted = min(self._crew(), self._in_hand) - len(self._threads)
            if wanted <= 0 or self._halt.is_set():
                return
            for number in range(len(self._threads), len(self._threads) + wanted):
                thread = threading.Thread(
                    target=self._work, args=(number,), name=f"gwf-send-{self.name}-{number}", daemon=True
                )
                try:
                    thread.start()
                except RuntimeError:  # the system gives no more threads: those that run do the work
                    log.warning("thread_refused", extra={"store": self.name, "threads": len(self._threads)})
                    return
                self._threads.append(thread)

    def _crew(self) -> int:
        """Return how many threads may work: for as many files as the limit says, several of them by one thread."""
        busy = self._busy
        return busy + max(0, -(-(self._limit.value - busy) // self._per_thread))

    def _call_threads(self) -> None:
        """Start or wake the threads that the present work calls for."""
        self._hire()
        self._ring()

    def _ring(self) -> None:
        with self._more:
            self._more.notify_all()
            for bell in self._bells:
                bell.ring()

    def _work(self, number: int) -> None:
        get, flights, bell = self._queue.get, Flights(), Bell()
        try:
            while True:
                if number >= self._crew():
                    self._land_all(flights)
                    self._park(number)
                work = self._further(flights, bell) if flights else get()
                if work is not None:
                    self._carry(work, flights)
                elif not flights:
                    return
        finally:
            bell.close()

    def _further(self, flights: Flights, bell: Bell) -> Work | None:
        """Return more work to be begun; None = there is none, or it has to wait: answers were read instead."""
        room = len(flights) < IN_FLIGHT and len(self.sending) < self._limit.value
        work = self._queue.take_now() if room else None
        if work is not None:
            return work
        begun = flights.take_answered()
        if begun is None:
            self._sleep(flights, bell, wants_work=room and not self.limits.active)
        while begun is not None:
            self._land(begun)
            begun = flights.take_answered()
        return self._queue.get() if not flights else None

    def _sleep(self, flights: Flights, bell: Bell, *, wants_work: bool) -> None:
        with self._more:
            self._bells.add(bell)
        try:
            # what was put before the bell was there did not ring it
            answered = [] if wants_work and self._queue.qsize() else flights.wait(bell)
        finally:
            with self._more:
                self._bells.discard(bell)
        for begun, overdue in answered:
            self._land(begun, overdue=overdue)

    def _land_all(self, flights: Flights) -> None:
        while flights:
            self._land(flights.take_next())

    def _carry(self, work: Work, flights: Flights) -> None:
        """Send a piece of work, or begin to."""
        if self._halt.is_set() or not self.breaker.enter():
            self._end(Outcome(work, Result.RELEASED))
            return
        started_s = time.monotonic()
        self.sending[work.file_id] = work
        try:
            begun = self._sender.begin(work)
            if isinstance(begun, Begun):
                begun.started_s = started_s
                flights.add(begun)
                return
            if begun is None:
                self._land_all(flights)  # nobody would read their answers meanwhile
                begun = self._sent(work)
            self._learn(begun, started_s)
        except Exception as exc:  # noqa: BLE001 — the edge of a thread: no bug may end it or lose the file
            begun = self._crashed(work, exc)
        self._end(begun)

    def _sent(self, work: Work) -> Outcome:
        """Send a piece of work from its beginning to its end; another thread takes what this one cannot begin."""
        if self._per_thread == 1:
            return self._sender.send(work)
        with self._lock:
            self._busy += 1
        if self._queue.qsize():
            self._call_threads()
        try:
            return self._sender.send(work)
        finally:
            with self._lock:
                self._busy -= 1

    def _land(self, begun: Begun, *, overdue: bool = False) -> None:
        """End what was begun."""
        try:
            outcome = self._sender.finish(begun, overdue=overdue)
            self._learn(outcome, begun.started_s)
        except Exception as exc:  # noqa: BLE001 — as above
            outcome = self._crashed(begun.work, exc)
        self._end(outcome)

    def _crashed(self, work: Work, exc: Exception) -> Outcome:
        log.error("send_crashed", exc_info=exc, extra={"file_id": work.file_id})
        self.breaker.leave()
        return Outcome(
            work, Result.FAILED, error_class=ErrorClass.LOCAL_IO, error_code="internal", message=repr(exc)[:500]
        )

    def _end(self, outcome: Outcome) -> None:
        work = outcome.work
        self.sending.pop(work.file_id, None)
        if self._queue.large:  # also what was only taken: it keeps the next large file from being begun
            self._queue.ended(work)
        with self._lock:
            self._in_hand -= 1
        self._finish(outcome)

    def _park(self, number: int) -> None:
        """Wait until this thread may work again, or is to end."""
        with self._more:
            self._more.wait_for(lambda: number < self._crew() or self._halt.is_set())

    def _learn(self, outcome: Outcome, started_s: float) -> None:
        """Tell the breaker, find out whether the file or the destination is at fault, adapt the work fetched ahead."""
        now_s = time.monotonic()
        outcome.took_s = now_s - started_s
        if outcome.result in DELIVERED:
            self.care.succeeded(now_s)
            self.breaker.record(ok=True)
            self._adapt(outcome, now_s)
        elif outcome.result is not Result.FAILED:
            self.breaker.leave()
        elif outcome.error_class in _BLAMED:
            self.breaker.record(ok=False, reason=f"{outcome.error_class}: {outcome.message}")
            self.care.doubt()
        elif self._is_destinations_fault(outcome):
            outcome.retryable, outcome.charged = True, False
            self.breaker.trip(f"{outcome.error_class}: {outcome.message}")
        elif outcome.error_class is ErrorClass.CHECKSUM and outcome.work.file_id not in self._corrupt:
            # One file whose bytes never arrive whole is that file's fault; one file after another is the store's.
            self._corrupt.append(outcome.work.file_id)
            self.breaker.record(ok=False, reason=f"{outcome.error_class}: {outcome.message}")
        else:
            outcome.retryable = outcome.retryable and outcome.error_class not in _JUDGED
            self.breaker.leave()

    def _is_destinations_fault(self, outcome: Outcome) -> bool:
        """Tell whether the store as a whole refuses, rather than this one file: its health check decides."""
        if outcome.scope is not FaultScope.UNKNOWN or outcome.error_class not in _JUDGED:
            return outcome.scope is FaultScope.DESTINATION
        health = self.care.examine()
        return health.state is StoreState.FAILING or health.error_class == ErrorClass.AUTH

    def limits_changed(self) -> None:
        """Let work that waits for a limit see the new ones."""
        self._queue.limits_changed()

    def _waiting(self) -> int:
        """Return how much waits for a thread; what waits for a limit needs none."""
        return 0 if self._queue.waiting else self._queue.qsize()

    def _adapt(self, outcome: Outcome, now_s: float) -> None:
        """Follow the pace: let as many threads work as help."""
        if self._limit.sent(outcome.work.size_bytes, outcome.took_s, now_s, waiting=self._waiting()):
            self._call_threads()

    def _unstall(self) -> None:
        """Give waiting work more threads when all that work now are held by slow transfers."""
        if not self._queue.qsize() or self._queue.waiting:  # threads wait for a limit: more would wait too
            return
        self._hire()
        if self._limit.stalled(time.monotonic()):
            self._call_threads()

    def _on_breaker(self, change: Transition) -> None:
        """Log a change of the breaker, look after the store at once, and pass the change on."""
        facts: dict[str, object] = {"store": self.name, "reason": change.reason, "manual": change.manual}
        if change.probe_in_s is not None:
            facts["probe_in_s"] = round(change.probe_in_s, 2)
        match change.event:
            case BreakerEvent.OPENED:
                log.warning("breaker_opened", extra=facts)
            case BreakerEvent.PROBE_FAILED:
                log.warning("breaker_probe_failed", extra=facts)
            case BreakerEvent.HALF_OPENED:
                log.info("breaker_half_opened", extra=facts)
            case BreakerEvent.CLOSED:
                log.info("breaker_closed", extra=facts)
            case BreakerEvent.RESET:
                log.info("breaker_reset", extra=facts)
        self.care.wake()
        self._queue.look_again()
        self._changed(change)
