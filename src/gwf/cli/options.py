"""Options that many commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gwf.core.units import parse_duration_s


def _of_process(path: Path | None) -> Path | None:
    """Return where the process of a directory works: `gwf demo` keeps its own below the one that it prints."""
    from gwf.demo.place import MARK, data_dir

    return data_dir(path) if path is not None and (path / MARK).is_file() else path


ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="FILE", help="Configuration file. Default: $GWF_CONFIG, if set."),
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="Data directory, or that of a demo. Default: data_dir of the configuration.",
        callback=_of_process,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def duration(text: str) -> float:
    """Return the seconds of an option such as 2h or 1m30s.

    Raises:
        BadParameter: It is no duration.
    """
    try:
        return parse_duration_s(text)
    except ValueError as exc:
        raise typer.BadParameter(str(exc)) from exc
