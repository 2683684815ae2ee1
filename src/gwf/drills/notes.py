"""What a drill wrote down of itself, so that a killed one can be cleared away."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import psutil
from pydantic import BaseModel, Field

from gwf.core.errors import ConflictError, LocalIoError

NOTE = "drill.json"
END_S = 10.0
_SAME_S = 1.0  #: two readings of the start of one process differ by less

Child = tuple[int, float]
"""Process id and the moment it started, so that another process of the same id is left alone."""


class _Note(BaseModel):
    drill: str = ""
    owner: Child = (0, 0.0)
    #: a running process was told of the drill's store and tree
    live: bool = False
    children: list[Child] = Field(default_factory=list[Child])


class DrillNotes:
    """The note of one drill in its scratch directory."""

    def __init__(self, scratch: Path, drill: str) -> None:
        """Make the scratch directory and its note.

        Raises:
            LocalIoError: The directory cannot be made.
        """
        self.scratch = scratch
        self._drill = drill
        self._children: list[Child] = []
        self._live = False
        try:
            scratch.mkdir(parents=True, mode=0o700)
        except OSError as exc:
            raise LocalIoError("the scratch directory cannot be made", path=str(scratch), reason=exc.strerror) from exc
        self._write()

    def add_child(self, pid: int) -> None:
        """Note a process that has to end with the drill."""
        self._children.append((pid, psutil.Process(pid).create_time()))
        self._write()

    def join_live(self) -> None:
        """Note that the configuration of a running process is changed for the time of the drill."""
        self._live = True
        self._write()

    def clear(self) -> None:
        """Remove everything: the drill ended in order."""
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _write(self) -> None:
        me = (os.getpid(), psutil.Process().create_time())
        note = _Note(drill=self._drill, owner=me, children=self._children, live=self._live)
        part = self.scratch / f"{NOTE}.part"
        part.write_text(note.model_dump_json(), encoding="utf-8")
        part.replace(self.scratch / NOTE)


def leftovers(home: Path) -> list[Path]:
    """Return the scratch directories of drills that no longer run."""
    return [note.parent for note in sorted(home.glob(f"*/{NOTE}")) if not _is_running(_owner(note))]


def restore(home: Path, leave_live: Callable[[], bool]) -> list[str]:
    """End what killed drills left running and remove their scratch directories; return what was done.

    `leave_live` takes the drill's store and tree out of the running process and tells whether they were there.

    Raises:
        ConflictError: A drill still runs.
        GwfError: The running process does not answer, or refuses; start it and repeat.
    """
    running = [note.parent.name for note in home.glob(f"*/{NOTE}") if _is_running(_owner(note))]
    if running:
        raise ConflictError("a drill still runs; end it first", drills=running)
    done: list[str] = []
    for scratch in leftovers(home):
        if _read(scratch / NOTE).live and leave_live():
            done.append(f"{scratch.name}: store and tree taken out of the running process")
        ended = sum(_end(child) for child in _children(scratch / NOTE))
        shutil.rmtree(scratch)
        done.append(f"{scratch.name}: {ended} processes ended, scratch directory removed")
    return done


def _owner(note: Path) -> Child:
    return _read(note).owner


def _children(note: Path) -> list[Child]:
    return _read(note).children


def _read(note: Path) -> _Note:
    try:
        return _Note.model_validate_json(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # cut off while it was written: then nothing was started yet
        return _Note()


def _is_running(child: Child) -> bool:
    pid, started_s = child
    try:
        return pid > 0 and abs(psutil.Process(pid).create_time() - started_s) < _SAME_S
    except psutil.Error:
        return False


def _end(child: Child) -> bool:
    if not _is_running(child):
        return False
    try:
        process = psutil.Process(child[0])
        process.kill()
        process.wait(END_S)
    except psutil.NoSuchProcess:
        return False
    return True
