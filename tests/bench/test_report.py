"""Medians, goals, JSON lines and the comparison with an earlier run."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from bench.__main__ import main
from bench.places import count_objects, directory
from bench.raw import run_raw
from bench.report import Column, Goal, Report, read_earlier, show
from bench.scenarios.carry import percentile, rate_between
from rich.console import Console


def _report(*rates: float) -> Report:
    report = Report("carry", "files", (Column("rate", "files/s"),), goals=(Goal("gwf", "rate", "at least", 100),))
    for rate in rates:
        report.row("gwf").add(rate=rate)
    return report


def _shown(report: Report, earlier: dict[tuple[str, str, str], float] | None = None) -> str:
    console = Console(file=io.StringIO(), width=200)
    show(report, console, earlier or {})
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_median_of_all_rounds_is_shown() -> None:
    assert " 120 " in _shown(_report(90, 120, 500))


def test_a_missed_goal_is_said() -> None:
    assert "NOT reached" in _shown(_report(99))
    assert "NOT reached" not in _shown(_report(100))


def test_an_earlier_run_is_compared(tmp_path: Path) -> None:
    path = tmp_path / "earlier.jsonl"
    path.write_text(json.dumps(_report(100).as_dict()) + "\n")
    assert "150 +50%" in _shown(_report(150), read_earlier(path))


def test_the_rate_leaves_out_what_came_with_the_first_commit() -> None:
    assert rate_between([1000, 1000, 1000, 1500, 2000]) == 2.0


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(number) for number in range(1, 101)]
    assert percentile(values, 0.5) == 51.0
    assert percentile(values, 0.99) == 100.0
    assert percentile([7.0], 0.99) == 7.0


def test_an_unknown_scenario_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["smal"])
    assert "no such scenario: smal" in capsys.readouterr().err


def test_results_are_written_as_json_lines(tmp_path: Path) -> None:
    target = tmp_path / "results.jsonl"
    main(["wake", "--files", "20", "--rounds", "1", "--out", str(tmp_path), "--json", str(target)])
    (line,) = target.read_text().splitlines()
    assert json.loads(line)["machine"]["cores"]
    assert ("wake", "os.fstat", "cpu_1_ns") in read_earlier(target)


def test_the_raw_loop_carries_every_file(tmp_path: Path) -> None:
    files = tmp_path / "files"
    (files / "below").mkdir(parents=True)
    for number in range(5):
        (files / "below" / f"{number}.dat").write_bytes(b"x" * number)
    with directory(tmp_path) as place:
        store = place.store("run")
        assert run_raw(files, store, threads=2).files == 5
        assert count_objects(store) == 5
