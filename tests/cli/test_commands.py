from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gwf import __version__
from gwf.agent.address import publish
from gwf.agent.lockfile import lock_directory
from gwf.cli import show
from gwf.cli.outcome import ExitCode, exit_code
from gwf.core.errors import ConfigError, CorruptDataError, DeniedError, GwfError, NotFoundError, OverloadedError
from gwf.demo.place import MARK
from gwf.identity.local import find_token
from tests.cli.conftest import Run


def test_a_demo_is_found_by_the_directory_that_it_prints(run: Run, tmp_path: Path) -> None:
    demo = tmp_path / "gwf-demo"
    demo.mkdir()
    assert f"data_dir='{demo}'" in run("letters", "ls", "--data", demo).err
    (demo / MARK).write_text("{}")
    assert f"data_dir='{demo / 'data'}'" in run("letters", "ls", "--data", demo).err


def test_the_version_is_told_as_text_and_document(run: Run) -> None:
    assert run("version").out.startswith(f"gwf {__version__} ")
    assert set(run("version", "--json").json()) == {"gwf", "python", "platform"}


def test_the_version_starts_without_the_heavy_parts() -> None:
    code = "import sys; from gwf.cli import main; m = set(sys.modules); print('rich' in m, 'fastapi' in m, 'yaml' in m)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "False"]


@pytest.mark.parametrize("arguments", [["nope"], ["up", "--nope"], ["store", "stat"], ["queue", "show", "x"]])
def test_wrong_usage_ends_with_2(arguments: list[str], run: Run) -> None:
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")


def test_help_is_there_for_every_level(run: Run) -> None:
    for arguments in ([], ["queue"], ["store"]):
        assert "verify" in run(*arguments, "--help").out or arguments != ["store"]


def test_the_agent_needs_a_configuration(run: Run) -> None:
    result = run("agent")
    assert (result.code, result.err) == (
        2, "gwf: no configuration is named: use --config FILE or GWF_CONFIG\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFoundError("x"), ExitCode.NOT_FOUND), (ConfigError("x"), ExitCode.USAGE),
        (DeniedError("x"), ExitCode.DENIED),
        (OverloadedError("x"), ExitCode.UNAVAILABLE), (CorruptDataError("x"), ExitCode.FAILED),
        (GwfError("x"), ExitCode.FAILED),
    ],
)  # fmt: skip
def test_an_error_ends_with_the_code_of_its_family(error: GwfError, code: ExitCode) -> None:
    assert exit_code(error) is code


def test_names_of_files_cannot_move_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    show.table(("path",), [("a\x1b[2J\nb\udcff",)])
    assert capsys.readouterr().out == "path\na\\u001b[2J\\u000ab\\\\xff\n"


def test_documents_stay_valid_whatever_they_hold(capsys: pytest.CaptureFixture[str]) -> None:
    show.as_json({"path": "a\x1b\n\u2028b\x7f 中文 \udcff"})
    text = capsys.readouterr().out
    assert json.loads(text) == {"path": "a\x1b\n\u2028b\x7f 中文 \\xff"}
    assert "\x7f" not in text


def test_what_a_killed_process_left_behind_leads_nowhere(tmp_path: Path, run: Run) -> None:
    publish(tmp_path, "http://127.0.0.1:9")
    (tmp_path / "local.token").write_text("gwfl_old\n")
    lock = lock_directory(tmp_path)
    try:
        starting = run("centre", "status", "--data", tmp_path)
    finally:
        os.close(lock)
    assert starting.code == ExitCode.UNAVAILABLE
    assert "it is starting, or about to end" in starting.err
    assert find_token(tmp_path) is None
    assert "no GWF process works in this data directory" in run("centre", "status", "--data", tmp_path).err
