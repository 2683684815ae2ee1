"""What commands print: JSON for programs, tables for terminals, tab-separated lines for pipes."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

import typer

from gwf.core.text import one_line


def as_json(value: object) -> None:
    """Print one JSON document."""
    typer.echo(one_line(json.dumps(value, ensure_ascii=False, indent=2, default=str), keep="\n"))


def line(text: str = "") -> None:
    """Print one line; whatever would move the cursor or forge a line is escaped."""
    typer.echo(one_line(text))


def warn(text: str) -> None:
    """Print one line on standard error, beside the output proper."""
    typer.echo(f"gwf: {one_line(text)}", err=True)


def table(heads: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = "") -> None:
    """Print rows: a drawn table on a terminal, else one line a row with tabs between."""
    cells = [[one_line("" if cell is None else str(cell)) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _draw(heads, cells, title)
        return
    for row in (heads, *cells):
        typer.echo("\t".join(row))


def _draw(heads: Sequence[str], cells: Sequence[Sequence[str]], title: str) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=title or None, box=SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for head in heads:
        drawn.add_column(head, overflow="fold")
    for row in cells:
        drawn.add_row(*(Text(cell) for cell in row))
    Console().print(drawn)
