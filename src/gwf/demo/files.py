"""Writes real files into the trees of a demo: orders, logs, reports, the same ones for the same seed."""

from __future__ import annotations

import random
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gwf.core.clock import utc_text
from gwf.demo.place import TREES

FIRST = 60  #: files at the start
EVERY_S = 3.0
MAX_FILES = 1_500  #: then the oldest names are written anew
_WORDS = (
    ("INFO", "order {n} accepted for customer C{n:05d}"),
    ("INFO", "payment {n} settled in {ms} ms"),
    ("DEBUG", "cache hit ratio 0.{ms:02d}"),
    ("WARN", "slow query on table orders took {ms} ms"),
    ("ERROR", "timeout while calling inventory service after {ms} ms, order {n} is retried"),
    ("INFO", "batch {n} written to ledger"),
)


class FileWriter:
    """Writes in a thread until it is stopped."""

    def __init__(self, root: Path, *, seed: int) -> None:
        """Write below `root`."""
        self._root = root
        self._chance = random.Random(f"files:{seed}")  # noqa: S311 - no secret
        self._halt = threading.Event()
        self._count = 0
        self._thread = threading.Thread(target=self._run, name="demo-files", daemon=True)

    def start(self) -> None:
        """Write the first files, then one after another."""
        self.write_first()
        self._thread.start()

    def write_first(self) -> None:
        """Write what is there from the beginning."""
        for _ in range(FIRST):
            self._write()

    def stop(self) -> None:
        """End."""
        self._halt.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10.0)

    def _run(self) -> None:
        while not self._halt.wait(EVERY_S):
            self._write()

    def _write(self) -> None:
        number = self._count % MAX_FILES
        self._count += 1
        tree = TREES[number % len(TREES)]
        day = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(days=number // 120)
        place = self._root / tree / f"{day:%Y-%m-%d}" / self._chance.choice(("a", "b", "核心"))
        place.mkdir(parents=True, exist_ok=True)
        ending = {"orders": "json", "logs": "log", "reports": "csv"}[tree]
        text = {"orders": self._order, "logs": self._log, "reports": self._report}[tree](number, day)
        (place / f"{tree[:-1]}-{number:05d}.{ending}").write_text(text, encoding="utf-8")

    def _order(self, number: int, day: datetime) -> str:
        lines = [
            f'  {{"sku": "S{self._chance.randrange(9999):04d}", "qty": {self._chance.randrange(1, 9)}}}'
            for _ in range(8)
        ]
        return (
            f'{{"demo": true, "order": {number}, "day": "{day:%Y-%m-%d}", "lines": [\n' + ",\n".join(lines) + "\n]}\n"
        )

    def _log(self, number: int, day: datetime) -> str:
        lines: list[str] = []
        for at in range(self._chance.randrange(80, 400)):
            level, words = self._chance.choice(_WORDS)
            moment = utc_text(round((day + timedelta(seconds=37 * at)).timestamp() * 1000))
            said = words.format(n=number * 100 + at, ms=self._chance.randrange(2, 99))
            lines.append(f"{moment} {level:<5} [worker-{at % 7}] {said}")
        return "\n".join(lines) + "\n"

    def _report(self, number: int, day: datetime) -> str:
        rows = [f"{day:%Y-%m-%d},{hour:02d}:00,{self._chance.randrange(1000)},{number}" for hour in range(24)]
        return "day,hour,orders,report\n" + "\n".join(rows) + "\n"
