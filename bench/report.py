"""Results: rows of measured values, their table, their JSON line, their comparison with an earlier run."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table

Earlier = dict[tuple[str, str, str], float]
"""(scenario, case, column) → median of an earlier run"""


@dataclass(frozen=True, slots=True)
class Column:
    """One measured quantity."""

    name: str
    title: str
    digits: int = 0
    #: show lowest and highest value beside the median
    spread: bool = False


@dataclass(slots=True)
class Row:
    """What was measured for one case: for each column a value from every round."""

    case: str
    values: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def add(self, **values: float) -> None:
        """Note the values of one round."""
        for name, value in values.items():
            self.values.setdefault(name, []).append(value)

    def median(self, name: str) -> float | None:
        """Return the middle value, or None when there is none."""
        values = self.values.get(name)
        return statistics.median(values) if values else None


@dataclass(frozen=True, slots=True)
class Goal:
    """A number to reach; it is shown, never asserted."""

    case: str
    column: str
    bound: Literal["at least", "at most"]
    limit: float

    def met(self, value: float) -> bool:
        """Tell whether `value` is on the right side."""
        return value >= self.limit if self.bound == "at least" else value <= self.limit


@dataclass(slots=True)
class Report:
    """One scenario's results."""

    scenario: str
    title: str
    columns: Sequence[Column]
    rows: list[Row] = field(default_factory=list[Row])
    goals: Sequence[Goal] = ()

    def row(self, case: str) -> Row:
        """Return the row of `case`, made at its first use."""
        found = next((row for row in self.rows if row.case == case), None)
        if found is None:
            found = Row(case)
            self.rows.append(found)
        return found

    def as_dict(self) -> dict[str, object]:
        """Return the results for JSON."""
        return {
            "scenario": self.scenario,
            "title": self.title,
            "rows": [
                {"case": row.case} | {name: _spread(values) for name, values in row.values.items()} for row in self.rows
            ],
        }


def show(report: Report, console: Console, earlier: Earlier) -> None:
    """Print a report as a table, and how each goal was met."""
    columns = [column for column in report.columns if any(column.name in row.values for row in report.rows)]
    table = Table(title=f"{report.scenario}: {report.title}", title_justify="left")
    table.add_column("case")
    for column in columns:
        table.add_column(column.title, justify="right")
    for row in report.rows:
        cells = [_cell(row, column, earlier.get((report.scenario, row.case, column.name))) for column in columns]
        table.add_row(row.case, *cells)
    console.print(table)
    titles = {column.name: column for column in report.columns}
    for goal in report.goals:
        value = report.row(goal.case).median(goal.column)
        if value is not None:
            mark = "reached" if goal.met(value) else "NOT reached"
            column = titles[goal.column]
            shown = f"{value:,.{column.digits}f}"
            console.print(f"  {goal.case}: {column.title} {shown}, goal {goal.bound} {goal.limit:g}: {mark}")


def read_earlier(path: Path | None) -> Earlier:
    """Return the medians in a file of JSON lines that an earlier run wrote."""
    earlier: Earlier = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path else ():
        report = json.loads(line)
        for row in report["rows"]:
            case = row.pop("case")
            earlier |= {(report["scenario"], case, name): spread["median"] for name, spread in row.items()}
    return earlier


def _spread(values: list[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), 4),
        "low": round(min(values), 4),
        "high": round(max(values), 4),
        "rounds": len(values),
    }


def _cell(row: Row, column: Column, before: float | None) -> str:
    values, middle = row.values.get(column.name), row.median(column.name)
    if not values or middle is None:
        return ""
    text = f"{middle:,.{column.digits}f}"
    if column.spread and len(values) > 1:
        text += f" ({min(values):,.{column.digits}f}–{max(values):,.{column.digits}f})"
    return f"{text} {100 * (middle / before - 1):+.0f}%" if before else text
