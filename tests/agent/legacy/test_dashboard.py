"""The console's data of an edge that runs: numbers, records, chart, switches and orders."""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gwf.agent.activity import POINTS, Activity
from gwf.agent.journal.reads import JournalReads
from gwf.agent.legacy.dashboard import Dashboard
from gwf.agent.legacy.desk import PathDesk
from gwf.agent.legacy.goview import go_view
from gwf.agent.snapshot import SnapshotSource
from gwf.core.clock import ManualClock
from gwf.core.errors import InputError
from gwf.core.settings.model import Settings
from tests.agent.edges import Place, running_edge
from tests.agent.waiting import until


@dataclass
class Console:
    """An edge, what shows it and what steers it."""

    place: Place
    dashboard: Dashboard
    desk: PathDesk
    clock: ManualClock

    def light(self) -> dict[str, Any]:
        self.clock.advance(2.0)
        body = self.dashboard.light()
        assert body.endswith(b"}\n")
        return dict(json.loads(body))

    def full(self) -> dict[str, Any]:
        self.clock.advance(2.0)
        return dict(json.loads(b"".join(self.dashboard.full())))

    def card(self, label: str) -> str:
        return next(str(card["value"]) for card in self.light()["metricCards"] if card["label"] == label)

    def status(self) -> dict[str, str]:
        return {line["name"]: line["status"] for line in self.full()["files"]}

    def until_carried(self, count: int) -> None:
        until(lambda: self.card("今日上传") == str(count))


@contextmanager
def console(base: Path, **watch: Any) -> Generator[Console]:
    place = Place(base)
    settings = place.settings(watch=watch or None)
    with running_edge(settings) as edge:
        reads = JournalReads(edge.journal.path, edge.clock)
        clock = ManualClock(now_ms=edge.clock.now_ms())
        snapshots = SnapshotSource(edge, reads, clock)
        view = go_view(settings)
        dashboard = Dashboard(edge, reads, snapshots=snapshots, clock=clock, view=lambda: view)
        try:
            yield Console(place, dashboard, PathDesk(edge), clock)
        finally:
            dashboard.close()
            reads.close()


def test_members_stand_in_the_order_of_the_go_version(tmp_path: Path) -> None:
    with console(tmp_path) as shown:
        order = [
            "heroCopy", "metricCards", "directoryTree", "files", "monitorNotes", "uploadRecords", "monitorSummary",
            "configSnapshot", "chartPoints",
        ]  # fmt: skip
        assert list(shown.light()) == list(shown.full()) == order
        assert (shown.light()["directoryTree"], shown.light()["files"]) == ([], [])
        assert [len(shown.light()[name]) for name in ("metricCards", "monitorNotes", "monitorSummary")] == [5, 4, 4]


def test_a_carried_file_leaves_two_records(tmp_path: Path) -> None:
    with console(tmp_path) as shown:
        shown.place.write("d/a.log")
        shown.until_carried(1)
        done, pending = shown.light()["uploadRecords"]
        assert (done["file"], done["result"], done["note"], done["size"]) == ("a.log", "success", "自动上传", "7 B")
        assert done["latency"].endswith(" ms")
        assert (pending["result"], pending["latency"], pending["note"]) == ("pending", "--", "自动入队")
        assert shown.status() == {"a.log": "uploaded"}
        assert shown.light()["chartPoints"][-1]["uploads"] == 1
        assert shown.light()["monitorSummary"][0]["value"] == "1/min"


def test_todays_numbers_outlive_the_process(tmp_path: Path) -> None:
    with console(tmp_path) as shown:
        shown.place.write("a.log")
        shown.until_carried(1)
    with console(tmp_path) as shown:
        assert shown.card("今日上传") == "1"
        assert len(shown.light()["uploadRecords"]) == 2


