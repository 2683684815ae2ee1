from __future__ import annotations

import os
import signal

import psutil
import pytest

from gwf.agent.host.terminate import InvalidPidError, ProtectedProcessError, Waits, terminate
from gwf.core.errors import GwfError, NotFoundError
from gwf.wire.host import Termination
from tests.agent.host.children import STUBBORN, child, python

PATIENT = Waits(grace_s=30, kill_s=30)
SHORT = Waits(grace_s=0.2, kill_s=30)


def end(pid: int, *, force: bool = False, seen_start_ms: int | None = None, waits: Waits = PATIENT) -> Termination:
    return terminate(pid, force=force, seen_start_ms=seen_start_ms, waits=waits)


def test_a_process_that_heeds_term_is_not_killed() -> None:
    with child("sleep", "300") as process:
        done = end(process.pid)
        assert process.wait(10) == -signal.SIGTERM
    assert done == Termination(pid=process.pid, name="sleep", command="sleep 300", signal="TERM", forced=False)


def test_a_process_that_ignores_term_is_killed() -> None:
    with python(STUBBORN, "--password=hunter22") as (process, _):
        done = end(process.pid, waits=SHORT)
        assert process.wait(10) == -signal.SIGKILL
    assert (done.signal, done.forced) == ("KILL", True)
    assert done.command.endswith("--password=******")


def test_force_kills_at_once() -> None:
    with child("sleep", "300") as process:
        done = end(process.pid, force=True)
        assert process.wait(10) == -signal.SIGKILL
    assert (done.signal, done.forced) == ("KILL", True)


@pytest.mark.parametrize("pid", [0, -3])
def test_an_id_that_no_process_has_is_refused(pid: int) -> None:
    with pytest.raises(InvalidPidError):
        end(pid)


@pytest.mark.parametrize("pid", [1, os.getpid(), os.getppid()], ids=["first", "self", "parent"])
def test_this_process_its_ancestors_and_process_1_are_protected(pid: int) -> None:
    with pytest.raises(ProtectedProcessError):
        end(pid, force=True)


def test_the_own_process_group_is_protected() -> None:
    with child("sleep", "300", own_group=False) as process, pytest.raises(ProtectedProcessError):
        end(process.pid)


def test_a_process_that_is_gone_is_not_found() -> None:
    with child("true") as process:
        process.wait(10)
        with pytest.raises(NotFoundError):
            end(process.pid)


def test_a_zombie_is_not_found_because_it_has_ended() -> None:
    with child("true") as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        with pytest.raises(NotFoundError):
            end(process.pid)


def test_another_process_than_the_one_that_was_seen_is_left_alone() -> None:
    with child("sleep", "300") as process:
        start_ms = round(psutil.Process(process.pid).create_time() * 1000)
        with pytest.raises(NotFoundError):
            end(process.pid, seen_start_ms=start_ms - 60_000)
        assert process.poll() is None
        assert end(process.pid, seen_start_ms=start_ms).signal == "TERM"


def test_the_id_of_a_thread_is_no_process() -> None:
    with pytest.raises(GwfError):
        end(2**31 - 1)
