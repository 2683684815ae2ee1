"""Settings for files that people put into watched directories, and what must fit together in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from gwf.core.settings.draft import Loc, Note
from gwf.core.settings.section import Section
from gwf.core.settings.values import Count, Duration, LocalPath, Size

_KEY = "agent.receive"


class ReceiveSettings(Section):
    """Files that people with `files:put` put into watched directories by the console or the API."""

    #: take them; no centre can switch this on
    enabled: bool = False
    #: directories that take files, with all below them, each a watched one or inside one; empty = every watched one
    into: tuple[LocalPath, ...] = ()
    #: larger files are refused
    max_size: Size = Field(default=5 * 1024**3, ge=1, le=1024**4)
    #: files that may be coming in at a time
    at_once: Count = Field(default=8, ge=1, le=64)
    #: what came of a file is removed when nothing followed for so long
    keep_unfinished: Duration = Field(default=3600.0, ge=60, le=30 * 86400)


def receive_problems(receive: ReceiveSettings) -> Iterator[tuple[Loc, str]]:
    """Yield what is wrong in `agent.receive` by itself."""
    for at, directory in enumerate(receive.into):
        if not directory.is_absolute():
            yield ("agent", "receive", "into", at), f"{directory} is not absolute"


def receive_notes(receive: ReceiveSettings, watched: tuple[Path, ...], remote_files: str | None) -> Iterator[Note]:
    """Yield what a person should know about `agent.receive`; `remote_files` is that of the centre, None without one."""
    if not receive.enabled:
        if receive.into:
            yield Note(key=f"{_KEY}.into", text=f"has no effect while {_KEY}.enabled is false")
        return
    for at, directory in enumerate(receive.into):
        if not any(directory.is_relative_to(root) for root in watched):
            text = f"{directory} is not in a watched directory: no file can be put there"
            yield Note(key=f"{_KEY}.into[{at}]", text=text)
    if remote_files not in {None, "act"}:
        text = f"agent.centre.remote_files is {remote_files}: people at the centre can put no files here; write act"
        yield Note(key=f"{_KEY}.enabled", text=text)