def test_a_switched_off_file_waits_and_an_order_sends_it(tmp_path: Path) -> None:
    with console(tmp_path) as shown:
        (shown.place.tree / "d").mkdir()
        shown.desk.switch(str(shown.place.tree / "d"), enabled=False, author="me")
        shown.place.write("d/held.log", "on.log")
        shown.until_carried(1)
        until(lambda: shown.status() == {"held.log": "queued", "on.log": "uploaded"})
        assert set(shown.place.stored()) == {"on.log"}
        wished = f" {shown.place.tree}/d/./held.log "
        assert shown.desk.send_now(wished, author="me") == str(shown.place.tree / "d" / "held.log")
        shown.until_carried(2)
        assert shown.place.is_carried()
        assert [record["note"] for record in shown.light()["uploadRecords"][:2]] == ["手动上传", "手动触发"]


def test_an_order_passes_every_filter(tmp_path: Path) -> None:
    with console(tmp_path, suffixes=[".log"], exclude=["cache"], min_size=1000) as shown:
        shown.place.write("cache/x.tmp")
        shown.desk.send_now(str(shown.place.tree / "cache" / "x.tmp"), author="me")
        shown.until_carried(1)
        assert set(shown.place.stored()) == {"cache/x.tmp"}


def test_a_switch_may_name_the_host(tmp_path: Path) -> None:
    with console(tmp_path) as shown:
        shown.place.write("d/a.log")
        shown.desk.switch(f"HOST{shown.place.tree}/d", enabled=False, author="me")
        until(lambda: shown.full()["files"] != [])
        assert not shown.full()["files"][0]["autoUpload"]


@pytest.mark.parametrize("path", ["/etc/passwd", "{tree}", "{tree}/missing", "{tree}/dir", "{tree}/fifo", "{tree}/\0"])
def test_an_order_for_anything_but_a_watched_file_is_refused(tmp_path: Path, path: str) -> None:
    with console(tmp_path) as shown:
        (shown.place.tree / "dir").mkdir()
        os.mkfifo(shown.place.tree / "fifo")
        with pytest.raises(InputError):
            shown.desk.send_now(path.format(tree=shown.place.tree), author="me")


def test_there_is_a_limit_to_switches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gwf.agent.legacy.desk.MAX_SWITCHES", 1)
    with console(tmp_path) as shown:
        shown.desk.switch("/a", enabled=False, author="me")
        shown.desk.switch("/a", enabled=True, author="me")
        with pytest.raises(InputError, match="too many"):
            shown.desk.switch("/b", enabled=False, author="me")
        for path in ("/\0", "/\ud800", "/a" * 4000):
            with pytest.raises(InputError, match="no file"):
                shown.desk.switch(path, enabled=False, author="me")


def test_the_chart_begins_with_six_points_and_keeps_few(tmp_path: Path) -> None:
    activity = Activity(ManualClock())
    assert [point.label for point in activity.points()][:2] == ["00:00", "04:00"]
    for _ in range(100):
        activity.mark()
    assert len(activity.points()) == POINTS


def test_the_words_of_the_go_version_are_made_of_our_settings(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {
            "stores": {"default": {"url": "oss://b", "region": "cn-hangzhou", "access_key": "a", "secret_key": "s"}},
            "agent": {
                "watch": [{"path": "/a", "suffixes": [".LOG"], "silence": 90}, {"path": "/b", "suffixes": [".log"]}],
                "transfer": {"workers": 7},
                "retry": {"max_attempts": 1},
            },
            "legacy_api": {"system": True},
        }
    )  # fmt: skip
    view = go_view(settings)
    assert view.snapshot() == {
        "watchDir": "/a,/b", "fileExt": ".log", "silence": "1m30s", "concurrency": "workers=7 / queue=100",
        "uploadRetryDelays": "", "uploadRetryEnabled": False, "systemResourceEnabled": True,
    }  # fmt: skip
    assert (view.endpoint, view.region) == ("oss://b", "cn-hangzhou")


@pytest.mark.parametrize(
    ("shown", "in_force", "text"),
    [("2秒", 2.0, "2秒"), ("soon", 10.0, "soon"), ("1min", 60.0, "1min"), ("1min", 30.0, "30s"), (None, 2.0, "2s")],
)
def test_a_text_is_shown_as_long_as_it_means_what_is_in_force(shown: str | None, in_force: float, text: str) -> None:
    settings = Settings.model_validate(
        {"agent": {"watch": [{"path": "/a", "silence": in_force}]}, "legacy_api": {"shown": {"silence": shown}}}
    )
    assert go_view(settings).silence == text
