from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gwf.agent.journal.admin import open_admin
from gwf.cli.start import make_inbox, page_url, tell_of_strangers
from gwf.core.errors import GwfError
from gwf.core.settings.model import ApiSettings, Settings
from gwf.wire.edge import FileView
from tests.agent.waiting import until
from tests.cli.conftest import Run

DEADLINE_S = 30.0
SETTINGS = """
log: {level: info, format: json}
agent: {reconcile_interval: 1s, watch: [{path: in, silence: 300ms, settle: 100ms, key: "{relpath}"}]}
"""


@contextlib.contextmanager
def running(cwd: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "gwf", "up", "--listen", "127.0.0.1:0", *arguments]
    with (cwd / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


def done(directory: Path, process: subprocess.Popen[str] | None = None) -> list[FileView]:
    """Return the finished files as soon as there is one."""

    def look() -> list[FileView]:
        assert process is None or process.poll() is None, "gwf ended by itself"
        with (
            contextlib.suppress(GwfError, sqlite3.Error),
            contextlib.closing(open_admin(directory / "data")) as journal,
        ):
            return journal.files(("done",), "", None, None, 10).items
        return []

    return until(look, within_s=DEADLINE_S, every_s=0.05)


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Carry one file, stop, and return the working directory."""
    directory = tmp_path_factory.mktemp("origin")
    (directory / "gwf.yaml").write_text(SETTINGS)
    (directory / "in").mkdir()
    with running(directory, "--config", "gwf.yaml", "--data", "data") as process:
        (directory / "in" / "a b.log").write_text("hello")
        done(directory, process)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0
    assert f"watching  {directory}/in" in out
    return directory


@pytest.fixture
def carried(origin: Path, tmp_path: Path) -> Path:
    shutil.copytree(origin / "data", tmp_path / "data")
    return tmp_path


@pytest.mark.slow
def test_a_file_is_carried_listed_shown_and_proven(carried: Path, origin: Path, run: Run) -> None:
    (item,) = done(carried)
    assert (item.path, item.key) == (f"{origin}/in/a b.log", "a b.log")
    shown = run("queue", "show", item.id, "--data", "data", "--json").json()
    assert list(shown) == ["file", "history"]
    assert run("queue", "ls", "--data", "data").out.splitlines()[1].endswith(f"{origin}/in/a b.log")
    assert list(run("queue", "ls", "--data", "data", "--json").json()) == [
        "summary", "items", "next_cursor", "total", "as_of",
    ]  # fmt: skip
    assert run("queue", "check", "--data", "data").code == 0
    assert run("queue", "doctor", "--data", "data").out == "Nothing needs mending.\n"
    verdict = run("store", "verify", "default", "--data", "data", "--journal", "--json").json()
    assert (verdict["ok"], verdict["verified"]) == (True, 1)


@pytest.mark.slow
def test_a_changed_or_missing_object_is_found_by_the_journal(carried: Path, run: Run) -> None:
    target = carried / "data" / "objects" / "a b.log"
    target.chmod(0o644)
    target.write_text("hellO")
    result = run("store", "verify", "default", "--data", "data", "--journal")
    assert result.code == 1
    assert "a b.log\tcorrupt_data" in result.out
    target.unlink()
    result = run("store", "verify", "default", "--data", "data", "--journal")
    assert result.code == 1
    assert "a b.log\tnot_found" in result.out


@pytest.mark.slow
def test_a_damaged_journal_is_told_and_mended(carried: Path, run: Run) -> None:
    journal = carried / "data" / "journal.db"
    for path in (carried / "data").glob(f"{journal.name}*"):
        path.write_bytes(b"this is no database" * 300)
    assert run("queue", "check", "--data", "data").code == 1
    assert run("queue", "doctor", "--data", "data").code == 1
    assert run("queue", "doctor", "--repair", "--data", "data").code == 0
    assert run("queue", "check", "--data", "data").code == 0


@pytest.mark.slow
def test_replay_and_drop_refuse_what_is_not_theirs(carried: Path, run: Run) -> None:
    assert run("queue", "replay", "--data", "data").code == 2
    assert run("queue", "replay", "1", "--all", "--data", "data").code == 2
    assert run("queue", "replay", "1", "--data", "data").code == 2
    assert run("queue", "drop", "99", "--reason", "x", "--data", "data").code == 3
    assert run("queue", "replay", "--all", "--data", "data", "--json").json() == {"count": 0, "items": []}
    assert run("queue", "ls", "--state", "nope", "--data", "data").code == 2


@pytest.mark.slow
def test_a_first_start_without_anything_carries_the_welcome_file(tmp_path: Path) -> None:
    (tmp_path / "gwf.yaml").write_text("agent: {watch: []}\n")
    with running(tmp_path, "--config", "gwf.yaml", "--data", "data") as process:
        (item,) = done(tmp_path, process)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0
    assert item.path.endswith("data/inbox/welcome.txt")
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert "copy a file into" in out


def test_a_store_that_holds_files_of_others_is_named_once_and_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    objects, data = tmp_path / "objects", tmp_path / "data"
    stores = {"here": {"url": f"file://{objects}"}, "there": {"url": "s3://bucket"}}
    settings = Settings.model_validate({"data_dir": str(data), "stores": stores})
    (objects / ".gwf-tmp").mkdir(parents=True)
    tell_of_strangers(settings)
    assert capsys.readouterr().err == ""
    (objects / "theirs").write_text("x")
    tell_of_strangers(settings)
    assert f"store here: {objects} holds files" in capsys.readouterr().err
    data.mkdir()
    (data / "journal.db").touch()  # a start before this one told it
    tell_of_strangers(settings)
    assert (capsys.readouterr().err, (objects / "theirs").read_text()) == ("", "x")


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        (Settings(listen="0.0.0.0:8080"), "http://127.0.0.1:8080/"),
        (Settings(listen="[::]:8080"), "http://[::1]:8080/"),
        (Settings(listen="127.0.0.1:0"), "http://127.0.0.1 on a free port, see the log"),
        (
            Settings(listen="gwf.example:1", api=ApiSettings(tls_cert=Path("c"), url_prefix="/ops")),
            "https://gwf.example:1/ops/",
        ),
    ],
)
def test_the_page_is_named_as_a_person_opens_it(settings: Settings, url: str) -> None:
    assert page_url(settings) == url


def test_a_data_directory_that_cannot_be_made_is_one_line(tmp_path: Path, run: Run) -> None:
    (tmp_path / "file").write_text("x")
    result = run("up", "--data", "file/below")
    assert result.code == 1
    assert result.err.count("\n") == 1
    assert "the data directory cannot be used" in result.err


def test_a_file_is_not_watched(tmp_path: Path, run: Run) -> None:
    (tmp_path / "file").write_text("x")
    result = run("up", "file", "--data", "data")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "no directory: name the directory to watch" in result.err
    assert not (tmp_path / "data").exists()


def test_a_taken_port_is_told_before_anything_is_made(tmp_path: Path, run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("up", "--data", "data", "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
    assert (result.code, result.err.count("\n")) == (4, 1)
    assert "`listen` or --listen" in result.err
    assert not (tmp_path / "data").exists()


def test_a_new_data_directory_is_for_its_owner_only(tmp_path: Path) -> None:
    make_inbox(Settings(data_dir=tmp_path / "new", listen="127.0.0.1:0"))
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    (tmp_path / "old").mkdir(mode=0o755)
    make_inbox(Settings(data_dir=tmp_path / "old", listen="127.0.0.1:0"))
    assert (tmp_path / "old").stat().st_mode & 0o777 == 0o755


def test_a_bad_flag_value_names_its_key(run: Run) -> None:
    result = run("up", "--listen", "8080")
    assert result.code == 2
    assert "listen = '8080': is not host:port" in result.err
    assert "[command line]" in result.err
