"""Where a process answers is told while it works, whatever those before it left behind."""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path

import pytest

from gwf.agent import address
from gwf.agent.lockfile import lock_directory
from gwf.core.errors import ConflictError

OLD, NEW = "http://127.0.0.1:9", "http://127.0.0.1:10"


def test_an_address_counts_while_its_process_works(tmp_path: Path) -> None:
    address.publish(tmp_path, OLD)
    assert address.find_url(tmp_path) is None  # of one that was killed
    lock = lock_directory(tmp_path)
    assert address.find_url(tmp_path) is None  # not even now
    address.publish(tmp_path, NEW)
    assert address.find_url(tmp_path) == NEW
    with pytest.raises(ConflictError, match="another GWF process"):
        lock_directory(tmp_path)
    assert address.find_url(tmp_path) == NEW  # who was refused took nothing away
    os.close(lock)
    assert address.find_url(tmp_path) is None


def test_a_start_in_the_middle_of_a_look_does_not_bring_an_old_address_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address.publish(tmp_path, OLD)
    look, locks = address.is_held, list[int]()

    def started_meanwhile(directory: Path) -> bool:
        locks.append(lock_directory(directory))
        return look(directory)

    monkeypatch.setattr(address, "is_held", started_meanwhile)
    found = address.find_url(tmp_path)
    os.close(locks[0])
    assert found is None


def test_a_look_does_not_keep_a_process_from_starting(tmp_path: Path) -> None:
    os.close(lock_directory(tmp_path))
    looking = os.open(tmp_path / "lock", os.O_RDWR)
    fcntl.flock(looking, fcntl.LOCK_SH)
    ends = threading.Timer(0.1, os.close, [looking])
    ends.start()
    os.close(lock_directory(tmp_path))
    ends.join()
