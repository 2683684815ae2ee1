"""The table of processes: what changes is read at each sample, what rarely changes now and then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import psutil

from gwf.agent.host.masking import masked_command
from gwf.wire.host import HostProcess, ProcessState

MAX_PROCESSES = 5000  #: of a host with more, those with the lowest ids are listed
RENEW_EVERY = 15  #: samples after which name, command and directory of a process are read again
BUSY_PCT = 1.0  #: from here a process counts as running whatever it does at this instant

T = TypeVar("T")

_STATES: Mapping[str, ProcessState] = {
    psutil.STATUS_RUNNING: "running",
    psutil.STATUS_STOPPED: "stopped",
    psutil.STATUS_TRACING_STOP: "stopped",
    psutil.STATUS_ZOMBIE: "zombie",
    psutil.STATUS_DEAD: "zombie",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Traits:
    """What rarely changes about a process."""

    started_s: float
    name: str
    command: str | None
    user: str | None
    cwd: str | None
    path: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counters:
    """What a process had used up at an instant."""

    at_s: float
    cpu_s: float
    #: bytes read and written; None where the system does not say
    moved: tuple[int, int] | None


class ProcessTable:
    """Reads all processes again and again; one thread at a time."""

    def __init__(self, *, total_memory_bytes: int, clean: Callable[[str], str] = str) -> None:
        """`clean` takes secrets out of command lines that are known by their value."""
        self._total_memory_bytes = total_memory_bytes
        self._clean = clean
        self._known: dict[int, tuple[_Traits, _Counters]] = {}
        self._samples = 0

    def read(self, now_s: float, listening: Mapping[int, Sequence[str]]) -> tuple[int, list[HostProcess]]:
        """Return how many processes there are, and their list, busiest first; `now_s` is a monotonic time."""
        pids = sorted(psutil.pids())
        self._samples += 1
        known: dict[int, tuple[_Traits, _Counters]] = {}
        found: list[HostProcess] = []
        ended = 0
        for pid in pids[:MAX_PROCESSES]:
            try:
                process = psutil.Process(pid)
                with process.oneshot():
                    traits, before = self._recognise(process)
                    now = _counters(process, now_s)
                    found.append(self._view(process, traits, before=before, now=now, ports=listening.get(pid, ())))
            except (psutil.Error, OSError):  # it has ended meanwhile, or does not tell: not one of these
                ended += 1
                continue
            known[pid] = (traits, now)
        self._known = known
        found.sort(key=lambda item: (-item.cpu_pct, -item.mem_pct))
        return len(pids) - ended, found

    def _recognise(self, process: psutil.Process) -> tuple[_Traits, _Counters | None]:
        """Return the traits, and the counters of the sample before; an id may belong to another process by now."""
        started_s = process.create_time()
        traits, before = self._known.get(process.pid, (None, None))
        if traits is None or traits.started_s != started_s:
            return self._traits(process), None
        if (process.pid + self._samples) % RENEW_EVERY == 0:
            traits = self._traits(process)
        return traits, before

    def _traits(self, process: psutil.Process) -> _Traits:
        arguments = _told(process.cmdline)
        return _Traits(
            started_s=process.create_time(),
            name=_told(process.name) or f"pid-{process.pid}",
            command=masked_command(arguments, clean=self._clean) if arguments else None,
            user=_told(process.username),
            cwd=_told(process.cwd) or None,
            path=_told(process.exe) or None,
        )

    def _view(
        self,
        process: psutil.Process,
        traits: _Traits,
        *,
        before: _Counters | None,
        now: _Counters,
        ports: Sequence[str],
    ) -> HostProcess:
        cpu_pct, rates = _rates(before, now)
        rss_bytes = process.memory_info().rss
        state = _STATES.get(process.status(), "sleeping")
        return HostProcess(
            pid=process.pid,
            name=traits.name,
            command=traits.command,
            user=traits.user,
            cwd=traits.cwd,
            path=traits.path,
            state="running" if state != "zombie" and (cpu_pct >= BUSY_PCT or ports) else state,
            cpu_pct=cpu_pct,
            mem_pct=100 * rss_bytes / self._total_memory_bytes,
            rss_bytes=rss_bytes,
            threads=process.num_threads(),
            started_at_ms=round(traits.started_s * 1000),
            ports=list(ports),
            read_bytes_per_s=rates[0],
            write_bytes_per_s=rates[1],
        )


def _counters(process: psutil.Process, now_s: float) -> _Counters:
    times = process.cpu_times()
    moved = _told(process.io_counters)
    return _Counters(
        at_s=now_s,
        cpu_s=times.user + times.system,
        moved=None if moved is None else (moved.read_bytes, moved.write_bytes),
    )


def _rates(before: _Counters | None, now: _Counters) -> tuple[float, tuple[float | None, float | None]]:
    if before is None or now.at_s <= before.at_s:
        return 0.0, (None, None)
    seconds = now.at_s - before.at_s
    cpu_pct = max(0.0, 100 * (now.cpu_s - before.cpu_s) / seconds)
    if before.moved is None or now.moved is None:
        return cpu_pct, (None, None)
    read, written = (max(0, late - early) / seconds for early, late in zip(before.moved, now.moved, strict=True))
    return cpu_pct, (read, written)


def _told(read: Callable[[], T]) -> T | None:
    """Return what the system tells, None where it does not tell us; an error for a process that has ended."""
    try:
        return read()
    except (psutil.AccessDenied, psutil.ZombieProcess, OSError):
        return None
