"""A store that refuses, hangs, cuts or lies for a while: its files wait, the other store's files do not."""

from __future__ import annotations

import time

import pytest

from gwf.testing.faults import Faults
from tests.agent.waiting import until
from tests.chaos import ledger
from tests.chaos.lab import Lab
from tests.chaos.scale import sized

FAULTS = {
    "503": Faults(status=503, code="ServiceUnavailable"),
    "timeout": Faults(hang=True),
    "cut": Faults(reset="before"),
    "cut_after_commit": Faults(reset="after"),
    "wrong_checksum": Faults(wrong_checksum=True),
}
REPEATING = ("cut_after_commit", "wrong_checksum")  #: the store keeps the bytes, so they are written again


@sized("seconds, files", short=(3, 150), long=(20, 600))
@pytest.mark.parametrize("fault", FAULTS)
def test_store_that_fails_for_a_while(lab: Lab, fault: str, seconds: int, files: int) -> None:
    broken, other = lab.load(lab.watch("broken", store="s3")), lab.load(lab.watch("other", store="file"))
    lab.tune("retry", cap=f"{seconds * 250}ms")
    lab.program.start()
    lab.sink.set_faults(FAULTS[fault])
    end_s = time.monotonic() + seconds
    broken.large()
    broken.small(files)
    other.small(files)
    until(lambda: len(ledger.in_directory(lab.objects)) == files, within_s=max(10, seconds), every_s=0.1)
    until(lambda: time.monotonic() >= end_s, within_s=seconds + 10)
    assert lab.program.status("/live") == 200
    # Wrong checksums are told by uploads only: a completed one is confirmed by asking for the object, and rightly so.
    confirmed = files + (fault == "wrong_checksum")
    assert lab.program.queue()["done_total"] in {files, confirmed}
    lab.sink.set_faults()
    verdict = lab.check()
    assert lab.program.queue()["dead"] == 0
    assert fault in REPEATING or verdict.repeats == 0
