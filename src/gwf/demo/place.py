"""The directory of a demo: its own, marked as such, made anew at each start."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from gwf.agent.address import is_held
from gwf.core.errors import ConflictError, InputError, LocalIoError

MARK = "demo.json"  #: only a directory with this file is ever emptied
TREES = ("orders", "logs", "reports")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPlan:
    """What somebody asks of a demo."""

    directory: Path
    listen: str = "127.0.0.1:8080"
    seed: int = 1
    agents: int = 24
    #: it ends by itself after this
    seconds: float = 7_200.0


def data_dir(directory: Path) -> Path:
    """Return where the process of a demo keeps its data."""
    return directory / "data"


def prepare(plan: DemoPlan) -> None:
    """Empty the directory of an earlier demo, or make a new one.

    Raises:
        InputError: The directory holds something else.
        ConflictError: A demo runs there.
        LocalIoError: It cannot be made.
    """
    directory = plan.directory
    if directory.exists() and any(directory.iterdir()) and not (directory / MARK).is_file():
        raise InputError(
            "this directory is not one of a demo: name another, the demo makes it anew at each start",
            data_dir=str(directory),
        )
    if is_held(data_dir(directory)):
        raise ConflictError("a demo runs in this directory: stop it, or name another", data_dir=str(directory))
    try:
        if directory.exists():
            shutil.rmtree(directory)
        for tree in TREES:
            (directory / "in" / tree).mkdir(parents=True)
        directory.chmod(0o700)
        (directory / MARK).write_text(json.dumps({"demo": True, "seed": plan.seed}) + "\n", encoding="utf-8")
    except OSError as exc:
        raise LocalIoError(
            "the directory of the demo cannot be made", data_dir=str(directory), reason=exc.strerror
        ) from exc
