from __future__ import annotations

import os
import signal

import psutil
import pytest

from gwf.agent.host.processes import RENEW_EVERY, ProcessTable
from gwf.agent.host.sockets import read_sockets
from gwf.wire.host import HostProcess
from tests.agent.host.children import LISTENER, child, python
from tests.agent.waiting import until

RENAMED = """
import os, signal
signal.signal(signal.SIGUSR1, lambda *_: os.execvp("sleep", ["sleep", "300"]))
print("up", flush=True)
signal.pause()
"""
BUSY = "print('up', flush=True)\nwhile True: pass"


@pytest.fixture
def table() -> ProcessTable:
    return ProcessTable(total_memory_bytes=psutil.virtual_memory().total)


def find(items: list[HostProcess], pid: int) -> HostProcess:
    return next(item for item in items if item.pid == pid)


def test_a_process_is_told_with_its_secrets_masked(table: ProcessTable) -> None:
    with child("sleep", "300.5") as process:
        total, items = table.read(1.0, {})
        item = find(items, process.pid)
    assert (item.name, item.command, item.cpu_pct, item.state) == ("sleep", "sleep 300.5", 0.0, "sleeping")
    assert (item.threads, item.ports, item.read_bytes_per_s) == (1, [], None)
    assert item.cwd == os.getcwd()
    assert str(item.path).endswith("sleep")
    assert total == len(items)
    assert 0 < item.rss_bytes < 100 * 2**20
    assert 0 < item.mem_pct < 1


def test_use_of_the_processor_is_measured_between_two_samples(table: ProcessTable) -> None:
    with python(BUSY) as (process, _):
        times = psutil.Process(process.pid).cpu_times
        table.read(0.0, {})
        begun = sum(times()[:2])
        while sum(times()[:2]) < begun + 0.2:
            pass
        items = table.read(1.0, {})[1]
        item = find(items, process.pid)
    assert item.state == "running"
    assert item.cpu_pct >= 15
    assert item.read_bytes_per_s is not None
    assert items == sorted(items, key=lambda item: (-item.cpu_pct, -item.mem_pct))


def test_who_listens_counts_as_running(table: ProcessTable) -> None:
    with python(LISTENER) as (process, port):
        sockets = read_sockets()
        item = find(table.read(1.0, sockets.listening)[1], process.pid)
    assert (item.ports, item.state) == ([f"127.0.0.1:{port}"], "running")
    assert sockets.by_state["LISTEN"] >= 1


def test_another_process_under_the_same_id_starts_anew(table: ProcessTable, monkeypatch: pytest.MonkeyPatch) -> None:
    with child("sleep", "300") as process:
        table.read(0.0, {})
        monkeypatch.setattr(psutil.Process, "create_time", lambda self: 12345.0)
        item = find(table.read(1.0, {})[1], process.pid)
    assert (item.started_at_ms, item.read_bytes_per_s) == (12_345_000, None)


def test_names_are_read_again_now_and_then(table: ProcessTable) -> None:
    with python(RENAMED) as (process, _):
        table.read(0.0, {})
        process.send_signal(signal.SIGUSR1)
        until(lambda: psutil.Process(process.pid).name() == "sleep")
        names = {find(table.read(float(n), {})[1], process.pid).name for n in range(1, RENEW_EVERY + 1)}
    assert "sleep" in names


def test_a_process_that_ends_is_left_out(table: ProcessTable) -> None:
    with child("sleep", "300") as process:
        table.read(0.0, {})
    assert process.pid not in {item.pid for item in table.read(1.0, {})[1]}
