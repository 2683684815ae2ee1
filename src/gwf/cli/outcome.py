"""How a command ends: exit codes, and errors told in words."""

from __future__ import annotations

import enum

import typer

from gwf.core.errors import (
    ConfigError,
    ConflictError,
    DeniedError,
    GwfError,
    InputError,
    NotFoundError,
    UnavailableError,
)
from gwf.core.text import one_line


class ExitCode(enum.IntEnum):
    """What the caller of a command is told; docs/reference/cli.md explains each."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    UNAVAILABLE = 4
    DENIED = 5
    INTERRUPTED = 130


_CODES: tuple[tuple[type[GwfError], ExitCode], ...] = (
    (NotFoundError, ExitCode.NOT_FOUND),
    (ConflictError, ExitCode.UNAVAILABLE),  # it may pass by itself: an older process is about to end
    (InputError, ExitCode.USAGE),
    (UnavailableError, ExitCode.UNAVAILABLE),
    (DeniedError, ExitCode.DENIED),
)


def exit_code(error: GwfError) -> ExitCode:
    """Return the exit code of an error, by its family."""
    return next((code for family, code in _CODES if isinstance(error, family)), ExitCode.FAILED)


def report(error: GwfError) -> ExitCode:
    """Tell an error on standard error, each problem on a line of its own, and return its exit code."""
    problems = error.problems if isinstance(error, ConfigError) else ()
    if not problems:
        typer.echo(f"gwf: {one_line(str(error))}", err=True)
    elif len(problems) == 1:
        typer.echo(f"gwf: {one_line(problems[0])}", err=True)
    else:
        typer.echo(f"gwf: {error.message}, {len(problems)} problems:", err=True)
        for problem in problems:
            typer.echo(f"  - {one_line(problem)}", err=True)
    return exit_code(error)
