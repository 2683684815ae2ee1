"""One destination: its worker threads, breaker and health, apart from all others."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from queue import SimpleQueue

from gwf.agent.model import Outcome, Result, Work
from gwf.agent.transfer.send import Sender
from gwf.core.breaker import CircuitBreaker
from gwf.core.errors import ErrorClass, FaultScope
from gwf.core.limits import TokenBucket
from gwf.storage.model import StoreHealth, StoreState
from gwf.storage.ports import ObjectStore

MIN_IN_HAND = 64  #: work fetched ahead for idle workers, at least
MAX_IN_HAND = 2048  #: and at most (about 600 bytes each)
AHEAD_S = 0.1  #: work fetched ahead for this long at the present rate
HEALTH_EVERY_S = 60.0  #: health checks while nothing is sent
_BLAMED = frozenset({ErrorClass.NETWORK, ErrorClass.TIMEOUT, ErrorClass.THROTTLED, ErrorClass.SERVER})

log = logging.getLogger("gwf.agent.transfer")


@dataclass(slots=True)
class Limits:
    """Rate limits over all destinations; None = no limit."""

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
        limits: Limits | None = None,
    ) -> None:
        """`finish` takes every outcome; it is called from the worker threads."""
        self.name = name
        self.store = store
        self.workers = workers
        self.breaker = breaker
        self._sender = sender
        self._finish = finish
        self._limits = limits or Limits()
        self._queue: SimpleQueue[Work | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._in_hand = 0
        self._threads: list[threading.Thread] = []
        self._halt = threading.Event()
        self._keeper_wake = threading.Event()
        self._keeper: threading.Thread | None = None
        self._ahead = max(MIN_IN_HAND, 2 * workers)
        self._done_since = 0
        self._rated_at_s = time.monotonic()
        self._last_ok_s = 0.0
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
        if self._halt.is_set() or not self.breaker.admits():
            return 0
        if self.breaker.state != "closed":
            return max(0, 1 - self._in_hand)
        free = self._ahead - self._in_hand
        return free if free * 2 >= self._ahead else 0

    def deliver(self, works: list[Work]) -> None:
        """Take work over."""
        with self._lock:
            self._in_hand += len(works)
            missing = min(self.workers, self._in_hand) - len(self._threads)
        for _ in range(missing):
            thread = threading.Thread(target=self._work, name=f"gwf-send-{self.name}-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        for work in works:
            self._queue.put(work)

    def stop(self, deadline_s: float) -> int:
        """Release what is not begun, wait for the rest until `deadline_s` (monotonic); return how many remain."""
        self._halt.set()
        self._keeper_wake.set()
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(max(0.0, deadline_s - time.monotonic()))
        return sum(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        get, sending = self._queue.get, self.sending
        while True:
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

    def _attempt(self, work: Work) -> Outcome:
        if not self._wait_for_rate(work):
            self.breaker.leave()
            return Outcome(work, Result.RELEASED)
        started_s = time.monotonic()
        try:
            outcome = self._sender.send(work)
        except Exception as exc:  # the edge of a thread: a bug must not end the worker, and the file must not be lost
            log.exception("send_crashed", extra={"file_id": work.file_id})
            outcome = Outcome(
                work, Result.FAILED, error_class=ErrorClass.LOCAL_IO, error_code="internal", message=repr(exc)[:500]
            )
        now_s = time.monotonic()
        outcome.took_s = now_s - started_s
        self._learn(outcome, now_s)
        return outcome

    def _wait_for_rate(self, work: Work) -> bool:
        limits = self._limits
        wait_s = limits.files.reserve_s(1) if limits.files else 0.0
        if limits.bytes:
            wait_s = max(wait_s, limits.bytes.reserve_s(work.size_bytes))
        return wait_s <= 0 or not self._halt.wait(wait_s)

    def _learn(self, outcome: Outcome, now_s: float) -> None:
        """Tell the breaker, find out whether the file or the destination is at fault, adapt the work fetched ahead."""
        if outcome.result in {Result.DONE, Result.UNCHANGED}:
            self._last_ok_s = now_s
            self.breaker.record(ok=True)
            self._rate(now_s)
        elif outcome.result is not Result.FAILED:
            self.breaker.leave()
        elif outcome.error_class in _BLAMED:
            self.breaker.record(ok=False, reason=f"{outcome.error_class}: {outcome.message}")
            self._keeper_wake.set()
        elif self._is_destinations_fault(outcome):
            outcome.retryable, outcome.charged = True, False
            self.breaker.trip(f"{outcome.error_class}: {outcome.message}")
            self._keeper_wake.set()
        else:
            self.breaker.leave()

    def _is_destinations_fault(self, outcome: Outcome) -> bool:
        if outcome.scope is FaultScope.DESTINATION:
            return True
        if outcome.error_class not in {ErrorClass.AUTH, ErrorClass.NOT_FOUND, ErrorClass.CONFIG}:
            return False
        if outcome.scope is FaultScope.OBJECT:
            return False
        self.health = self.store.health()
        return self.health.state is StoreState.FAILING

    def _rate(self, now_s: float) -> None:
        """Fetch ahead what about AHEAD_S will need: little for a slow store, so that urgent work is not behind it."""
        self._done_since += 1
        if now_s - self._rated_at_s >= 0.25:
            per_s = self._done_since / (now_s - self._rated_at_s)
            ahead = int(per_s * AHEAD_S) * 2
            self._ahead = max(MIN_IN_HAND, 2 * self.workers, min(MAX_IN_HAND, ahead))
            self._done_since, self._rated_at_s = 0, now_s

    # -- health ----------------------------------------------------------------------------------------

    def _keep(self) -> None:
        """Check health at the start, while nothing is sent, and whenever the open breaker's rest is over."""
        checked_s = -HEALTH_EVERY_S
        while not self._halt.is_set():
            now_s = time.monotonic()
            if self.breaker.state == "open":
                if self.breaker.probe_due():
                    self._check()
                    checked_s = now_s
            elif now_s - max(checked_s, self._last_ok_s) >= HEALTH_EVERY_S:
                self._check()
                checked_s = now_s
            self._keeper_wake.wait(self._pause_s())
            self._keeper_wake.clear()

    def _pause_s(self) -> float:
        probe_in_s = self.breaker.probe_in_s()
        return HEALTH_EVERY_S if probe_in_s is None else max(0.05, probe_in_s)

    def _check(self) -> None:
        was = self.health
        self.health = health = self.store.health()
        ok = health.state is StoreState.OK
        if was is None or was.state is not health.state:
            event = "store_reachable" if ok else "store_unreachable"
            log.log(
                logging.INFO if ok else logging.WARNING,
                event,
                extra={"store": self.name, "error_class": health.error_class, "message_text": health.message},
            )
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
