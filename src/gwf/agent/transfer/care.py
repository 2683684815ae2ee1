"""Looks after one store beside its transfers: health checks, probes of an open breaker, abandoned uploads."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from gwf.agent.journal.upload_state import state_from_json
from gwf.agent.transfer.send import Sender
from gwf.core.breaker import BreakerState, CircuitBreaker
from gwf.core.errors import CorruptDataError, ErrorClass, GwfError
from gwf.storage.model import MultipartState, StoreHealth, StoreState
from gwf.storage.ports import ObjectStore

DOUBT_EVERY_S = 1.0  #: after a failed transfer the store is asked, at most this often
LATELY_S = 1.0  #: a transfer that succeeded so lately outweighs one failed health check
SUSPECT_TRIES = 3  #: times a store is asked for unfinished uploads before work begins without
TRIAL_S = 20.0  #: a file on trial that takes longer, as a large one may, does not hold up all others
LOOK_EVERY_S = 0.5  #: how often work in hand is looked after
ORPHANS_EVERY_S = 2.0  #: pause before uploads are tried again that could not be aborted
HEALTH_EVERY_S = 60.0  #: health checks while nothing is sent
QUIET_S = 10.0  #: the same while there is work in hand and none of it was sent: the store may hang, or files are large

#: what may hit one request and not the next; anything else is as clear from one health check as from ten
PASSING = frozenset({ErrorClass.NETWORK, ErrorClass.TIMEOUT, ErrorClass.THROTTLED, ErrorClass.SERVER})

log = logging.getLogger("gwf.agent.transfer")


class StoreCare:
    """The thread that cares for one store, so that no worker has to."""

    def __init__(
        self,
        name: str,
        store: ObjectStore,
        sender: Sender,
        *,
        breaker: CircuitBreaker,
        in_hand: Callable[[], int],
        unstall: Callable[[], None],
    ) -> None:
        """`in_hand` returns how much work was taken over, `unstall` gives waiting work more threads if it must."""
        self._name = name
        self._store = store
        self._sender = sender
        self._breaker = breaker
        self._in_hand = in_hand
        self._unstall = unstall
        self._orphan_gone: Callable[[int], None] = lambda _: None
        self._orphans: deque[tuple[int, str]] = deque()
        #: keys whose uploads are ended before the first work, because the journal may not know their ids
        self._suspects: deque[tuple[int, str]] = deque()
        self._suspect_tries = 0
        self._halt = threading.Event()
        self._wake = threading.Event()
        self._checked_s = self.last_ok_s = -HEALTH_EVERY_S
        #: a transfer failed since the last one that did not: is it the store?
        self.doubted = False
        #: result of the last health check; None before the first
        self.health: StoreHealth | None = None

    def start(self, orphan_gone: Callable[[int], None]) -> None:
        """Begin; `orphan_gone` takes every aborted upload."""
        self._orphan_gone = orphan_gone
        threading.Thread(target=self._run, name=f"gwf-store-{self._name}", daemon=True).start()

    def halt(self) -> None:
        """End the thread when it has done what it is doing."""
        self._halt.set()
        self._wake.set()

    def wake(self) -> None:
        """Look now."""
        self._wake.set()

    def doubt(self) -> None:
        """Ask the store soon whether it is well: a transfer failed."""
        self.doubted = True
        self._wake.set()

    def succeeded(self, now_s: float) -> None:
        """Note that a transfer succeeded, which is as good as a health check."""
        self.last_ok_s = now_s
        self.doubted = False

    def abandon(self, orphan_id: int, upload_state: str) -> None:
        """Abort an upload that nobody will finish, when there is time."""
        self._orphans.append((orphan_id, upload_state))
        self._wake.set()

    def suspect(self, orphan_id: int, key: str) -> None:
        """Before any work, end uploads of `key` that were begun before the process died."""
        self._suspects.append((orphan_id, key))
        self._wake.set()

    def inherit(self, old: StoreCare) -> None:
        """Take over the uploads that `old`, halted before, was still to end."""
        self._orphans.extend(old._orphans)
        self._suspects.extend(old._suspects)
        self.health = old.health

    def suspects(self) -> bool:
        """Tell whether uploads from before a crash still have to be ended."""
        return bool(self._suspects)

    def examine(self) -> StoreHealth:
        """Ask the store how it is, now, in the calling thread."""
        self.health = health = self._store.health()
        return health

    def present_health(self) -> StoreHealth | None:
        """Return the last known health; work sent since the last check counts as proof."""
        health = self.health
        if health is not None and health.state is StoreState.FAILING and self._breaker.state is BreakerState.CLOSED:
            return replace(health, state=StoreState.OK, error_class="", message="")
        return health

    def _run(self) -> None:
        """Check health at the start, while nothing is sent, and whenever the open breaker's rest is over."""
        while not self._halt.is_set():
            try:
                self._look_after()
            except Exception:  # the edge of the thread: a crashing store must not end the checks
                log.exception("store_check_crashed", extra={"store": self._name})
            self._wake.wait(self._pause_s())
            self._wake.clear()

    def _look_after(self) -> None:
        now_s, since_s = time.monotonic(), time.monotonic() - self._checked_s
        if self._breaker.state is BreakerState.OPEN:
            if self._breaker.probe_due():
                self._check()
        elif self._breaker.state is BreakerState.HALF_OPEN and not self._in_hand() and since_s >= LOOK_EVERY_S:
            self._check()
            self._breaker.trust_probe()
        elif self._breaker.state is BreakerState.HALF_OPEN and since_s >= TRIAL_S:
            self._check()
            self._breaker.trust_probe(in_trial=True)
        elif self.doubted and since_s >= DOUBT_EVERY_S:
            self.doubted = False  # on a quiet host the window of outcomes alone would never open the breaker
            self._check()
        elif self._in_hand() and now_s - max(self._checked_s, self.last_ok_s) >= QUIET_S:
            self._check_quiet()
        elif now_s - max(self._checked_s, self.last_ok_s) >= HEALTH_EVERY_S:
            self._check()
        self._unstall()
        self._end_suspects()
        self._abort_orphans()

    def _pause_s(self) -> float:
        probe_in_s = self._breaker.probe_in_s()
        if probe_in_s is not None:
            return max(0.05, probe_in_s)
        if self._breaker.state is BreakerState.HALF_OPEN:
            return 2 * LOOK_EVERY_S
        if self._in_hand() or self._suspects or self.doubted:
            return LOOK_EVERY_S
        return ORPHANS_EVERY_S if self._orphans else HEALTH_EVERY_S

    def _end_suspects(self) -> None:
        """End uploads begun before a crash made their id known. No work runs yet, so none of them is alive.

        A store that cannot list its uploads gets its work all the same; the next start asks again.
        """
        while self._suspects and self._breaker.state is BreakerState.CLOSED and not self._halt.is_set():
            orphan_id, key = self._suspects[0]
            try:
                self._sender.abort_forgotten(key)
            except GwfError as exc:
                log.warning("uploads_not_ended", extra={"store": self._name, "error": str(exc)})
                self._suspect_tries += 1
                if not exc.retryable or self._suspect_tries >= SUSPECT_TRIES:
                    self._suspects.clear()
                return
            self._suspects.popleft()
            self._orphan_gone(orphan_id)

    def _abort_orphans(self) -> None:
        """Abort abandoned uploads while the store answers; what cannot be aborted now is tried again later."""
        while self._orphans and self._breaker.state is BreakerState.CLOSED and not self._halt.is_set():
            orphan_id, text = self._orphans[0]
            try:
                if not self._abort_orphan(state_from_json(text)):
                    return
            except CorruptDataError:
                log.warning("orphan_unreadable", extra={"store": self._name, "upload_state": text[:200]})
            except GwfError as exc:
                log.warning("orphan_not_aborted", extra={"store": self._name, "error": str(exc)})
                return
            self._orphans.popleft()
            self._orphan_gone(orphan_id)

    def _abort_orphan(self, state: MultipartState) -> bool:
        """Abort one upload, or all of its key when its id is not known; False = not now, one is alive."""
        if state.upload_id:
            self._store.abort(state)
        elif self._sender.sends_parts_of(state.key):
            return False
        else:
            self._sender.abort_forgotten(state.key)
        return True

    def _check_quiet(self) -> None:
        """Check a store from which nothing was heard; no transfer failed, so one failed check alone says little."""
        if (
            self._store.health().state is StoreState.OK
            and self.health is not None
            and self.health.state is StoreState.OK
        ):
            self._checked_s = time.monotonic()
        else:
            self._check()

    def _check(self) -> None:
        self._checked_s = time.monotonic()
        was = self.health
        self.health = health = self._store.health()
        ok = health.state is StoreState.OK
        if was is None or was.state is not health.state:
            if ok:
                log.info("store_reachable", extra={"store": self._name})
            else:
                facts = {"store": self._name, "error_class": health.error_class, "error": health.message}
                log.warning("store_unreachable", extra=facts)
        if self._breaker.state is BreakerState.OPEN:
            self._breaker.probed(ok=ok, reason=f"{health.error_class}: {health.message}")
        elif not ok and health.error_class in PASSING and time.monotonic() - self.last_ok_s < LATELY_S:
            self._breaker.record(ok=False, reason=f"{health.error_class}: {health.message}")
        elif not ok:
            self._breaker.trip(f"{health.error_class}: {health.message}")
