"""What one call of the benchmarks was asked to do."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Sizes and places of one call."""

    #: for everything that is kept or written; on the file system that is measured
    out: Path
    #: factor on every scenario's default size
    scale: float = 1.0
    #: number of files in place of the scaled default
    files: int | None = None
    #: how often each runner runs; medians are reported
    rounds: int = 3
    #: make kept trees anew
    fresh: bool = False
    #: shorten what is only waited through, not what is counted
    brief: bool = False

    def count(self, default: int) -> int:
        """Return how many files a scenario uses whose default is `default`."""
        return self.files or max(1, round(default * self.scale))

    def workplace(self, name: str) -> Path:
        """Return an empty directory for one scenario's files."""
        place = self.out / "work" / name
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        return place
