from __future__ import annotations

import hashlib
import json
import os
import signal
import threading
from pathlib import Path

import pytest
from bench.__main__ import main
from bench.soak import Soak, wish_of
from bench.soak_load import Load, around, compare, growth_mb
from bench.soak_patience import DEAD_S, Patience
from bench.soak_verdict import Stalls

from gwf.core.errors import UnavailableError
from gwf.testing.s3_sink import SinkObject
from tests.agent.waiting import until
from tests.api.fake_edge import overview_of

OVERVIEW = overview_of("full")


def _stored(data: bytes, *, writes: int = 1) -> SinkObject:
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return SinkObject(size_bytes=len(data), md5=md5, etag=md5, writes=writes)


@pytest.mark.slow
def test_a_short_soak_with_faults_changes_and_kills_loses_and_doubles_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["soak", "--minutes=0.2", "--rate=30", "--warm-up=100", "--kill-every=5", f"--out={tmp_path}"])
    (written,) = tmp_path.glob("soak-*.json")
    verdict = json.loads(written.read_text())
    assert ended.value.code == 0, verdict["problems"]
    assert "soak: PASSED" in capsys.readouterr().out
    assert verdict["kills"] >= 1
    assert verdict["config_changes"] >= 1
    assert verdict["account"]["files"] > 100
    assert (verdict["account"]["lost"], verdict["account"]["wrong"], verdict["account"]["doubled"]) == ([], [], [])


@pytest.mark.slow
def test_a_soak_whose_instance_dies_gives_its_account(tmp_path: Path) -> None:
    wish = wish_of(["--minutes=1", "--rate=30", "--warm-up=0", f"--out={tmp_path}"])
    with Soak(wish) as soak:
        threading.Thread(target=_kill, args=(soak,), daemon=True).start()
        found = soak.run()
    assert not found.passed
    assert found.broken_off == "the process of the instance is gone"
    assert found.account.files > 20
    assert found.rss_last_mb > 0
    assert "not in the store" in found.told()


def _kill(soak: Soak) -> None:
    until(lambda: soak.load.written > 20)
    os.kill(soak.instance.pid, signal.SIGKILL)


class _Answers:
    """An instance that answers or not, and a clock that its silence moves."""

    def __init__(self) -> None:
        self.alive, self.silent, self.now_s = True, False, 0.0

    def get(self, path: str) -> dict[str, object]:
        if self.silent:
            self.now_s += 5
            raise UnavailableError("no answer", path=path)
        return OVERVIEW.model_dump(mode="json")


def test_a_slow_answer_is_a_stall_and_none_for_two_minutes_is_the_end() -> None:
    asked, stalls = _Answers(), Stalls()
    patience = Patience(asked, stalls, clock=lambda: asked.now_s)
    assert patience.overview() is not None
    asked.silent = True
    assert [patience.overview() for _ in range(3)] == [None] * 3
    asked.silent = False
    assert patience.overview() is not None
    assert (stalls.count, stalls.longest_s, stalls.total_s) == (1, 15.0, 15.0)
    asked.silent = True
    assert [patience.overview() for _ in range(round(DEAD_S / 5) - 1)] == [None] * 23
    with pytest.raises(UnavailableError, match="no answer for 120 s"):
        patience.overview()
    assert (stalls.count, stalls.longest_s) == (2, DEAD_S)


def test_an_instance_whose_process_is_gone_ends_at_once() -> None:
    asked = _Answers()
    asked.alive, asked.silent = False, True
    with pytest.raises(UnavailableError, match="process of the instance is gone"):
        Patience(asked, Stalls(), clock=lambda: asked.now_s).overview()


def test_every_kind_of_fault_is_found(tmp_path: Path) -> None:
    tree = tmp_path / "a"
    tree.mkdir()
    for name in ("good", "lost", "wrong", "twice"):
        (tree / name).write_bytes(name.encode())
    stored = {
        "a/good": _stored(b"good", writes=2), "a/wrong": _stored(b"other"), "a/twice": _stored(b"twice", writes=3),
        "a/more": _stored(b""),
    }  # fmt: skip
    found = compare([tree], stored, {"a/good": 2})
    assert (found.files, found.lost, found.wrong, found.doubled) == (4, ["a/lost"], ["a/wrong"], ["a/more"])
    assert found.again == 2


def test_the_load_counts_every_version_under_its_key(tmp_path: Path) -> None:
    trees = [tmp_path / "a", tmp_path / "b"]
    for tree in trees:
        tree.mkdir()
    load = Load(trees, files_per_s=2000)
    load.start()
    until(lambda: load.written > 300)
    load.stop()
    on_disk = {f"{tree.name}/{os.path.relpath(path, tree)}" for tree in trees for path in tree.rglob("*.dat")}
    assert on_disk == set(load.versions)
    assert sum(load.versions.values()) == load.written > len(on_disk)


@pytest.mark.parametrize(
    ("samples", "grown"),
    [([], 0.0), ([(1.0, 5.0)], 0.0), ([(0.0, 5.0), (10.0, 5.0)], 0.0), ([(0.0, 5.0), (5.0, 6.0), (10.0, 7.0)], 2.0)],
)
def test_growth_is_that_of_the_fitted_line(samples: list[tuple[float, float]], grown: float) -> None:
    assert growth_mb(samples) == pytest.approx(grown)


def test_a_mark_is_the_median_of_its_minute() -> None:
    assert around([(0.0, 90.0), (69.0, 1.0), (71.0, 5.0), (100.0, 70.0), (129.0, 6.0), (131.0, 80.0)], 100.0) == 6.0
