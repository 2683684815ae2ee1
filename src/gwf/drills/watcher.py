"""Looks at an instance again and again while something is done to it."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Protocol

import psutil

from gwf.core.errors import UnavailableError
from gwf.drills.model import STORE, Measures, Sample
from gwf.wire.edge import FilePage, Overview

LOOK_EVERY_S = 0.1
_MIB = 1024**2


class Watched(Protocol):
    """What is looked at."""

    @property
    def alive(self) -> bool:
        """Whether it should answer."""
        ...

    @property
    def pid(self) -> int:
        """Its process id; 0 = not known."""
        ...

    def get(self, path: str) -> dict[str, object]:
        """Return the JSON of a GET; UnavailableError when no answer came."""
        ...


class Watcher:
    """A thread that fills `Measures` with samples."""

    def __init__(self, watched: Watched, found: Measures, *, began_s: float, shared: bool = False) -> None:
        """`began_s` is the moment that samples count from, by time.monotonic().

        `shared`: the instance carries other files too, so that only those of the scratch store count.
        """
        self._shared = shared
        self._watched = watched
        self._found = found
        self._began_s = began_s
        self._halt = threading.Event()
        self._thread = threading.Thread(target=self._run, name="drill-watcher", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._halt.set()
        if self._thread.is_alive():
            self._thread.join()

    def now_s(self) -> float:
        """Return the time since the drill began."""
        return time.monotonic() - self._began_s

    def last(self) -> Sample:
        """Return the last sample."""
        return self._found.samples[-1] if self._found.samples else Sample(at_s=0.0, state="away")

    def _run(self) -> None:
        while not self._halt.is_set():
            if self._watched.alive:
                self._look()
            else:
                self._found.samples.append(Sample(at_s=self.now_s(), state="away"))
            self._halt.wait(LOOK_EVERY_S)

    def _look(self) -> None:
        at_s = self.now_s()
        kills = self._found.kills
        try:
            self._watched.get("/live")
            self._found.live_ms.append((self.now_s() - at_s) * 1000)
            sample = sample_of(
                Overview.model_validate(self._watched.get("/api/v1/overview")), at_s, shared=self._shared
            )
            if self._shared:
                sample = self._of_ours(sample)
        except (UnavailableError, ValueError):
            if self._watched.alive and kills == self._found.kills:
                self._found.live_failures += 1
            self._found.samples.append(Sample(at_s=at_s, state="away"))
            return
        self._found.samples.append(sample)
        self._weigh()

    def _of_ours(self, sample: Sample) -> Sample:
        return replace(
            sample,
            state=sample.state if sample.reasons else "ok",
            pending=self._count("ready", "sending", "waiting"),
            settling=0,
            dead=self._count("dead"),
            done_total=self._count("done"),
        )

    def _count(self, *states: str) -> int:
        wanted = "&".join(f"state={state}" for state in states)
        return FilePage.model_validate(self._watched.get(f"/api/v1/files?store={STORE}&limit=1&{wanted}")).total

    def _weigh(self) -> None:
        if not self._watched.pid:
            return
        try:
            rss_mb = psutil.Process(self._watched.pid).memory_info().rss / _MIB
        except psutil.Error:  # it ended just now
            return
        self._found.peak_rss_mb = max(self._found.peak_rss_mb or 0.0, rss_mb)


def sample_of(overview: Overview, at_s: float, *, shared: bool = False) -> Sample:
    """Return what matters of an overview; of a `shared` instance only the reasons that concern the scratch store."""
    store = next((item for item in overview.stores if item.name == STORE), None)
    queue = overview.queue
    return Sample(
        at_s=at_s,
        state=overview.state,
        reasons=tuple(reason.code for reason in overview.reasons if not shared or reason.params.get("store") == STORE),
        breaker=store.breaker if store else "",
        probe_in_s=store.probe_in_s if store else None,
        pending=queue.ready + queue.sending + queue.waiting,
        settling=queue.settling,
        dead=queue.dead,
        done_total=queue.done_total,
    )
