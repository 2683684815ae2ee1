"""A sample of a host as a busy one would give it."""

from __future__ import annotations

from typing import Any

from gwf.wire.host import HostCpu, HostDisk, HostMemory, HostProcess, HostView, HostVolume

GB = 1024**3


def process(pid: int = 10, **changes: Any) -> HostProcess:
    """Return a process, changed as named."""
    values: dict[str, Any] = {
        "pid": pid,
        "name": "java",
        "command": "java -jar app.jar",
        "user": "app",
        "cwd": "/srv/app",
        "path": "/usr/bin/java",
        "state": "sleeping",
        "cpu_pct": 0.0,
        "mem_pct": 1.5,
        "rss_bytes": 333_766_656,
        "threads": 11,
        "started_at_ms": 1_767_322_800_000,
        "ports": [],
        "read_bytes_per_s": None,
        "write_bytes_per_s": 2048.0,
    }
    return HostProcess(**values | changes)


def view(**changes: Any) -> HostView:
    """Return a sample, changed as named."""
    values: dict[str, Any] = {
        "as_of_ms": 1_767_323_000_000,
        "host": "vm",
        "os": "debian 12.11",
        "kernel": "6.1.0",
        "uptime_s": 2460.0,
        "load": [4.27, 3.95, 4.09],
        "ip": "192.0.2.2",
        "cpu_temp_c": None,
        "cpu": HostCpu(used_pct=100.0, cores=2, mhz=2294.0),
        "memory": HostMemory(
            used_bytes=GB,
            total_bytes=24 * GB,
            cached_bytes=4 * GB,
            available_bytes=22 * GB,
            swap_used_bytes=0,
            swap_total_bytes=0,
        ),
        "disk": HostDisk(used_bytes=32 * GB, total_bytes=252 * GB, read_bytes_per_s=0.0, write_bytes_per_s=0.0),
        "volumes": [HostVolume(mount="/", used_bytes=32 * GB, free_bytes=68 * GB, total_bytes=252 * GB)],
        "processes_total": 122,
        "processes": [process(10), process(11, name="npm ci"), process(12)],
        "connections": {"TIME_WAIT": 368, "LISTEN": 13, "ESTABLISHED": 23, "CLOSE_WAIT": 2, "NONE": 1},
    }
    return HostView(**values | changes)
