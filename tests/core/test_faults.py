from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from gwf.core.errors import ConfigError
from gwf.core.faults import KILL_POINTS, arm, kill_point

PASS_THRICE = """
import sys
from gwf.core.faults import arm, kill_point
arm(sys.argv[1])
for number in range(3):
    kill_point("before_send")
    print(number, flush=True)
"""


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    arm("")


@pytest.mark.parametrize(("spec", "passes"), [("before_send", 0), ("before_send:1", 0), (" before_send:3 ,", 2)])
def test_an_armed_point_kills_at_the_pass_named(spec: str, passes: int) -> None:
    done = subprocess.run([sys.executable, "-c", PASS_THRICE, spec], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(done.stdout.split()) == passes


@pytest.mark.parametrize("spec", ["", "before_send:4", "part_sent"])
def test_what_is_not_armed_or_not_reached_does_not_kill(spec: str) -> None:
    done = subprocess.run([sys.executable, "-c", PASS_THRICE, spec], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, ["0", "1", "2"])


@pytest.mark.parametrize(
    "spec", ["no_such_point", "before_send:0", "before_send:-1", "before_send:x", "before_send:²", "before_send,x:1"]
)
def test_a_drill_that_cannot_be_run_is_refused_and_names_the_points(spec: str) -> None:
    with pytest.raises(ConfigError) as caught:
        arm(spec)
    assert "before_send" in caught.value.problems[0]


def test_arming_replaces_what_was_armed_before() -> None:
    arm("before_send")
    arm("part_sent:2")
    kill_point("before_send")
    kill_point("part_sent")


def test_every_point_can_be_armed_at_once() -> None:
    arm(",".join(f"{name}:1000" for name in KILL_POINTS))
    for name in KILL_POINTS:
        kill_point(name)
