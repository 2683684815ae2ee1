from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gwf.app import EdgeProcess, build_id
from gwf.core.errors import ConflictError, GwfError, UnavailableError
from gwf.core.settings.model import Settings
from tests.agent.edges import Place
from tests.agent.waiting import until

RUN = """
import sys
from gwf.app import run_edge
from gwf.core.settings.model import Settings
sys.exit(run_edge(Settings.model_validate_json(sys.stdin.read())))
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@contextmanager
def running(settings: Settings) -> Iterator[EdgeProcess]:
    process = EdgeProcess(settings)
    process.start()
    try:
        yield process
    finally:
        process.stop()


def ask(process: EdgeProcess, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(process.server.url.rstrip("/") + path, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as exc:
        return exc.code, exc.read().decode()


def test_a_process_carries_files_and_answers_on_its_port(place: Place) -> None:
    with running(place.settings()) as process:
        place.write("a", "d/b")
        until(place.is_carried)
        assert ask(process, "/live")[0] == 200
        until(lambda: ask(process, "/ready")[0] == 200)
        until(lambda: "gwf_upload_success_total 2" in ask(process, "/metrics")[1])
        until(lambda: json.loads(ask(process, "/api/v1/overview")[1])["queue"]["done_total"] == 2)
        assert json.loads(ask(process, "/api/health")[1])["state"] == "ok"


def test_a_process_whose_store_is_away_stays_up_and_is_not_ready(place: Place) -> None:
    place.objects.write_bytes(b"in the way")
    with running(place.settings()) as process:
        until(lambda: ask(process, "/ready")[0] == 503)
        assert ask(process, "/live")[0] == 200
        place.objects.unlink()
        until(lambda: ask(process, "/ready")[0] == 200)


def test_a_process_may_be_started_again_where_it_was_stopped(place: Place) -> None:
    for number in range(3):
        with running(place.settings()):
            place.write(str(number))
            until(place.is_carried)


def test_a_port_that_is_taken_leaves_the_data_directory_free(place: Place) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = place.settings().model_copy(update={"listen": f"127.0.0.1:{taken.getsockname()[1]}"})
        with pytest.raises(UnavailableError):
            EdgeProcess(settings).start()
    with running(place.settings()):
        place.write("a")
        until(place.is_carried)


def test_two_processes_never_share_a_data_directory(place: Place) -> None:
    with running(place.settings()) as process:
        with pytest.raises(ConflictError):
            EdgeProcess(place.settings())
        place.write("a")
        until(place.is_carried)
        assert ask(process, "/live")[0] == 200


def test_a_data_directory_that_cannot_be_made_is_one_clear_error(place: Place, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    settings = place.settings().model_copy(update={"data_dir": tmp_path / "file" / "data"})
    with pytest.raises(GwfError, match="data directory"):
        EdgeProcess(settings)


def test_stopping_twice_is_harmless(place: Place) -> None:
    process = EdgeProcess(place.settings())
    process.start()
    process.stop()
    assert process.edge.stop() == 0


def test_no_thread_of_ours_is_left_after_a_stop(place: Place) -> None:
    before = set(threading.enumerate())
    with running(place.settings()):
        place.write(*(str(number) for number in range(20)))
        until(place.is_carried)
    until(lambda: not [thread for thread in threading.enumerate() if thread not in before])


def test_no_descriptor_is_left_after_a_stop(place: Place) -> None:
    with running(place.settings()):
        pass
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with running(place.settings()):
            pass
    until(lambda: len(os.listdir("/proc/self/fd")) <= before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_in_order(place: Place, number: signal.Signals) -> None:
    place.write("a")
    with subprocess.Popen([sys.executable, "-c", RUN], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        process.stdin.write(place.settings().model_dump_json().encode())
        process.stdin.close()
        until(place.is_carried)
        process.send_signal(number)
        assert process.wait(20) == 0


def test_the_build_changes_with_the_built_console(tmp_path: Path) -> None:
    plain = build_id(tmp_path)
    (tmp_path / ".build-hash").write_text("0123456789abcdef")
    assert build_id(tmp_path) == f"{plain}+0123456789ab"
