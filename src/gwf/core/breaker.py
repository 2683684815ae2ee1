"""Circuit breaker: gives a destination that fails a rest, and probes it before trusting it again."""

from __future__ import annotations

import enum
import math
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from gwf.core.clock import Clock
from gwf.core.outcomes import OutcomeWindow
from gwf.core.settings.model import BreakerSettings

SHORTEST_REST, LONGEST_REST = 0.75, 0.9  #: of the probe interval; the rest is left for the trial after the probe


class BreakerState(enum.StrEnum):
    """Whether work is let through."""

    CLOSED = "closed"
    OPEN = "open"
    #: a probe succeeded; one piece of work at a time until it is proved
    HALF_OPEN = "half_open"


class BreakerEvent(enum.StrEnum):
    """What happened to a breaker."""

    OPENED = "opened"
    #: still open; the rest begins anew
    PROBE_FAILED = "probe_failed"
    HALF_OPENED = "half_opened"
    CLOSED = "closed"
    #: a person asked for a probe at once
    RESET = "reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One change of a breaker, told to its listener after it happened."""

    event: BreakerEvent
    #: why, for people
    reason: str
    #: opened by a person, to stay so
    manual: bool
    #: seconds until the next probe; None when none is planned
    probe_in_s: float | None


Listener = Callable[[Transition], None]

_ENTERED = {
    BreakerState.CLOSED: BreakerEvent.CLOSED,
    BreakerState.OPEN: BreakerEvent.OPENED,
    BreakerState.HALF_OPEN: BreakerEvent.HALF_OPENED,
}


