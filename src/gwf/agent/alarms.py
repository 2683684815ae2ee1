"""Alarms: what a person should hear of once when it begins and once when it is over, with hysteresis."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from gwf.agent.centre.keeping import NEAR
from gwf.core.clock import Clock
from gwf.core.settings.model import HighWaterSettings

CLEAR_SHARE = 0.8  #: an alarm of too much ends when the level falls below this share of its mark
DISK_CLEAR_SHARE = 1.25  #: that of too little free space ends above this share
GROWING_S = 600.0  #: dead letters count as growing for so long after the last one
FACT = "alarms"  #: name under which the journal keeps those that are raised
LOOK_EVERY_S = 2.0
CODES = ("high_water_files", "high_water_oldest", "disk_low", "dead_letters_growing", "breaker_open", "centre_backlog")

log = logging.getLogger("gwf.agent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """What alarms are judged by."""

    pending_files: int
    oldest_wait_s: float
    free_bytes: int
    dead_files: int
    marks: HighWaterSettings
    #: stores whose breaker is not closed, and why
    resting: Mapping[str, str]
    #: share of the room that events take which the centre does not have
    unreported: float = 0.0


@dataclass(slots=True)
class _Alarm:
    code: str
    store: str | None
    since_ms: int
    values: Mapping[str, object]


class Alarms:
    """Raises and clears; each change is an outbox event (`alert.raised`, `alert.cleared`) and a log line.

    What is raised is remembered over restarts, so that every alarm that was raised is cleared once. Thread-safe.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        tell: Callable[[str, Mapping[str, object]], None],
        remember: Callable[[str, str], None],
        remembered: str | None,
    ) -> None:
        """`remembered` is what `remember` was given last, by this process or the one before."""
        self._clock = clock
        self._tell = tell
        self._remember = remember
        self._lock = threading.Lock()
        self._raised = _restored(remembered)
        self._dead: int | None = None
        self._dead_grew_at_s = -GROWING_S

    def raised(self) -> frozenset[str]:
        """Return the codes of all alarms that are raised."""
        with self._lock:
            return frozenset(alarm.code for alarm in self._raised.values())

    def look(self, levels: Levels) -> frozenset[str]:
        """Judge the levels; return the codes of all alarms that are raised then."""
        with self._lock:
            before = dict(self._raised)
            self._marks(levels)
            self._growth(levels.dead_files)
            self._breakers(levels.resting)
            self._backlog(levels.unreported)
            if before.keys() != self._raised.keys():
                self._keep()
            return frozenset(alarm.code for alarm in self._raised.values())

    def breaker(self, store: str, *, resting: bool, why: str) -> None:
        """Tell of a breaker at once: it may be closed again at the next look."""
        with self._lock:
            if self._set("breaker_open", on=resting, store=store, values={"why": why}):
                self._keep()

    def _marks(self, levels: Levels) -> None:
        marks = levels.marks
        high: tuple[tuple[str, float, float, dict[str, object]], ...] = (
            ("high_water_files", levels.pending_files, marks.files, {"files": levels.pending_files}),
            ("high_water_oldest", levels.oldest_wait_s, marks.oldest, {"oldest_s": round(levels.oldest_wait_s)}),
        )
        for code, level, mark, values in high:
            share = CLEAR_SHARE if self._is_raised(code) else 1.0
            self._set(code, on=level > share * mark, values={**values, "limit": mark})
        share = DISK_CLEAR_SHARE if self._is_raised("disk_low") else 1.0
        values = {"free_bytes": levels.free_bytes, "min_free_bytes": marks.min_free_bytes}
        self._set("disk_low", on=levels.free_bytes < share * marks.min_free_bytes, values=values)

    def _growth(self, dead: int) -> None:
        now_s = self._clock.monotonic_s()
        if self._dead is not None and dead > self._dead:
            self._dead_grew_at_s = now_s
        grown = dead - (self._dead or 0)
        self._dead = dead
        growing = dead > 0 and now_s - self._dead_grew_at_s < GROWING_S
        self._set("dead_letters_growing", on=growing, values={"files": dead, "grown": grown})

    def _breakers(self, resting: Mapping[str, str]) -> None:
        known = {alarm.store for alarm in self._raised.values() if alarm.code == "breaker_open"}
        for store in {*resting, *(name for name in known if name is not None)}:
            self._set("breaker_open", on=store in resting, store=store, values={"why": resting.get(store, "")})

    def _backlog(self, share: float) -> None:
        mark = NEAR * (CLEAR_SHARE if self._is_raised("centre_backlog") else 1.0)
        self._set("centre_backlog", on=share > mark, values={"used_pct": round(100 * share), "limit_pct": 100})

    def _is_raised(self, code: str) -> bool:
        return code in self._raised

    def _set(self, code: str, *, on: bool, values: Mapping[str, object], store: str | None = None) -> bool:
        """Raise or clear one alarm; return whether that changed something."""
        name = code if store is None else f"{code}:{store}"
        present = self._raised.get(name)
        if on == (present is not None):
            return False
        now_ms = self._clock.now_ms()
        body: dict[str, object] = {"code": code, **({"store": store} if store is not None else {}), **values}
        if present is None:
            self._raised[name] = _Alarm(code, store, now_ms, values)
            log.warning("alert_raised", extra=body)
            self._tell("alert.raised", body)
            return True
        del self._raised[name]
        body["lasted_s"] = round((now_ms - present.since_ms) / 1000, 1)
        log.info("alert_cleared", extra=body)
        self._tell("alert.cleared", body)
        return True

    def _keep(self) -> None:
        kept = [[alarm.code, alarm.store, alarm.since_ms] for alarm in self._raised.values()]
        self._remember(FACT, json.dumps(kept))


class AlarmWatch:
    """Looks every two seconds, whether somebody asks for the edge's state or not."""

    def __init__(self, look: Callable[[], object]) -> None:
        """`look` takes a snapshot, which judges the alarms."""
        self._look = look
        self._halt = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gwf-alarms", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._halt.set()
        if self._thread.is_alive():
            self._thread.join(5.0)

    def _run(self) -> None:
        while not self._halt.wait(LOOK_EVERY_S):
            try:
                self._look()
            except Exception:  # the edge of the thread: a journal that cannot be read now is told of elsewhere
                log.exception("alarms_not_judged")


def _restored(text: str | None) -> dict[str, _Alarm]:
    try:
        rows: Iterable[tuple[str, str | None, int]] = json.loads(text) if text else ()
        alarms = [_Alarm(str(code), store, int(since_ms), {}) for code, store, since_ms in rows]
    except (ValueError, TypeError):
        log.warning("alarms_unreadable", extra={"text": (text or "")[:200]})
        return {}
    return {alarm.code if alarm.store is None else f"{alarm.code}:{alarm.store}": alarm for alarm in alarms}
