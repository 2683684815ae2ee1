"""What an edge tells about its host and the processes there."""

from __future__ import annotations

from typing import Literal

from gwf.wire.edge import Wire

ProcessState = Literal["running", "sleeping", "stopped", "zombie"]


class HostCpu(Wire):
    """The processors."""

    #: over all cores since the sample before
    used_pct: float
    cores: int
    #: None where the system does not say
    mhz: float | None


class HostMemory(Wire):
    """Main memory and swap; what caches hold counts as available, not as used."""

    used_bytes: int
    total_bytes: int
    cached_bytes: int
    available_bytes: int
    swap_used_bytes: int
    swap_total_bytes: int


class HostDisk(Wire):
    """All local volumes together; a device mounted twice counts once."""

    used_bytes: int
    total_bytes: int
    #: None in the first sample
    read_bytes_per_s: float | None
    write_bytes_per_s: float | None


class HostVolume(Wire):
    """One mounted local file system."""

    mount: str
    used_bytes: int
    #: what programs without special rights can still write
    free_bytes: int
    total_bytes: int


class HostProcess(Wire):
    """One process. Texts are None where the system does not say."""

    pid: int
    name: str
    #: with what looks like a secret masked
    command: str | None
    user: str | None
    cwd: str | None
    path: str | None
    state: ProcessState
    #: of one core since the sample before; 0 in the first one
    cpu_pct: float
    mem_pct: float
    rss_bytes: int
    threads: int
    started_at_ms: int
    #: address:port of each listening socket
    ports: list[str]
    #: None in the first sample, and for processes of other users
    read_bytes_per_s: float | None
    write_bytes_per_s: float | None


class HostView(Wire):
    """One sample of a host."""

    as_of_ms: int
    host: str
    os: str
    kernel: str
    uptime_s: float
    #: over 1, 5 and 15 minutes
    load: list[float]
    ip: str | None
    cpu_temp_c: float | None
    cpu: HostCpu
    memory: HostMemory
    disk: HostDisk
    volumes: list[HostVolume]
    #: how many there are; the list may be shorter
    processes_total: int
    #: busiest first
    processes: list[HostProcess]
    #: TCP and UDP sockets by state
    connections: dict[str, int]


class Termination(Wire):
    """How a process was ended."""

    pid: int
    name: str
    #: with what looks like a secret masked
    command: str
    signal: Literal["TERM", "KILL"]
    #: KILL was sent, at once or because TERM did not end it
    forced: bool
