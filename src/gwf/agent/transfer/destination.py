"""One destination: its worker threads, breaker and health, apart from all others."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from gwf.agent.journal.upload_state import state_from_json
from gwf.agent.model import Outcome, Result, Work
from gwf.agent.transfer.concurrency import ConcurrencyLimit
from gwf.agent.transfer.send import Sender
from gwf.agent.transfer.workqueue import WorkQueue
from gwf.core.breaker import CircuitBreaker
from gwf.core.errors import CorruptDataError, ErrorClass, FaultScope, GwfError
from gwf.core.limits import TokenBucket
from gwf.storage.model import StoreHealth, StoreState
from gwf.storage.ports import ObjectStore

AHEAD = 4096  #: work fetched ahead, in the order of its priority (about 700 bytes each)
DOUBT_EVERY_S = 2.0  #: after a failed transfer the store is asked, at most this often
SUSPECT_TRIES = 3  #: times a store is asked for unfinished uploads before work begins without
LOOK_EVERY_S = 0.5  #: how often work in hand is looked after
HEALTH_EVERY_S = 60.0  #: health checks while nothing is sent
_BLAMED = frozenset({ErrorClass.NETWORK, ErrorClass.TIMEOUT, ErrorClass.THROTTLED, ErrorClass.SERVER})
_JUDGED = frozenset({ErrorClass.AUTH, ErrorClass.NOT_FOUND, ErrorClass.CONFIG})  #: nobody retries these by the clock

log = logging.getLogger("gwf.agent.transfer")


@dataclass(slots=True)
class Limits:
    """Rate limits over all destinations; None = no limit. Each may be replaced while work goes on."""

    files: TokenBucket | None = None
    bytes: TokenBucket | None = None


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
        limits: Limits | None = None,
    ) -> None:
        """`finish` takes every outcome, `orphan_gone` every aborted upload; called from the destination's threads."""
        self.name = name
        self.store = store
        self.workers = workers
        self.breaker = breaker
        self._sender = sender
        self._finish = finish
        self._orphan_gone = orphan_gone
        self._orphans: deque[tuple[int, str]] = deque()
        #: keys whose uploads are ended before the first work, because the journal may not know their ids
        self._suspects: deque[tuple[int, str]] = deque()
        self._suspect_tries = 0
        #: a transfer failed since the last one that did not: is it the store?
        self._doubted = False
        self._limits = limits or Limits()
        self._queue = WorkQueue()
        self._lock = threading.Lock()
        self._in_hand = 0
        self._limit = ConcurrencyLimit(workers)
        self._more = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._halt = threading.Event()
        self._keeper_wake = threading.Event()
        self._keeper: threading.Thread | None = None
        self._last_ok_s = self._checked_s = -HEALTH_EVERY_S
        #: work being sent right now, by file id; for views
        self.sending: dict[int, Work] = {}
        #: result of the last health check; None before the first
        self.health: StoreHealth | None = None

    def start(self) -> None:
        """Begin health checks; worker threads start when there is work."""
        self._keeper = threading.Thread(target=self._keep, name=f"gwf-store-{self.name}", daemon=True)
        self._keeper.start()

    def room(self) -> int:
        """Return how many more pieces of work are taken now."""
        if self._halt.is_set() or self._suspects or not self.breaker.admits():
            return 0
        if self.breaker.state != "closed":
            return max(0, 1 - self._in_hand)
        free = AHEAD - self._in_hand
        return free if free * 4 >= AHEAD else 0

    def deliver(self, works: list[Work]) -> None:
        """Take work over; once halted, give it back."""
        with self._lock:
            halted = self._halt.is_set()
            was_idle = self._in_hand == 0
            if not halted:
                self._in_hand += len(works)
                for work in works:  # put under the lock: nothing may come after the end that `halt` puts
                    self._queue.put(work)
        if halted:
            self._release(works)
            return
        self._hire()
        if was_idle:
            self._keeper_wake.set()

    def abandon(self, orphan_id: int, upload_state: str) -> None:
        """Abort an upload that nobody will finish, when there is time."""
        self._orphans.append((orphan_id, upload_state))
        self._keeper_wake.set()

    def suspect(self, orphan_id: int, key: str) -> None:
        """Before any work, end uploads of `key` that were begun before the process died."""
        self._suspects.append((orphan_id, key))
        self._keeper_wake.set()

    def halt(self) -> None:
        """Begin no more work: what waits is released, what runs goes on."""
        with self._lock:
            self._halt.set()
            self._queue.close(len(self._threads))
        self._keeper_wake.set()
        with self._more:
            self._more.notify_all()

    def stop(self, deadline_s: float) -> int:
        """Halt, wait for running work until `deadline_s` (monotonic); return how many remain."""
        if not self._halt.is_set():
            self.halt()
        for thread in self._threads:
            thread.join(max(0.0, deadline_s - time.monotonic()))
        left = sum(thread.is_alive() for thread in self._threads)
        if not left:
            self._release(self._queue.take_rest())
        return left

    def resize(self, workers: int) -> None:
        """Let at most `workers` files be sent at a time from now on; what runs goes on."""
        self.workers = workers
        self._limit.resize(workers)
        self._hire()
        with self._more:
            self._more.notify_all()

    def inherit(self, old: Destination) -> None:
        """Take over the uploads that `old`, halted before, was still to end."""
        self._orphans.extend(old._orphans)
        self._suspects.extend(old._suspects)
        self.health = old.health

    def _release(self, works: list[Work]) -> None:
        for work in works:
            self._finish(Outcome(work, Result.RELEASED))

    def _hire(self) -> None:
        """Start the threads that the present work and the concurrency limit call for."""
        with self._lock:
            wanted = min(self._limit.value, self._in_hand) - len(self._threads)
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

    def _work(self, number: int) -> None:
        get, sending = self._queue.get, self.sending
        while True:
            if number >= self._limit.value:
                self._park(number)
            work = get()
            if work is None:
                return
            if self._halt.is_set() or not self.breaker.enter():
                outcome = Outcome(work, Result.RELEASED)
            else:
                sending[work.file_id] = work
                outcome = self._attempt(work)
                del sending[work.file_id]
            with self._lock:
                self._in_hand -= 1
            self._finish(outcome)

    def _park(self, number: int) -> None:
        """Wait until this thread may work again, or is to end."""
        with self._more:
            self._more.wait_for(lambda: number < self._limit.value or self._halt.is_set())

    def _attempt(self, work: Work) -> Outcome:
        if not self._wait_for_rate(work):
            self.breaker.leave()
            return Outcome(work, Result.RELEASED)
        started_s = time.monotonic()
        try:
            outcome = self._sender.send(work)
            now_s = time.monotonic()
            outcome.took_s = now_s - started_s
            self._learn(outcome, now_s)
        except Exception as exc:  # the edge of a thread: a bug must not end the worker, and the file must not be lost
            log.exception("send_crashed", extra={"file_id": work.file_id})
            outcome = Outcome(
                work, Result.FAILED, error_class=ErrorClass.LOCAL_IO, error_code="internal", message=repr(exc)[:500]
            )
            self.breaker.leave()
        return outcome

    def _wait_for_rate(self, work: Work) -> bool:
        files, bytes_ = self._limits.files, self._limits.bytes  # read once: they may be replaced at any time
        wait_s = files.reserve_s(1) if files else 0.0
        if bytes_:
            wait_s = max(wait_s, bytes_.reserve_s(work.size_bytes))
        return wait_s <= 0 or not self._halt.wait(wait_s)

    def _learn(self, outcome: Outcome, now_s: float) -> None:
        """Tell the breaker, find out whether the file or the destination is at fault, adapt the work fetched ahead."""
        if outcome.result in {Result.DONE, Result.UNCHANGED}:
            self._last_ok_s = now_s
            self._doubted = False
            self.breaker.record(ok=True)
            self._adapt(outcome, now_s)
        elif outcome.result is not Result.FAILED:
            self.breaker.leave()
        elif outcome.error_class in _BLAMED:
            self.breaker.record(ok=False, reason=f"{outcome.error_class}: {outcome.message}")
            self._doubted = True
            self._keeper_wake.set()
        elif self._is_destinations_fault(outcome):
            outcome.retryable, outcome.charged = True, False
            self.breaker.trip(f"{outcome.error_class}: {outcome.message}")
            self._keeper_wake.set()
        else:
            outcome.retryable = outcome.retryable and outcome.error_class not in _JUDGED
            self.breaker.leave()

    def _is_destinations_fault(self, outcome: Outcome) -> bool:
        """Tell whether the store as a whole refuses, rather than this one file: its health check decides."""
        if outcome.scope is not FaultScope.UNKNOWN or outcome.error_class not in _JUDGED:
            return outcome.scope is FaultScope.DESTINATION
        self.health = self.store.health()
        return self.health.state is StoreState.FAILING or self.health.error_class == ErrorClass.AUTH

    def _adapt(self, outcome: Outcome, now_s: float) -> None:
        """Follow the pace: let as many threads work as help."""
        if self._limit.sent(outcome.work.size_bytes, outcome.took_s, now_s, waiting=self._queue.qsize()):
            self._hire()
            with self._more:
                self._more.notify_all()

    # -- health ----------------------------------------------------------------------------------------

    def _keep(self) -> None:
        """Check health at the start, while nothing is sent, and whenever the open breaker's rest is over."""
        while not self._halt.is_set():
            try:
                self._look_after()
            except Exception:  # the edge of the thread: a crashing store must not end the checks
                log.exception("store_check_crashed", extra={"store": self.name})
            self._keeper_wake.wait(self._pause_s())
            self._keeper_wake.clear()

    def _look_after(self) -> None:
        now_s, since_s = time.monotonic(), time.monotonic() - self._checked_s
        if self.breaker.state == "open":
            if self.breaker.probe_due():
                self._check()
        elif self.breaker.state == "half_open" and not self._in_hand and since_s >= LOOK_EVERY_S:
            self._check()
            self.breaker.trust_probe()
        elif self._doubted and since_s >= DOUBT_EVERY_S:
            self._doubted = False  # on a quiet host the window of outcomes alone would never open the breaker
            self._check()
        elif now_s - max(self._checked_s, self._last_ok_s) >= HEALTH_EVERY_S:
            self._check()
        self._unstall()
        self._end_suspects()
        self._abort_orphans()

    def _pause_s(self) -> float:
        probe_in_s = self.breaker.probe_in_s()
        if probe_in_s is not None:
            return max(0.05, probe_in_s)
        if self.breaker.state == "half_open":
            return 2 * LOOK_EVERY_S
        return LOOK_EVERY_S if self._in_hand or self._suspects or self._doubted else HEALTH_EVERY_S

    def _end_suspects(self) -> None:
        """End uploads begun before a crash made their id known. No work runs yet, so none of them is alive.

        A store that cannot list its uploads gets its work all the same; the next start asks again.
        """
        while self._suspects and self.breaker.state == "closed" and not self._halt.is_set():
            orphan_id, key = self._suspects[0]
            try:
                self._sender.abort_forgotten(key)
            except GwfError as exc:
                log.warning("uploads_not_ended", extra={"store": self.name, "error": str(exc)})
                self._suspect_tries += 1
                if not exc.retryable or self._suspect_tries >= SUSPECT_TRIES:
                    self._suspects.clear()
                return
            self._suspects.popleft()
            self._orphan_gone(orphan_id)

    def _abort_orphans(self) -> None:
        """Abort abandoned uploads while the store answers; what cannot be aborted now is tried again later."""
        while self._orphans and self.breaker.state == "closed" and not self._halt.is_set():
            orphan_id, text = self._orphans[0]
            try:
                self.store.abort(state_from_json(text))
            except CorruptDataError:
                log.warning("orphan_unreadable", extra={"store": self.name, "upload_state": text[:200]})
            except GwfError as exc:
                log.warning("orphan_not_aborted", extra={"store": self.name, "error": str(exc)})
                return
            self._orphans.popleft()
            self._orphan_gone(orphan_id)

    def _unstall(self) -> None:
        """Give waiting work more threads when all that work now are held by slow transfers."""
        if not self._queue.qsize():
            return
        self._hire()
        if self._limit.stalled(time.monotonic()):
            self._hire()
            with self._more:
                self._more.notify_all()

    def _check(self) -> None:
        self._checked_s = time.monotonic()
        was = self.health
        self.health = health = self.store.health()
        ok = health.state is StoreState.OK
        if was is None or was.state is not health.state:
            if ok:
                log.info("store_reachable", extra={"store": self.name})
            else:
                facts = {"store": self.name, "error_class": health.error_class, "error": health.message}
                log.warning("store_unreachable", extra=facts)
        if self.breaker.state == "open":
            self.breaker.probed(ok=ok, reason=f"{health.error_class}: {health.message}")
        elif not ok:
            self.breaker.trip(f"{health.error_class}: {health.message}")

    def present_health(self) -> StoreHealth | None:
        """Return the last known health; work sent since the last check counts as proof."""
        health = self.health
        if health is not None and health.state is StoreState.FAILING and self.breaker.state == "closed":
            return replace(health, state=StoreState.OK, error_class="", message="")
        return health
