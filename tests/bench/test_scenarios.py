"""Runs every scenario as small as it goes, so that none rots unseen."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.__main__ import SCENARIOS
from bench.plan import Plan
from bench.report import Report
from bench.scenarios.index import kept_tree

from tests.conftest import UNTESTED
from tests.console.tools import MissingToolError

SAME_CODE_AS_SMALL = {"medium", "large"}
FORKS = {"alerts"}  #: must not be forked off a process with the threads of tests; its parts are tested by themselves
#: played by `make chaos`: their parts are tested by themselves
LONG = {
    "alertlist", "alertrate", "breaker", "console", "events", "fleet", "flows", "huge", "index", "ingest", "inputs",
    "neighbour", "poison", "rules", "tasks",
}  # fmt: skip
FILES = 40
CHOSEN = [
    pytest.param(name, marks=[pytest.mark.chaos] if name in LONG else [])
    for name in sorted(SCENARIOS.keys() - SAME_CODE_AS_SMALL - FORKS)
]


@pytest.fixture(scope="module", params=CHOSEN)
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Report:
    plan = Plan(out=tmp_path_factory.mktemp("bench"), scale=0.005, files=FILES, rounds=1)
    try:
        return SCENARIOS[request.param](plan)
    except MissingToolError as exc:
        pytest.skip(f"{UNTESTED['THE CONSOLE']}{exc}")


@pytest.mark.slow
def test_every_case_is_measured(report: Report) -> None:
    assert report.rows
    assert all(row.values for row in report.rows)


@pytest.mark.slow
def test_every_value_has_a_column_and_every_column_a_value(report: Report) -> None:
    measured = {name for row in report.rows for name in row.values}
    assert measured == {column.name for column in report.columns}


@pytest.mark.slow
def test_goals_name_what_is_measured(report: Report) -> None:
    cases = {row.case: row for row in report.rows}
    assert all(cases[goal.case].median(goal.column) is not None for goal in report.goals)


@pytest.mark.slow
def test_rates_and_ratios_are_above_nothing(report: Report) -> None:
    rates = {"files_per_s", "mb_per_s", "whole_per_s", "of_best", "of_raw", "of_alone", "rss_mb", "ready_s"}
    assert all(value > 0 for row in report.rows for name in rates for value in row.values.get(name, ()))


def test_a_tree_is_made_once_and_kept(tmp_path: Path) -> None:
    plan = Plan(out=tmp_path)
    first = kept_tree(plan, FILES)
    inode = first.stat().st_ino
    assert kept_tree(plan, FILES).stat().st_ino == inode
    assert len(list(first.rglob("*.dat"))) == FILES
