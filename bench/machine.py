"""Facts about this machine that numbers mean nothing without."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from pathlib import Path

from gwf import __version__


def facts(place: Path) -> dict[str, str]:
    """Return processor, kernel, versions, load now, and the file system of `place`."""
    memory_kb = int(_first(r"MemTotal:\s+(\d+)", "/proc/meminfo") or 0)
    return {
        "cpu": _first(r"model name\s*: (.*)", "/proc/cpuinfo") or platform.machine(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory_kb / 1024**2:.0f} GiB",
        "kernel": platform.release(),
        "file_system": _file_system(place),
        "python": platform.python_version(),
        "gwf": f"{__version__} {_commit()}".strip(),
        "load": " ".join(f"{value:.1f}" for value in os.getloadavg()),
    }


def _first(pattern: str, path: str) -> str:
    found = re.search(pattern, Path(path).read_text(encoding="utf-8"))
    return found[1].strip() if found else ""


def _file_system(place: Path) -> str:
    answer = subprocess.run(["stat", "-f", "-c", "%T", str(place)], capture_output=True, text=True, check=True)
    return answer.stdout.strip()


def _commit() -> str:
    answer = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return answer.stdout.strip()
