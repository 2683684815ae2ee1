"""SIGTERM under load: out within the limit, the rest in the journal, the next start goes on."""

from __future__ import annotations

import time

from gwf.testing.faults import Faults
from tests.agent.waiting import until
from tests.chaos.lab import Lab
from tests.chaos.scale import sized

DRAIN_S = 2.0
SLACK_S = 8.0  #: closing the port and the journal, on a slow machine


@sized("files", short=300, long=10_000)
def test_stop_under_load(lab: Lab, files: int) -> None:
    lab.tune("transfer", drain_timeout=f"{DRAIN_S}s")
    load = lab.load(lab.watch("in", store="s3"))
    lab.sink.set_faults(Faults(slow_s=0.5))
    lab.program.start()
    load.small(files)
    until(lambda: lab.program.queue()["done_total"] > 0)
    began_s = time.monotonic()
    assert lab.program.stop() == 0
    assert time.monotonic() - began_s < DRAIN_S + SLACK_S
    assert len(lab.sink.manifest()) < files, "it was over before it was stopped"
    lab.sink.set_faults()
    lab.program.start()
    assert lab.check().repeats == 0, "what was drained is sent again"


def test_stop_while_a_store_hangs(lab: Lab) -> None:
    lab.tune("transfer", drain_timeout=f"{DRAIN_S}s")
    lab.program.settings["stores"]["s3"]["read_timeout"] = "60s"
    load = lab.load(lab.watch("in", store="s3"))
    lab.sink.set_faults(Faults(hang=True, methods=("PUT",)))
    lab.program.start()
    load.small(20)
    until(lambda: lab.program.queue()["sending"])
    began_s = time.monotonic()
    assert lab.program.stop() == 1, "transfers that were cut off show in the exit code"
    assert time.monotonic() - began_s < DRAIN_S + SLACK_S
    lab.sink.set_faults()
    lab.program.start()
    lab.check()
