"""kill -9 at every place of the journal protocol where a crash leaves a different state behind."""

from __future__ import annotations

import os

import pytest

from gwf.core.faults import CARRY_POINTS
from tests.agent.waiting import until
from tests.chaos.lab import Lab
from tests.chaos.scale import LONG_S

LONG = (pytest.mark.chaos, pytest.mark.timeout(LONG_S))
MULTIPART = ("multipart_created", "multipart_saved", "part_sent", "before_complete")


@pytest.mark.parametrize(
    ("stores", "passes"),
    [
        pytest.param(("file", "s3"), (1, 3), id="short"),
        pytest.param(("file",), (1, 2, 3, 7, 20), id="long-file", marks=LONG),
        pytest.param(("s3",), (1, 2, 3, 7, 20), id="long-s3", marks=LONG),
    ],
)
def test_kill_at_every_kill_point(lab: Lab, stores: tuple[str, ...], passes: tuple[int, ...]) -> None:
    loads = [lab.load(lab.watch(f"to-{store}", store=store)) for store in stores]

    def feed() -> None:
        for load in loads:
            load.mix()
            if point in MULTIPART:
                load.large()

    for nth in passes:
        for point in CARRY_POINTS:
            lab.program.start(kill_at=f"{point}:{nth}")
            lab.feed_until(lab.program.was_killed, feed)
    lab.program.start()
    lab.check()
    assert lab.program.kills == len(passes) * len(CARRY_POINTS)


@pytest.mark.parametrize("fate", ["rewritten", "deleted"])
def test_upload_whose_id_was_lost_is_ended_whatever_became_of_its_file(lab: Lab, fate: str) -> None:
    load = lab.load(lab.watch("in", store="s3"))
    path = load.large()
    lab.program.start(kill_at="multipart_created")
    until(lab.program.was_killed)
    assert lab.sink.unfinished_uploads() == 1
    os.unlink(path)
    load.put(b"other")
    if fate == "rewritten":
        load.put(os.path.basename(path))
    lab.program.start()
    lab.check()
