"""A whole edge in this process or in one of its own, and a manifest that compares files with objects by content."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from gwf.agent.engine import Edge
from gwf.agent.metrics import EdgeMetrics
from gwf.core.clock import SystemClock
from gwf.core.faults import arm
from gwf.core.settings.effective import revealed
from gwf.core.settings.load import LoadedSettings, Sources
from gwf.core.settings.model import Settings
from gwf.storage.factory import open_store
from gwf.storage.ports import ObjectStore
from tests.agent.waiting import until

TEMP = ".gwf-tmp"
PART_BYTES = 100 * 1024
LARGE_BYTES = 350_000  #: goes in parts


class Place:
    """A directory with a watched tree, a data directory and a local object store."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.tree = base / "tree"
        self.data = base / "data"
        self.objects = base / "objects"
        for directory in (self.tree, self.data):
            directory.mkdir(exist_ok=True)

    def settings(self, *, kill_at: str = "", watch: Mapping[str, Any] | None = None, **agent: Any) -> Settings:
        """Return settings for quick tests."""
        one = {"path": str(self.tree), "key": "{relpath}", "settle": 0.02, "silence": 0.3, **(watch or {})}
        return Settings.model_validate(
            {
                "data_dir": str(self.data),
                "listen": "127.0.0.1:0",
                "stores": {
                    "default": {
                        "url": f"file://{self.objects}",
                        "multipart_threshold": LARGE_BYTES - 1000,
                        "part_size": PART_BYTES,
                        "workers": 4,
                    }
                },
                "agent": {
                    "hostname": "host",
                    "watch": [one] if watch is None or watch else [],
                    "retry": {"base": 0.05, "cap": 0.2},
                    "breaker": {"open_for": 0.05, "open_cap": 0.2},
                    **agent,
                },
                "faults": {"kill_at": kill_at},
            }
        )

    def write(self, *names: str, content: bytes | None = None) -> None:
        """Write files whose content tells their name."""
        for name in names:
            path = self.tree / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(name.encode() if content is None else content)

    def manifest(self) -> dict[str, str]:
        """Return SHA-256 by name of every file that is to be sent."""
        return hashes_below(self.tree)

    def stored(self) -> dict[str, str]:
        """Return SHA-256 by key of every object."""
        return hashes_below(self.objects)

    def is_carried(self) -> bool:
        """Tell whether the store holds exactly the files, byte for byte."""
        return len(self.stored()) >= len(self.manifest()) and self.stored() == self.manifest()


def as_loaded(settings: Settings) -> LoadedSettings:
    """Return settings as if all of them had been flags of the command line."""
    sources = Sources(config=None, environ={}, overrides=revealed(settings))
    return LoadedSettings(settings=settings, sources=sources, notes=(), origins={}, format="gwf", environ={})


def hashes_below(root: Path) -> dict[str, str]:
    """Return SHA-256 of every regular file below `root` by its relative path, unfinished objects left out."""
    found: dict[str, str] = {}
    for directory, names, files in os.walk(root):
        names[:] = [name for name in names if name != TEMP]
        for file in files:
            path = Path(directory) / file
            try:
                found[str(path.relative_to(root))] = hashlib.sha256(path.read_bytes()).hexdigest()
            except FileNotFoundError:
                continue
    return found


def open_stores(settings: Settings) -> dict[str, ObjectStore]:
    """Return the configured stores."""
    return {name: open_store(name, store, workers=4) for name, store in settings.stores.items()}


@contextmanager
def running_edge(settings: Settings, stores: Mapping[str, ObjectStore] | None = None) -> Generator[Edge]:
    """Run an edge in this process until the block ends."""
    edge = Edge(
        settings.agent,
        data_dir=settings.data_dir,
        stores=stores or open_stores(settings),
        store_settings=settings.stores,
        clock=SystemClock(),
        metrics=EdgeMetrics(),
    )
    edge.start()
    try:
        yield edge
    finally:
        edge.stop()


class EdgeProcess:
    """An edge in a process of its own, to be killed."""

    def __init__(self, settings: Settings) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from tests.agent.edges import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert self.process.stdin is not None
        self.process.stdin.write(settings.model_dump_json())
        self.process.stdin.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def await_start(self) -> None:
        """Wait until it runs; one that kills itself may do so before it says that it runs."""
        assert self.process.stdout is not None
        if self.process.stdout.readline() != "running\n":
            assert self.await_death() == -signal.SIGKILL

    def await_death(self, *, within_s: float = 30.0) -> int:
        """Return the exit code."""
        return self.process.wait(within_s)

    def is_dead(self) -> bool:
        """Tell whether it ended."""
        return self.process.poll() is not None

    def terminate(self) -> int:
        """Ask it to stop and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.await_death()


def main() -> None:
    """Run the edge of the settings on standard input until SIGTERM."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    settings = Settings.model_validate_json(sys.stdin.read())
    arm(settings.faults.kill_at)
    with running_edge(settings):
        sys.stdout.write("running\n")
        sys.stdout.flush()
        signal.sigwait({signal.SIGTERM})


def carry(place: Place, settings: Settings) -> None:
    """Run an edge in this process until everything is carried and the journal is at rest."""
    with running_edge(settings) as edge:
        until(place.is_carried)
        until(lambda: edge.input.first_pass_handed_on() and not any(d.sending for d in edge.destinations.values()))
