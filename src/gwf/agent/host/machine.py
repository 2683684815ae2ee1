"""Facts about the host as a whole: system, load, processors, memory and disks."""

from __future__ import annotations

import contextlib
import os
import platform
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

from gwf.wire.host import HostCpu, HostDisk, HostMemory, HostVolume

#: kinds of file system that are images or mounted on demand, and no disks of the host
_NO_VOLUMES = frozenset({"squashfs", "autofs", "overlay", "iso9660", "udf"})
_NO_DISKS = ("loop", "ram", "fd", "sr", "zram")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What stays the same while the host runs."""

    host: str
    os: str
    kernel: str
    booted_at_s: float
    cores: int
    mhz: float | None


def read_identity() -> Identity:
    """Return the identity of this host."""
    return Identity(
        host=socket.gethostname(),
        os=_system_name(),
        kernel=platform.release(),
        booted_at_s=psutil.boot_time(),
        cores=psutil.cpu_count() or 1,
        mhz=_mhz(),
    )


def _mhz() -> float | None:
    try:
        frequency = psutil.cpu_freq()
    except (OSError, NotImplementedError):  # many virtual machines do not say
        return None
    return (frequency.max or frequency.current or None) if frequency else None


def _system_name() -> str:
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return f"{platform.system()} {platform.release()}".strip().lower()
    name, version = release.get("ID", "linux"), release.get("VERSION_ID", "")
    if name == "debian":
        with contextlib.suppress(OSError):
            version = Path("/etc/debian_version").read_text(encoding="utf-8").strip()  # with the point release
    return f"{name} {version}".strip()


def first_address() -> str | None:
    """Return the first IPv4 address of an interface that is up and leads out of this host."""
    states = psutil.net_if_stats()
    for name, addresses in psutil.net_if_addrs().items():
        if name not in states or not states[name].isup:
            continue
        for item in addresses:
            if item.family == socket.AF_INET and not item.address.startswith("127."):
                return item.address
    return None


def hottest_c() -> float | None:
    """Return the highest temperature of all sensors in degrees Celsius, None where there are none."""
    if not hasattr(psutil, "sensors_temperatures"):
        return None
    return max((item.current for items in psutil.sensors_temperatures().values() for item in items), default=None)


def read_memory() -> HostMemory:
    """Return the state of memory and swap."""
    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    return HostMemory(
        used_bytes=memory.used,
        total_bytes=memory.total,
        cached_bytes=getattr(memory, "cached", 0),
        available_bytes=memory.available,
        swap_used_bytes=swap.used,
        swap_total_bytes=swap.total,
    )


def read_load() -> list[float]:
    """Return the load over 1, 5 and 15 minutes, nothing where the system has no such number."""
    try:
        return list(os.getloadavg())
    except OSError:
        return []


class CpuMeter:
    """The share of time in which the processors worked, between one look and the next."""

    def __init__(self) -> None:
        """Take the first look."""
        self._before = _cpu_seconds()
        self.looked_at_s = time.monotonic()

    def read(self, identity: Identity) -> HostCpu:
        """Return the share since the look before; 0 when no time has passed."""
        (busy_before, all_before), now = self._before, _cpu_seconds()
        self._before, self.looked_at_s = now, time.monotonic()
        passed = now[1] - all_before
        used_pct = 100 * (now[0] - busy_before) / passed if passed > 0 else 0.0
        return HostCpu(used_pct=min(100.0, max(0.0, used_pct)), cores=identity.cores, mhz=identity.mhz)


def _cpu_seconds() -> tuple[float, float]:
    times = psutil.cpu_times()
    # guests are counted as user time already
    total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return total - times.idle - getattr(times, "iowait", 0.0), total


class DiskMeter:
    """Volumes, and what the disks moved between one look and the next."""

    def __init__(self) -> None:
        """Nothing is looked at yet."""
        self._before: tuple[float, int, int] | None = None

    def read(self, now_s: float) -> tuple[HostDisk, list[HostVolume]]:
        """Return the disks together, and each volume by its mount point."""
        by_device: dict[str, HostVolume] = {}
        volumes: list[HostVolume] = []
        for part in psutil.disk_partitions(all=False):
            volume = None if part.fstype in _NO_VOLUMES else _volume(part.mountpoint)
            if volume is not None:
                by_device.setdefault(part.device, volume)
                volumes.append(volume)
        read, written = self._rates(now_s)
        disk = HostDisk(
            used_bytes=sum(item.used_bytes for item in by_device.values()),
            total_bytes=sum(item.total_bytes for item in by_device.values()),
            read_bytes_per_s=read,
            write_bytes_per_s=written,
        )
        return disk, sorted(volumes, key=lambda item: item.mount)

    def _rates(self, now_s: float) -> tuple[float | None, float | None]:
        before, now = self._before, (now_s, *_moved_bytes(psutil.disk_io_counters(perdisk=True) or {}))
        self._before = now
        if before is None or now_s <= before[0]:
            return None, None
        seconds = now_s - before[0]
        return max(0, now[1] - before[1]) / seconds, max(0, now[2] - before[2]) / seconds


class _Moved(Protocol):
    """The counters of one disk that matter here."""

    @property
    def read_bytes(self) -> int: ...

    @property
    def write_bytes(self) -> int: ...


def _moved_bytes(disks: Mapping[str, _Moved]) -> tuple[int, int]:
    whole = [item for name, item in disks.items() if _is_whole_disk(name)]
    return sum(item.read_bytes for item in whole), sum(item.write_bytes for item in whole)


def _is_whole_disk(name: str) -> bool:
    if name.startswith(_NO_DISKS):
        return False
    return not os.path.isdir("/sys/block") or os.path.exists(f"/sys/block/{name.replace('/', '!')}")


def _volume(mount: str) -> HostVolume | None:
    try:
        usage = psutil.disk_usage(mount)
    except OSError:  # not ours to see, or gone
        return None
    if usage.total == 0:
        return None
    return HostVolume(mount=mount, used_bytes=usage.used, free_bytes=usage.free, total_bytes=usage.total)
