"""Options that many commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="FILE", help="Configuration file. Default: $GWF_CONFIG, if set."),
]
DataOption = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Data directory. Default: data_dir of the configuration."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
