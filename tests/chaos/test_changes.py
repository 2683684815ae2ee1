"""Files that change, move or go while they settle or are sent: only whole versions arrive, the last one last."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from gwf.testing.fault_proxy import ProxyFaults, fault_proxy
from tests.agent.waiting import stays, until
from tests.chaos import ledger
from tests.chaos.lab import Lab
from tests.chaos.load import LARGE_BYTES, Background, Load
from tests.chaos.scale import sized

SIZES = (150 * 1024, LARGE_BYTES)  #: sent in one piece, and in parts


def rename(load: Load, path: bytes) -> None:
    load.move(path, path + b".renamed")


def truncate(load: Load, path: bytes) -> None:
    os.truncate(path, 70_000)
    load.note(path)


def append(load: Load, path: bytes) -> None:
    with open(path, "ab") as file:
        file.write(load.content(50_000))
    load.note(path)


def replace(load: Load, path: bytes) -> None:
    data = load.content(90_000)
    with open(path + b".tmp", "wb") as file:
        file.write(data)
    os.rename(path + b".tmp", path)
    load.note(path)


def delete(_load: Load, path: bytes) -> None:
    os.unlink(path)


ACTIONS: tuple[Callable[[Load, bytes], None], ...] = (rename, truncate, append, replace, delete)


@sized("rounds", short=2, long=20)
def test_files_that_change_while_they_are_sent(lab: Lab, rounds: int) -> None:
    load = lab.load(lab.watch("in", store="s3"))
    target = urlsplit(lab.sink.url)
    with fault_proxy((str(target.hostname), int(target.port or 0))) as proxy:
        lab.program.settings["stores"]["s3"]["endpoint"] = proxy.url
        lab.program.start()
        proxy.set_faults(ProxyFaults(delay_s=0.15))
        met = sum(_change_while_sent(lab, load, number) for number in range(rounds))
        proxy.set_faults()
        lab.tally.notes.append(f"({met} changed while being sent)")
        lab.check()
    assert met >= rounds * len(ACTIONS), "too few were met while they were sent"


def _change_while_sent(lab: Lab, load: Load, number: int) -> int:
    """Do each action to a file of each size at the moment it is being sent; return how many were."""
    due = {
        load.put(b"%d-%b-%d" % (number, action.__name__.encode(), size), load.content(size)): action
        for action in ACTIONS
        for size in SIZES
    }
    met = 0

    def step() -> bool:
        nonlocal met
        sending = lab.program.get("/api/v1/files?state=sending&limit=100")["items"]
        for path in [os.fsencode(item["path"]) for item in sending]:
            action = due.pop(path, None)
            if action is not None:
                action(load, path)
                met += 1
        return not due or lab.program.idle()

    until(step, within_s=60, every_s=0.01)
    return met


@sized("files", short=100, long=3000)
def test_files_deleted_before_they_are_finished_leave_nothing(lab: Lab, files: int) -> None:
    load = lab.load(lab.watch("in", store="s3", settle="2s"))
    lab.program.start()
    for _ in range(files):
        os.unlink(load.put(b"short-lived-%d" % load.count))
    lab.tally.notes.append(f"({files} deleted)")
    load.small(5, prefix=b"stays")
    assert lab.check().files == 5
    assert len(lab.sink.manifest()) == 5


@sized("lines", short=8, long=40)
def test_appenders_that_pause_are_never_sent_half(lab: Lab, lines: int) -> None:
    root = lab.watch("in", store="s3", settle="1s", silence="2s")
    load = lab.load(root)
    lab.program.start()
    held = os.path.join(root, b"held-open.log")

    def line() -> None:
        with open(os.path.join(root, b"reopened.log"), "ab") as log:
            log.write(load.content(200))

    with open(held, "wb", buffering=0) as file, Background(line, steps=lines, pause_s=0.3) as writer:
        file.write(load.content(5000))
        stays(lambda: not lab.sink.manifest(), for_s=max(3.0, 0.3 * lines))  # longer than the silence window
        file.write(load.content(5000))
        writer.finish()
    verdict = lab.check()
    assert verdict.files == 2
    assert verdict.repeats == 0, "a file was sent before its writer was done"


@sized("seconds", short=2, long=60)
def test_files_that_never_rest_end_as_they_are(lab: Lab, seconds: int) -> None:
    load = lab.load(lab.watch("in", store="s3"))
    other = lab.load(lab.watch("other", store="file"))
    for each in (load, other):
        each.small(20)
    lab.program.start()
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        for each in (load, other):
            each.rewrite()
            each.renamed()
        lab.pause(0.02)
    lab.check()
    assert ledger.in_directory(lab.objects)
