"""Samples the host in a thread of its own while somebody asks; askers get the latest sample at once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import psutil

from gwf.agent.host.machine import (
    CpuMeter,
    DiskMeter,
    first_address,
    hottest_c,
    read_identity,
    read_load,
    read_memory,
)
from gwf.agent.host.processes import ProcessTable
from gwf.agent.host.sockets import Sockets, read_sockets
from gwf.core.clock import Clock
from gwf.core.errors import LocalIoError
from gwf.wire.host import HostView

SAMPLE_EVERY_S = 2.0
MAX_SHARE = 0.2  #: of one core; where a sample takes long, they come less often
IDLE_S = 15.0  #: nobody asked for so long: the thread ends
FIRST_GAP_S = 0.12  #: least time over which the first use of the processors is measured
PATIENCE_S = 20.0  #: how long an asker waits for the first sample

log = logging.getLogger("gwf.agent.host")


class HostSampler:
    """Makes one sample after another; each is compared with the one before."""

    def __init__(self, clock: Clock, clean: Callable[[str], str] = str) -> None:
        """Take the first look at the processors; `clean` takes known secrets out of command lines."""
        self._clock = clock
        self._cpu = CpuMeter()
        self._disks = DiskMeter()
        self._identity = read_identity()
        self._table = ProcessTable(total_memory_bytes=psutil.virtual_memory().total, clean=clean)

    def sample(self) -> HostView:
        """Return the host as it is now.

        Raises:
            OSError: The system does not tell.
            psutil.Error: As above.
        """
        now_s = time.monotonic()
        sockets = _sockets()
        total, processes = self._table.read(now_s, sockets.listening)
        disk, volumes = self._disks.read(now_s)
        time.sleep(max(0.0, self._cpu.looked_at_s + FIRST_GAP_S - time.monotonic()))
        now_ms = self._clock.now_ms()
        return HostView(
            as_of_ms=now_ms,
            host=self._identity.host,
            os=self._identity.os,
            kernel=self._identity.kernel,
            uptime_s=max(0.0, now_ms / 1000 - self._identity.booted_at_s),
            load=read_load(),
            ip=first_address(),
            cpu_temp_c=hottest_c(),
            cpu=self._cpu.read(self._identity),
            memory=read_memory(),
            disk=disk,
            volumes=volumes,
            processes_total=total,
            processes=processes,
            connections=dict(sockets.by_state),
        )


def _sockets() -> Sockets:
    try:
        return read_sockets()
    except (psutil.Error, OSError) as exc:  # a hardened kernel; everything else is still worth showing
        log.info("sockets_not_told", extra={"error": str(exc)})
        return Sockets()


class HostCollector:
    """Keeps the latest sample fresh while somebody asks for it."""

    def __init__(
        self,
        new_sampler: Callable[[], Callable[[], HostView]],
        *,
        sample_every_s: float = SAMPLE_EVERY_S,
        idle_s: float = IDLE_S,
    ) -> None:
        """`new_sampler` is called whenever sampling begins anew: what it remembers is dropped with it."""
        self._new_sampler = new_sampler
        self._sample_every_s = sample_every_s
        self._idle_s = idle_s
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._latest: HostView | None = None
        self._fault = ""
        self._asked_at_s = 0.0
        self._stopping = False

    def get(self) -> HostView:
        """Return the latest sample; only after a pause does the asker wait for one to be taken.

        Raises:
            LocalIoError: No sample could be taken.
        """
        with self._changed:
            self._asked_at_s = time.monotonic()
            if self._thread is None and not self._stopping:
                self._fault = ""
                self._thread = threading.Thread(target=self._run, name="gwf-host", daemon=True)
                self._thread.start()
            self._changed.wait_for(lambda: self._latest is not None or self._thread is None, PATIENCE_S)
            if self._latest is None:
                raise LocalIoError("the state of the host cannot be read", reason=self._fault or "it takes too long")
            return self._latest

    def latest(self) -> HostView | None:
        """Return the sample that askers see at present, None while nobody asks."""
        with self._changed:
            return self._latest

    def stop(self) -> None:
        """End the thread."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(PATIENCE_S)

    def _run(self) -> None:
        try:
            sample = self._new_sampler()
            while not self._ends():
                began_s = time.monotonic()
                view = sample()
                took_s = time.monotonic() - began_s
                with self._changed:
                    self._latest = view
                    self._changed.notify_all()
                    self._changed.wait_for(lambda: self._stopping, max(self._sample_every_s, took_s / MAX_SHARE))
        except Exception as exc:
            log.exception("host_sample_failed")
            with self._changed:
                self._forget(str(exc) or type(exc).__name__)

    def _ends(self) -> bool:
        with self._changed:
            if not self._stopping and time.monotonic() - self._asked_at_s <= self._idle_s:
                return False
            self._forget("")
            return True

    def _forget(self, fault: str) -> None:
        self._latest, self._thread, self._fault = None, None, fault
        self._changed.notify_all()
