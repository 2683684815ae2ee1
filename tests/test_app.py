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
from tests.agent.edges import Place, as_loaded
from tests.agent.waiting import until

RUN = """
import sys
from gwf.app import run_edge
from gwf.core.settings.model import Settings
from tests.agent.edges import as_loaded
sys.exit(run_edge(as_loaded(Settings.model_validate_json(sys.stdin.read()))))
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@contextmanager
def running(settings: Settings) -> Iterator[EdgeProcess]:
    process = EdgeProcess(as_loaded(settings))
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
            EdgeProcess(as_loaded(settings)).start()
    with running(place.settings()):
        place.write("a")
        until(place.is_carried)


def test_two_processes_never_share_a_data_directory(place: Place) -> None:
    with running(place.settings()) as process:
        with pytest.raises(ConflictError):
            EdgeProcess(as_loaded(place.settings()))
        place.write("a")
        until(place.is_carried)
        assert ask(process, "/live")[0] == 200


def test_a_data_directory_that_cannot_be_made_is_one_clear_error(place: Place, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    settings = place.settings().model_copy(update={"data_dir": tmp_path / "file" / "data"})
    with pytest.raises(GwfError, match="data directory"):
        EdgeProcess(as_loaded(settings))


def test_stopping_twice_is_harmless(place: Place) -> None:
    process = EdgeProcess(as_loaded(place.settings()))
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


def put(process: EdgeProcess, path: str, body: object) -> tuple[int, dict[str, object]]:
    request = urllib.request.Request(
        process.server.url + path,
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {process.local.token}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as exc:
        return exc.code, json.load(exc)


def test_a_configuration_sent_over_the_port_is_in_force_at_once_and_after_a_restart(place: Place) -> None:
    with running(place.settings()) as process:
        config = json.loads(ask(process, "/api/v1/config")[1])["config"]
        other = place.base / "other"
        other.mkdir()
        (other / "b").write_bytes(b"x")
        config["agent"]["watch"].append({**config["agent"]["watch"][0], "path": str(other)})
        status, outcome = put(process, "/api/v1/config?reason=one%20more", config)
        assert (status, outcome["restarted"]) == (200, [])
        until(lambda: "b" in place.stored())
        assert len(json.loads(ask(process, "/api/v1/overview")[1])["watches"]) == 2
        assert "gwf_config_applied_total 1" in ask(process, "/metrics")[1]
    with running(place.settings()) as process:
        (other / "c").write_bytes(b"x")
        until(lambda: "c" in place.stored())
        assert put(process, "/api/v1/config/rollback", {"number": 1})[0] == 200
        assert len(process.edge.trees) == 1


def test_a_configuration_that_is_refused_shows_in_health_and_metrics(place: Place) -> None:
    with running(place.settings()) as process:
        until(lambda: ask(process, "/ready")[0] == 200)
        status, problem = put(process, "/api/v1/config", {"agent": {"transfer": {"workers": 0, "odd": 1}}})
        assert status == 400
        errors = problem["errors"]
        assert isinstance(errors, list)
        assert len(errors) == 2
        until(lambda: "config_refused" in ask(process, "/api/v1/overview")[1])
        assert "gwf_config_refused_total 1" in ask(process, "/metrics")[1]


def test_a_token_may_change_while_the_port_is_open(place: Place) -> None:
    with running(place.settings()) as process:
        config = json.loads(ask(process, "/api/v1/config")[1])["config"]
        config["api"]["token"] = "a-token-of-sixteen"
        assert put(process, "/api/v1/config", config)[0] == 200
        assert ask(process, "/api/v1/config")[0] == 401


def test_sighup_reads_the_file_again_and_a_bad_one_changes_nothing(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "gwf.yaml"
    settings = place.settings().model_dump(mode="json")

    def write(**transfer: object) -> None:
        file.write_text(json.dumps({**settings, "agent": {**settings["agent"], "transfer": transfer}}))

    write(workers=4)
    command = [sys.executable, "-m", "gwf", "agent", "--config", str(file)]
    with (tmp_path / "log").open("wb") as log:
        child = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        until(lambda: b"gwf_started" in (tmp_path / "log").read_bytes(), within_s=60)
        write(workers=5)
        child.send_signal(signal.SIGHUP)
        until(lambda: b"config_applied" in (tmp_path / "log").read_bytes())
        write(workers=0)
        child.send_signal(signal.SIGHUP)
        until(lambda: b"config_refused" in (tmp_path / "log").read_bytes())
        place.write("after")
        until(place.is_carried)
        child.send_signal(signal.SIGTERM)
        assert child.wait(30) == 0
    finally:
        child.kill()
        child.wait()


def test_a_terminal_that_is_closed_ends_the_process(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "gwf", "up", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0"]
    with (tmp_path / "log").open("wb") as log:
        child = subprocess.Popen(command, stdin=theirs, stdout=log, stderr=log, start_new_session=True)
    os.close(theirs)
    try:
        until(lambda: b"gwf_started" in (tmp_path / "log").read_bytes(), within_s=60)
        child.send_signal(signal.SIGHUP)
        until(lambda: b"reload_finished" in (tmp_path / "log").read_bytes())
        os.close(ours)
        child.send_signal(signal.SIGHUP)
        assert child.wait(30) == 0
    finally:
        child.kill()
        child.wait()
