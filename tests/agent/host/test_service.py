from __future__ import annotations

from collections.abc import Iterator, Mapping

import psutil
import pytest

from gwf.agent.host.collector import HostCollector
from gwf.agent.host.service import Host, HostDisabledError
from gwf.agent.host.terminate import Waits
from gwf.core.errors import NotFoundError
from gwf.core.settings.legacyapi import LegacyApiSettings
from tests.agent.host.children import child
from tests.agent.host.views import process, view


class Desk:
    """A host with switches, and what it wrote down."""

    def __init__(self) -> None:
        self.rights = LegacyApiSettings()
        self.events: list[tuple[str, Mapping[str, object]]] = []
        self.collector = HostCollector(lambda: view)
        self.host = Host(
            self.collector,
            rights=lambda: self.rights,
            note=lambda kind, body: self.events.append((kind, body)),
            waits=Waits(grace_s=30, kill_s=30),
        )

    def allow(self, **rights: bool) -> None:
        self.rights = LegacyApiSettings(**rights)


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.collector.stop()


def test_all_is_off_until_it_is_switched_on(desk: Desk) -> None:
    for call in (desk.host.view, lambda: desk.host.environments([]), desk.host.check):
        with pytest.raises(HostDisabledError, match=r"legacy_api\.system"):
            call()
    desk.allow(system=True)
    assert desk.host.view().processes_total == 122
    with pytest.raises(HostDisabledError, match=r"legacy_api\.terminate"):
        desk.host.check(ending=True)


def test_ending_needs_both_switches(desk: Desk) -> None:
    desk.allow(terminate=True)
    with pytest.raises(HostDisabledError):
        desk.host.check(ending=True)
    desk.allow(system=True, terminate=True)
    desk.host.check(ending=True)


def test_environments_are_read_on_demand_and_masked(desk: Desk) -> None:
    with child("sleep", "300", env={"SHOP": "hz1", "DB_PASSWORD": "hunter22"}) as running:
        start_ms = round(psutil.Process(running.pid).create_time() * 1000)
        asked = [process(running.pid, started_at_ms=start_ms), process(2**22 + 7)]
        desk.allow(system=True)
        assert desk.host.environments(asked) == {running.pid: ["SHOP=******", "DB_PASSWORD=******"]}
        desk.allow(system=True, environment=True)
        assert desk.host.environments(asked) == {running.pid: ["SHOP=hz1", "DB_PASSWORD=******"]}
        assert desk.host.environments([process(running.pid, started_at_ms=1)]) == {}


def test_ending_a_process_is_written_down(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.allow(system=True, terminate=True)
    with child("sleep", "300") as running:
        done = desk.host.terminate(running.pid, force=False, author="li")
    assert done.signal == "TERM"
    assert desk.events == [
        (
            "process_terminated",
            {
                "pid": running.pid,
                "force": False,
                "author": "li",
                "program": "sleep",
                "command": "sleep 300",
                "signal": "TERM",
                "forced": False,
            },
        )
    ]
    assert "process_terminated" in caplog.messages


def test_a_refusal_is_logged_and_nothing_is_ended(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with child("sleep", "300") as running:
        with pytest.raises(HostDisabledError):
            desk.host.terminate(running.pid, force=True, author="li")
        assert running.poll() is None
    assert (desk.events, caplog.messages) == ([], ["process_not_terminated"])


def test_another_process_than_in_the_list_is_left_alone(desk: Desk) -> None:
    desk.allow(system=True, terminate=True)
    with child("sleep", "300") as running:
        desk.collector = HostCollector(lambda: lambda: view(processes=[process(running.pid, started_at_ms=1)]))
        host = Host(desk.collector, rights=lambda: desk.rights, note=lambda kind, body: None)
        host.view()
        with pytest.raises(NotFoundError):
            host.terminate(running.pid, force=True, author="li")
        assert running.poll() is None
