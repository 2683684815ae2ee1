from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gwf.app import EdgeProcess
from gwf.cli.start import print_start
from gwf.core.settings.load import load_settings
from tests.cli.conftest import Run

TOKEN = "a-token-of-sixteen"


def write(path: Path, **agent: object) -> Path:
    document = {
        "data_dir": str(path.parent / "data"),
        "listen": "127.0.0.1:0",
        "api": {"token": TOKEN},
        "agent": {"watch": [{"path": str(path.parent / "in")}], **agent},
    }
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "gwf.yaml")


@pytest.fixture
def process(file: Path) -> Iterator[EdgeProcess]:
    running = EdgeProcess(load_settings(file, environ={}, overrides={}))
    running.start()
    yield running
    running.stop()


@pytest.mark.usefixtures("process")
def test_the_configuration_in_force_is_shown_with_the_source_of_each_value(run: Run, file: Path) -> None:
    result = run("config", "show", "--origin", "--config", file)
    assert result.code == 0, result.err
    lines = result.out.splitlines()
    assert any(line.startswith(f"data_dir\t{file.parent / 'data'}\t{file} line") for line in lines)
    assert "agent.transfer.workers\t16\tdefault" in lines
    assert "agent.high_water.min_free_bytes\t256MiB\tdefault" in lines
    assert TOKEN not in result.out


@pytest.mark.usefixtures("process")
def test_a_file_is_compared_applied_listed_and_taken_back(run: Run, file: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    other = write(tmp_path / "new" / "gwf.yaml", transfer={"workers": 3})
    other.write_text(other.read_text().replace(str(tmp_path / "new"), str(tmp_path)))
    at = ("--config", file)
    compared = run("config", "diff", other, *at)
    assert (compared.code, compared.out.splitlines()[1]) == (1, "agent.transfer.workers\t16\t3")
    applied = run("config", "apply", other, "--reason", "fewer", "--json", *at).json()
    assert applied["version"] == {**applied["version"], "number": 2, "reason": "fewer"}  # type: ignore[dict-item]  # JSON
    assert run("config", "diff", other, *at).code == 0
    shown = run("config", "show", "--origin", *at)
    assert "agent.transfer.workers\t16\t3" in shown.out.splitlines()
    assert [line.split("\t")[0] for line in run("config", "versions", *at).out.splitlines()[1:]] == ["2", "1"]
    tried = run("config", "rollback", "1", "--dry-run", *at)
    assert (tried.code, "nothing was changed" in tried.out) == (0, True)
    assert run("config", "rollback", "1", *at).code == 0
    assert run("config", "show", "--version", "2", "--json", *at).json()["config"]["agent"]["transfer"]["workers"] == 3  # type: ignore[index]  # JSON
    assert run("config", "rollback", "77", *at).code == 3


@pytest.mark.usefixtures("process")
def test_what_is_refused_tells_every_problem_and_exits_by_its_kind(run: Run, file: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("agent: {transfer: {workers: 0}, odd: 1}\n")
    result = run("config", "apply", bad, "--config", file)
    assert result.code == 2
    assert "workers" in result.err
    assert "odd" in result.err
    assert run("config", "apply", tmp_path / "none.yaml", "--config", file).code == 2
    assert run("config", "apply", file, "--base-version", "9", "--config", file).code == 4


@pytest.mark.usefixtures("process")
def test_the_data_directory_is_enough_to_find_process_and_token(run: Run, tmp_path: Path) -> None:
    assert run("config", "versions", "--data", tmp_path / "data").code == 0


def test_without_a_process_the_exit_code_says_so(run: Run, file: Path, tmp_path: Path) -> None:
    assert run("config", "show", "--config", file).code == 4
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "address").write_text("http://127.0.0.1:9\n")
    (tmp_path / "data" / "lock").write_text("")
    assert run("config", "show", "--data", tmp_path / "data").code == 4


def test_a_wrong_token_is_denied(run: Run, file: Path, process: EdgeProcess) -> None:
    for version in (process.edge.data_dir / "config").glob("v*.json"):
        version.unlink()
    (process.edge.data_dir / "local.token").unlink()
    file.write_text(file.read_text().replace(TOKEN, "another-token-here"))
    assert run("config", "show", "--config", file).code == 5


def test_the_address_is_for_the_owner_and_goes_with_the_process(file: Path) -> None:
    running = EdgeProcess(load_settings(file, environ={}, overrides={}))
    running.start()
    path = running.edge.data_dir / "address"
    assert os.stat(path).st_mode & 0o777 == 0o600
    running.stop()
    assert not path.exists()


def test_the_start_shows_what_is_in_force_and_what_stands_above_the_file(
    file: Path, process: EdgeProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded = load_settings(file, environ={}, overrides={})
    print_start(loaded, process)
    before = capsys.readouterr().out
    assert f"watching  {file.parent / 'in'} " in before
    assert "set at run time" not in before
    document = json.loads(file.read_text())
    document["agent"]["watch"] = [{"path": str(file.parent / "other")}]
    process.config.apply(document, author="a", reason="", source="api")
    print_start(loaded, process)
    after = capsys.readouterr().out
    assert f"watching  {file.parent / 'other'} " in after
    assert f"watching  {file.parent / 'in'} " not in after
    assert "above the file: agent.watch[" in after
    document["agent"]["watch"] = []
    process.config.apply(document, author="a", reason="", source="api")
    print_start(loaded, process)
    assert "name a directory in agent.watch" in capsys.readouterr().out


@pytest.mark.usefixtures("process")
def test_a_broken_file_locks_nobody_out(run: Run, file: Path, tmp_path: Path) -> None:
    sound = file.read_text()
    file.write_text(json.dumps({**json.loads(sound), "odd": 1}))
    for at in (("--config", file), ("--config", file, "--data", tmp_path / "data")):
        result = run("config", "versions", *at)
        assert (result.code, "not usable" in result.err) == (0, True)
    file.write_text("data_dir: [")
    lost = run("breaker", "ls", "--config", file)
    assert (lost.code, "--data DIR" in lost.err) == (2, True)
    assert run("breaker", "ls", "--config", file, "--data", tmp_path / "data").code == 0
    assert run("config", "show", "--config", file, "--data", tmp_path / "none").code == 4
