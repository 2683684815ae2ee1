from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from gwf.core.errors import ConflictError, LocalIoError
from gwf.drills.notes import DrillNotes, leftovers, restore
from tests.agent.waiting import until

ABANDON = """
import os, subprocess, sys
from pathlib import Path
from gwf.drills.notes import DrillNotes
notes = DrillNotes(Path(sys.argv[1]), "store-503")
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], stdout=subprocess.DEVNULL)
notes.add_child(child.pid)
print(child.pid, flush=True)
os.kill(os.getpid(), 9)
"""


def _abandoned(scratch: Path) -> int:
    """Return the process id of a child whose drill was killed."""
    ran = subprocess.run([sys.executable, "-c", ABANDON, str(scratch)], stdout=subprocess.PIPE, check=False)
    return int(ran.stdout)


def test_what_a_killed_drill_left_is_cleared_away(tmp_path: Path) -> None:
    child = _abandoned(tmp_path / "one")
    assert leftovers(tmp_path) == [tmp_path / "one"]
    (done,) = restore(tmp_path, lambda: False)
    assert "1 processes ended" in done
    until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)
    assert list(tmp_path.iterdir()) == []
    assert restore(tmp_path, lambda: False) == []


def test_another_process_that_got_the_id_is_left_alone(tmp_path: Path) -> None:
    child = _abandoned(tmp_path / "one")
    note = tmp_path / "one" / "drill.json"
    started_s = psutil.Process(child).create_time()
    note.write_text(note.read_text().replace(str(started_s), str(started_s - 100)))
    restore(tmp_path, lambda: False)
    assert psutil.Process(child).is_running()
    psutil.Process(child).kill()


def test_a_running_drill_is_not_cleared_away(tmp_path: Path) -> None:
    notes = DrillNotes(tmp_path / "mine", "kill")
    with pytest.raises(ConflictError):
        restore(tmp_path, lambda: False)
    notes.clear()
    assert leftovers(tmp_path) == []


def test_a_note_that_was_cut_off_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "drill.json").write_text('{"dri')
    restore(tmp_path, lambda: False)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_is_taken_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LocalIoError):
        DrillNotes(tmp_path, "kill")
