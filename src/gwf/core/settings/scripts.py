"""What may stand in the allow-list of programs, and where such a list may come from."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from gwf.core.settings.draft import Loc
from gwf.core.settings.model import ActionSettings, ScriptSettings

ARGUMENT_VARIABLES = (
    "path", "relpath", "dir", "name", "stem", "suffix", "key", "store", "size_bytes", "sha256", "hostname",
)  # fmt: skip
ARGUMENT_PIECE = r"\{([^{}]*)\}|[{}]|[^{}]+"  #: a variable, a stray brace, or plain text
SCRIPTS: Loc = ("agent", "actions", "scripts")

_FILE_ORIGIN = re.compile(r".* line \d+")


def script_problems(loc: Loc, script: ScriptSettings) -> Iterator[tuple[Loc, str]]:
    """Yield what is wrong with one program, without a look at the host."""
    for name, command in (("command", script.command), ("undo", script.undo)):
        place = (*loc, name)
        if command and (not command[0].startswith("/") or "{" in command[0]):
            yield place, "begins with no absolute path of a program: what runs is never looked up or made of facts"
        for argument in command:
            yield from ((place, problem) for problem in _argument_problems(argument))
    for name, value in script.env.items():
        if "\0" in value or name.startswith("GWF_") or name in {"PATH", "LD_PRELOAD", "LD_LIBRARY_PATH"}:
            yield (*loc, "env"), f"may not set {name}: GWF_…, PATH and the loader's variables are fixed"


def origin_problems(origins: Mapping[Loc, str]) -> Iterator[tuple[Loc, str]]:
    """Yield places of the allow-list that do not come from a configuration file.

    Variables, flags, the API and a centre can change most settings; what may be run on a host is decided by who may
    write its configuration file.
    """
    for loc, origin in origins.items():
        if loc[: len(SCRIPTS)] == SCRIPTS and len(loc) > len(SCRIPTS) and not _FILE_ORIGIN.fullmatch(origin):
            yield loc, "programs are allowed by the configuration file only"


def file_problems(config: Path) -> Iterator[tuple[Loc, str]]:
    """Yield why a configuration file with an allow-list cannot be trusted."""
    try:
        mode = os.stat(config).st_mode
    except OSError:
        return  # reading it has told why
    if mode & stat.S_IWOTH:
        yield SCRIPTS, f"every user may write {config} (mode {mode & 0o777:o}), and so decide what is run: chmod o-w"


def widened(local: ActionSettings, wanted: ActionSettings) -> list[str]:
    """Return what a configuration that does not come from this host's file would allow that the file does not.

    Programs, and directories outside the watched ones that files may be archived into. Less is always allowed.
    """
    only = (
        "allowed by the configuration file of this host only: write it into that file,"
        " then apply the file, send SIGHUP or restart"
    )
    programs = [
        f"agent.actions.scripts.{name}: programs are {only}"
        for name, script in wanted.scripts.items()
        if local.scripts.get(name) != script
    ]
    directories = [
        f"agent.actions.archive_dirs: {directory}: directories are {only}"
        for directory in wanted.archive_dirs
        if not any(directory.is_relative_to(known) for known in local.archive_dirs) or ".." in directory.parts
    ]
    return programs + directories


def _argument_problems(argument: str) -> Iterator[str]:
    if "\0" in argument:
        yield "has a NUL character in it"
    for match in re.finditer(ARGUMENT_PIECE, argument):
        if match[0] in {"{", "}"}:
            yield f"has a stray {match[0]!r}: braces only stand around a variable"
        elif match[1] is not None and match[1] not in ARGUMENT_VARIABLES:
            yield f"uses the unknown variable {{{match[1]}}}: allowed are {', '.join(ARGUMENT_VARIABLES)}"
