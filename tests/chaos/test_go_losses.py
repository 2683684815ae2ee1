"""What the Go version lost, each with the counts at which it did; here every count of losses is 0."""

from __future__ import annotations

import os
import signal

import pytest

from gwf.testing.faults import Faults
from tests.agent.waiting import until
from tests.chaos.lab import Lab
from tests.chaos.scale import sized


@sized("trees", short=150, long=1000)
def test_new_nested_trees(lab: Lab, trees: int) -> None:
    load = lab.load(lab.watch("in", store="s3"))
    lab.program.start()
    for number in range(trees):
        os.makedirs(os.path.join(load.root, b"t%d/a/b/c" % number))
        load.put(b"t%d/a/b/c/file" % number)
    assert lab.check().repeats == 0


@sized("files", short=300, long=2000)
def test_kill_in_the_silence_window(lab: Lab, files: int) -> None:
    load = lab.load(lab.watch("in", store="s3", finish="silence", silence="3s"))
    lab.program.start()
    load.small(files)
    until(lambda: lab.program.queue()["settling"] == files)
    lab.program.kill()
    assert lab.sink.manifest() == {}
    lab.program.start()
    assert lab.check().repeats == 0


@sized("files", short=300, long=2000)
def test_kill_while_files_are_sent(lab: Lab, files: int) -> None:
    load = lab.load(lab.watch("in", store="s3"))
    lab.sink.set_faults(Faults(slow_s=0.3))
    lab.program.start()
    load.small(files)
    until(lambda: files // 10 < len(lab.sink.manifest()))
    lab.program.kill()
    assert len(lab.sink.manifest()) < files
    lab.sink.set_faults()
    lab.program.start()
    lab.check()


@sized("seconds, files", short=(3, 200), long=(20, 600))
def test_refusals_for_a_while_with_default_settings(lab: Lab, seconds: int, files: int) -> None:
    lab.program.settings["agent"].pop("retry")
    lab.program.settings["agent"].pop("breaker")
    load = lab.load(lab.watch("in", store="s3"))
    lab.sink.set_faults(Faults(status=503, code="ServiceUnavailable"))
    lab.program.start()
    load.small(files)
    lab.pause(seconds)
    lab.sink.set_faults()
    lab.check(within_s=240)
    assert lab.program.queue()["dead"] == 0


@sized("files", short=2000, long=10_000)
def test_many_at_once_with_default_settings(lab: Lab, files: int) -> None:
    for name in ("retry", "breaker"):
        lab.program.settings["agent"].pop(name)
    load = lab.load(lab.watch("in", store="s3", settle="1s", silence="10s"))
    lab.program.start()
    load.small(files)
    assert lab.check(within_s=240).repeats == 0


@sized("files", short=100, long=300)
@pytest.mark.parametrize("way", ["post", "sighup", "restart"])
def test_changed_configuration_while_files_settle(lab: Lab, way: str, files: int) -> None:
    load = lab.load(lab.watch("in", store="s3", finish="silence", silence="30s"))
    lab.program.start()
    load.small(files)
    until(lambda: lab.program.queue()["settling"] == files)
    lab.program.settings["agent"]["watch"][0].update(silence="200ms", priority=2)
    lab.program.settings["agent"]["labels"] = {"site": "elsewhere"}
    if way == "post":
        assert lab.program.post("/api/v1/config", lab.program.settings)[0] == 200
    elif way == "sighup":
        lab.program.configure(lab.program.settings)
        lab.program.send(signal.SIGHUP)
        until(lambda: lab.program.events("reload_finished"))
    else:
        lab.program.stop()
        lab.program.start()
    assert lab.check().repeats == 0


@sized("files", short=100, long=1000)
def test_files_written_while_it_was_down(lab: Lab, files: int) -> None:
    load = lab.load(lab.watch("in", store="s3"))
    load.small(20)
    lab.program.start()
    lab.check()
    lab.program.kill()
    load.small(files)
    load.rewrite()
    os.makedirs(os.path.join(load.root, b"made/while/down"))
    load.put(b"made/while/down/file")
    lab.program.start()
    assert lab.check().repeats == 0