class CircuitBreaker:
    """Driven by outcomes: opens when the window of outcomes calls for it, or at once on a fatal error.

    Thread-safe. While open nothing is let through. The probe interval begins at `open_for` and doubles with each
    opening or failed probe up to `open_cap`; a probe is due after 75 to 90 % of it (jitter, so that many hosts do not
    come back in step, and room for the trial, so that the first success falls into the interval). Whoever sees
    `probe_due` asks the destination and reports by `probed`.

    A person may hold it open for a drill (`hold`). A held breaker ignores outcomes and is not probed until `close`
    or `reset`. That lives in memory only: a restart ends the drill, because nobody remembers it the day after.
    """

    def __init__(
        self,
        settings: BreakerSettings,
        clock: Clock,
        *,
        uniform: random.Random | None = None,
        listener: Listener | None = None,
    ) -> None:
        """Start closed. `listener` is called outside the lock, in the thread that caused the change."""
        self._settings = settings
        self._clock = clock
        self._random = uniform or random.Random()  # noqa: S311 — jitter, no secret
        self._lock = threading.Lock()
        self._window = OutcomeWindow(settings)
        self._state = BreakerState.CLOSED
        self._probe_at_s = 0.0
        self._opened_in_a_row = 0
        self._trial = False
        self._told: list[Transition] = []
        #: who learns of changes; set once, before work begins
        self.listener = listener
        #: why it opened last, for people; "" while closed
        self.reason = ""
        #: held open by a person
        self.manual = False
        #: times it went into each state since the start
        self.entered: dict[BreakerState, int] = dict.fromkeys(BreakerState, 0)

    @property
    def state(self) -> BreakerState:
        """Present state."""
        return self._state

    @property
    def opened_total(self) -> int:
        """Times it opened since the start, failed probes not counted."""
        return self.entered[BreakerState.OPEN]

    def reconfigure(self, settings: BreakerSettings) -> None:
        """Judge by other settings from now on; state, outcomes and a running rest stay."""
        with self._lock:
            self._settings = settings
            self._window.reconfigure(settings)

    def admits(self) -> bool:
        """Tell whether work may be fetched for this destination now (it reserves nothing)."""
        return self._state is BreakerState.CLOSED or (self._state is BreakerState.HALF_OPEN and not self._trial)

    def enter(self) -> bool:
        """Ask to start one piece of work; True must be followed by `record` or `leave`."""
        if self._state is BreakerState.CLOSED:
            return True
        with self._lock:
            if self._state is BreakerState.HALF_OPEN and not self._trial:
                self._trial = True
                return True
            return self.state is BreakerState.CLOSED

    def leave(self) -> None:
        """Give back an `enter` without an outcome that says anything about the destination."""
        with self._lock:
            self._trial = False

    def record(self, *, ok: bool, reason: str = "") -> None:
        """Note the outcome of one piece of work."""
        now_s = self._clock.monotonic_s()
        with self._lock:
            self._trial = False
            if self._state is BreakerState.HALF_OPEN:
                if ok:
                    self._close("a file was sent")
                else:
                    self._open(now_s, reason)
            else:
                self._window.add(now_s, ok=ok)
                if not ok and self._state is BreakerState.CLOSED and self._window.fails(now_s):
                    self._open(now_s, reason)
        if self._told:
            self._tell()

    def trip(self, reason: str) -> None:
        """Open at once: the error leaves no doubt (wrong credentials, no such bucket)."""
        with self._lock:
            self._trial = False
            if self._state is not BreakerState.OPEN:
                self._open(self._clock.monotonic_s(), reason)
        self._tell()

    # -- probes ----------------------------------------------------------------------------------------

    def probe_due(self) -> bool:
        """Tell whether the rest is over and somebody should probe the destination."""
        return self._state is BreakerState.OPEN and self._clock.monotonic_s() >= self._probe_at_s

    def probe_in_s(self) -> float | None:
        """Return the seconds until the next probe; None when none is planned: not open, or held open by a person."""
        if self._state is not BreakerState.OPEN or self.manual:
            return None
        return max(0.0, self._probe_at_s - self._clock.monotonic_s())

    def probed(self, *, ok: bool, reason: str = "") -> None:
        """Note the result of a probe of an open breaker."""
        with self._lock:
            if self._state is not BreakerState.OPEN or self.manual:
                return
            if ok:
                self._enter(BreakerState.HALF_OPEN, self.reason)
                self._trial = False
            else:
                self._rest(self._clock.monotonic_s(), reason)
                self._note(BreakerEvent.PROBE_FAILED, self.reason)
        self._tell()

    def trust_probe(self, *, in_trial: bool = False) -> None:
        """Close a half-open breaker on the word of its probes alone: there is no work that could prove it.

        `in_trial`: there is, but it takes long.
        """
        with self._lock:
            if self._state is BreakerState.HALF_OPEN and self._trial is in_trial:
                self._close(
                    "probes succeed while a file is being sent" if in_trial else "probes succeed and no file waits"
                )
        self._tell()

    # -- by hand ---------------------------------------------------------------------------------------

    def hold(self, reason: str) -> None:
        """Open it by a person's hand; it stays open, unprobed, until `close` or `reset` (or the process ends)."""
        with self._lock:
            self._trial = False
            self.manual = True
            self._probe_at_s = math.inf
            self.reason = reason
            self._enter(BreakerState.OPEN, reason)
        self._tell()

    def close(self, reason: str) -> None:
        """Let work through now, without a probe; the past is forgotten, new failures open it again."""
        with self._lock:
            self._trial = self.manual = False
            if self._state is BreakerState.CLOSED:
                self._window.clear()
            else:
                self._close(reason)
        self._tell()

    def reset(self, reason: str) -> None:
        """Go back to judging by results: forget outcomes and length of the rest; an open breaker is probed at once."""
        with self._lock:
            self.manual = False
            self._window.clear()
            self._opened_in_a_row = 0
            if self._state is BreakerState.OPEN:
                self._probe_at_s = self._clock.monotonic_s()
                self.reason = reason
                self._note(BreakerEvent.RESET, reason)
        self._tell()

    # -- changes; the lock is held ---------------------------------------------------------------------

    def _open(self, now_s: float, reason: str) -> None:
        self._rest(now_s, reason)
        self._enter(BreakerState.OPEN, self.reason)

    def _rest(self, now_s: float, reason: str) -> None:
        self.reason = reason or self.reason
        interval_s = min(self._settings.open_cap, self._settings.open_for * 2.0 ** min(self._opened_in_a_row, 20))
        self._opened_in_a_row += 1
        self._probe_at_s = now_s + interval_s * self._random.uniform(SHORTEST_REST, LONGEST_REST)

    def _close(self, reason: str) -> None:
        self._window.clear()
        self._opened_in_a_row = 0
        self.reason = ""
        self._enter(BreakerState.CLOSED, reason)

    def _enter(self, state: BreakerState, reason: str) -> None:
        self._state = state
        self.entered[state] += 1
        self._note(_ENTERED[state], reason)

    def _note(self, event: BreakerEvent, reason: str) -> None:
        self._told.append(Transition(event=event, reason=reason, manual=self.manual, probe_in_s=self.probe_in_s()))

    def _tell(self) -> None:
        """Tell the listener what happened, in order."""
        while True:
            with self._lock:
                if not self._told:
                    return
                transition = self._told.pop(0)
            if self.listener is not None:
                self.listener(transition)
