"""What people get wrong: one clear line with the key, secrets masked, and everything that works goes on."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.agent.waiting import until
from tests.chaos.lab import Lab
from tests.chaos.program import Program
from tests.conftest import ACCESS_KEY, BUCKET, SECRET_KEY

USAGE = 2  #: the exit code for input that cannot be used
UNAVAILABLE = 4
WRONG_SECRET = "not-the-right-one-9137"


def refused(program: Program, code: int = USAGE) -> list[str]:
    """Start, expect an end by itself with this exit code; return the lines of complaint."""
    program.spawn()
    assert program.ended() == code
    return [line for line in program.log.read_text().splitlines() if '"level":"info"' not in line]


def test_every_wrong_key_is_named_at_once_and_secrets_are_masked(lab: Lab) -> None:
    settings = lab.program.settings
    lab.watch("in", store="s3", silence="5 parsecs", sufixes=[".log"])
    settings["agent"]["watch"][0]["store"] = "nowhere"
    settings["agent"]["retry"] = {"base": "1 fortnight"}
    settings["stores"]["s3"]["secret_kee"] = WRONG_SECRET
    settings["stores"]["s3"]["part_size"] = "one bit"
    settings["colour"] = "red"
    lines = refused(lab.program)
    for key in (
        "agent.watch[0].silence",
        "agent.watch[0].sufixes",
        "agent.watch[0].store",
        "agent.retry.base",
        "stores.s3.secret_kee",
        "stores.s3.part_size",
        "colour",
    ):
        assert len([line for line in lines if f"{key}:" in line or f"{key} =" in line]) == 1, (key, lines)
    assert WRONG_SECRET not in "".join(lines)
    assert "gwfsecret12" not in "".join(lines)


def test_listen_address_that_is_taken(lab: Lab) -> None:
    lab.watch("in", store="s3")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        lab.program.settings["listen"] = f"127.0.0.1:{taken.getsockname()[1]}"
        (line,) = refused(lab.program, UNAVAILABLE)
    assert "listen" in line


def test_second_process_on_the_same_data_directory(lab: Lab) -> None:
    load = lab.load(lab.watch("in", store="s3"))
    lab.program.start()
    (line,) = refused(lab.another(), UNAVAILABLE)
    assert "another" in line
    assert lab.program.settings["data_dir"] in line
    load.small(20)
    assert lab.check().repeats == 0


def test_missing_directory_is_waited_for(lab: Lab) -> None:
    good = lab.load(lab.watch("good", store="s3"))
    missing = lab.home / "later" / "missing"
    root = lab.watch_path(missing, store="s3")
    lab.program.start()
    good.small(10)
    reason = until(lambda: lab.program.reasons().get("watch_missing"))
    assert reason is not None
    assert str(missing) in reason["message"]
    until(lambda: lab.program.queue()["done_total"] == 10)
    missing.mkdir(parents=True)
    lab.load(root).small(10)
    assert lab.check().files == 20
    assert "watch_missing" not in lab.program.reasons()


def test_broken_stores_do_not_hold_up_the_others(lab: Lab, rclone_url: str, sink_dir: Path) -> None:
    stores: dict[str, Any] = lab.program.settings["stores"]
    good_s3 = {**stores["s3"], "endpoint": rclone_url, "access_key": ACCESS_KEY, "secret_key": SECRET_KEY}
    stores["wrongkey"] = {**good_s3, "url": f"s3://{BUCKET}", "secret_key": WRONG_SECRET}
    stores["nobucket"] = {**good_s3, "url": "s3://no-such-bucket"}
    stores["refused"] = {**good_s3, "url": f"s3://{BUCKET}", "endpoint": f"http://127.0.0.1:{free_port()}"}
    stores["nodir"] = {"url": f"file://{sink_dir}/a-file/objects"}
    (sink_dir / "a-file").write_text("stands in the way")
    causes = {"wrongkey": "auth", "nobucket": "not_found", "refused": "network", "nodir": ""}
    for name in causes:
        lab.roots[name] = []
        lab.load(lab.watch(f"to-{name}", store=name)).small(3)
    load = lab.load(lab.watch("good", store="file"))
    load.small(20)
    lab.program.start()
    until(lambda: len(lab.program.get("/api/v1/files?state=done")["items"]) == 20)

    def broken() -> dict[str, dict[str, Any]] | None:
        found = {view["name"]: view["reason"] for view in lab.program.get("/api/v1/overview")["stores"]}
        return found if all(found[name] for name in causes) else None

    reasons = until(broken)
    assert reasons is not None
    for name, cause in causes.items():
        assert reasons[name]["params"]["why"].startswith(cause), reasons[name]
        assert name in reasons[name]["message"]
    assert lab.program.status("/ready") == 200, "one store works, so the process is fit for work"
    assert lab.program.queue()["dead"] == 0
    told = lab.program.log.read_text() + str(lab.program.get("/api/v1/overview"))
    assert WRONG_SECRET not in told
    assert SECRET_KEY not in told
    (sink_dir / "a-file").unlink()
    (sink_dir / "a-file").mkdir()
    until(lambda: lab.program.queue()["done_total"] == 23)


def test_store_directory_that_may_not_be_written(lab: Lab) -> None:
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("NOT TESTED: without setpriv root may write everywhere")
        lab.wrap(("setpriv", "--bounding-set=-all", "--inh-caps=-all"))
    lab.objects.mkdir(mode=0o500)
    lab.load(lab.watch("in", store="file")).small(10)
    lab.program.start()
    reason = until(lambda: lab.program.reasons().get("breaker_open"))
    assert reason is not None
    assert str(lab.objects) in reason["message"]
    assert lab.program.queue()["dead"] == 0
    lab.objects.chmod(0o700)
    lab.check()


@pytest.fixture
def sink_dir(tmp_path: Path) -> Path:
    path = tmp_path / "broken"
    path.mkdir()
    return path


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
