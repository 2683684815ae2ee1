"""What a process used, as the kernel counts it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Use of one process up to now."""

    #: user and system time of all its threads
    cpu_s: float
    rss_mb: float
    #: the most it ever held
    peak_rss_mb: float


def usage_of(pid: int) -> Usage:
    """Return what `pid` used up to now."""
    after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return Usage(
        cpu_s=(int(after_name[11]) + int(after_name[12])) / _TICKS_PER_S,
        rss_mb=_kilobytes("VmRSS", status) / 1024,
        peak_rss_mb=_kilobytes("VmHWM", status) / 1024,
    )


def _kilobytes(name: str, status: str) -> int:
    found = re.search(rf"{name}:\s+(\d+) kB", status)
    return int(found[1]) if found else 0
