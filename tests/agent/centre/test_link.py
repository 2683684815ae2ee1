from __future__ import annotations

import stat
from pathlib import Path

import pytest

from gwf.agent.centre.identity import FILE_NAME
from gwf.testing.fake_centre import TOKEN, CentreFaults, FakeCentre, fake_centre
from tests.agent.centre.host import Host
from tests.agent.waiting import stays, until


def test_an_edge_enrols_by_itself_and_says_how_it_is(host: Host, centre: FakeCentre) -> None:
    with host.running() as edge:
        until(lambda: edge.view().state == "connected" and len(centre.agent.heartbeats) >= 2)
        view = edge.view()
    agent = centre.agent
    assert (view.agent_id, view.tenant, view.enrolled) == (agent.agent_id, "default", True)
    (registration,) = agent.registrations
    assert registration.labels == {"env": "test", "site": "上海"}
    assert registration.address == "http://host.example:8080"
    first, second = agent.heartbeats[:2]
    assert (first.seq, second.seq) == (1, 2)
    assert first.hostname == "host"
    assert first.metrics.rss_bytes > 1_000_000
    assert first.config.hash is None
    assert not first.config.local


def test_the_identity_is_for_the_owner_only_and_is_kept(host: Host, centre: FakeCentre) -> None:
    with host.running() as edge:
        until(lambda: edge.view().state == "connected")
    assert stat.S_IMODE((host.place.data / FILE_NAME).stat().st_mode) == 0o600
    before = host.identity()
    with host.running() as edge:
        until(lambda: edge.view().state == "connected")
    assert host.identity() == before
    assert len(centre.agent.registrations) == 1


def test_a_wrong_token_is_said_once_and_files_are_carried(
    host: Host, centre: FakeCentre, caplog: pytest.LogCaptureFixture
) -> None:
    host.centre["enrolment_token"] = "not-the-token"
    host.place.write("a.log")
    with host.running() as edge:
        until(lambda: edge.view().state == "refused")
        assert edge.view().trouble_code == "enrolment_token_unknown"
        until(host.place.is_carried)
        assert "enrolment token" in edge.reasons()["centre_refused"]
        assert edge.state() == "degraded"
        edge.link._wake.set()
        until(lambda: len([1 for _, path, _ in centre.requests if path.endswith("/register")]) >= 2)
    assert sum(record.message == "centre_refused" for record in caplog.records) == 1
    assert not any("not-the-token" in record.getMessage() + str(record.__dict__) for record in caplog.records)


def test_a_token_may_be_put_into_its_file_later(host: Host, centre: FakeCentre, tmp_path: Path) -> None:
    del host.centre["enrolment_token"]
    host.centre["enrolment_token_file"] = str(tmp_path / "token")
    with host.running() as edge:
        until(lambda: edge.view().state == "refused")
        assert "cannot be read" in str(edge.view().trouble)
        (tmp_path / "token").write_text(f"{TOKEN}\nmore\n")
        edge.link._wake.set()
        until(lambda: edge.view().state == "connected")


def test_without_a_token_the_edge_says_what_to_do(host: Host) -> None:
    del host.centre["enrolment_token"]
    with host.running() as edge:
        until(lambda: "gwf centre enrol" in edge.reasons().get("centre_refused", ""))


def test_a_person_can_enrol_it(host: Host, centre: FakeCentre) -> None:
    del host.centre["enrolment_token"]
    with host.running() as edge:
        until(lambda: edge.view().state == "refused")
        assert edge.link.enrol(TOKEN).enrolled
        until(lambda: edge.view().state == "connected")


def test_an_edge_that_left_stays_away_until_a_person_enrols_it(host: Host, centre: FakeCentre) -> None:
    with host.running() as edge:
        until(lambda: edge.view().state == "connected")
        assert edge.link.leave().state == "left"
        beats = len(centre.agent.heartbeats)
    with host.running() as edge:
        stays(lambda: edge.view().state == "left" and len(centre.agent.heartbeats) <= beats + 1, for_s=0.5)
        assert "centre_refused" not in edge.reasons()
        edge.link.enrol(TOKEN)
        until(lambda: edge.view().state == "connected")
    assert len(centre.agents) == 1  # the same instance is the same agent


def test_a_centre_that_is_away_makes_the_edge_degraded_only_after_a_while(host: Host, centre: FakeCentre) -> None:
    host.centre["away_after"] = 0.5
    with host.running() as edge:
        until(lambda: edge.view().state == "connected")
        centre.faults = CentreFaults(status=500)
        until(lambda: edge.view().state == "away")
        assert "centre_away" not in edge.reasons()
        until(lambda: "centre_away" in edge.reasons())
        assert edge.state() == "degraded"
        host.place.write("a.log")
        until(host.place.is_carried)
        centre.faults = CentreFaults()
        until(lambda: edge.view().state == "connected" and "centre_away" not in edge.reasons())


def test_a_revoked_credential_is_told_and_the_edge_goes_on(host: Host, centre: FakeCentre) -> None:
    with host.running() as edge:
        until(lambda: edge.view().state == "connected")
        centre.tokens.clear()
        centre.agent.revoked = True
        until(lambda: edge.view().state == "refused")
        assert edge.view().trouble_code == "credential_revoked"
        host.place.write("a.log")
        until(host.place.is_carried)


def test_with_a_token_it_enrols_anew(host: Host, centre: FakeCentre) -> None:
    with host.running() as edge:
        until(lambda: edge.view().state == "connected")
        with centre.lock:
            centre.agent.credential = "something-else"
        until(lambda: edge.view().state == "refused")
        edge.link._wake.set()
        until(lambda: edge.view().state == "connected")
    assert len(centre.agent.registrations) == 2


def test_another_centre_is_enrolled_at_anew(host: Host, centre: FakeCentre) -> None:
    with host.running() as edge:
        until(lambda: edge.view().state == "connected")
    with fake_centre() as other:
        host.centre["url"] = other.url
        with host.running() as edge:
            until(lambda: edge.view().state == "connected")
        assert len(other.agent.registrations) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_wish_to_come_later_is_obeyed(host: Host, centre: FakeCentre, status: int) -> None:
    with host.running() as edge:
        until(lambda: edge.view().state == "connected")
        centre.faults = CentreFaults(status=status, retry_after_s=3600)
        until(lambda: edge.view().state == "away")
        asked = len(centre.requests)
        stays(lambda: len([1 for _, path, _ in centre.requests[asked:] if "heartbeat" in path]) == 0, for_s=0.7)


def test_a_hint_brings_the_heartbeat_forward(host: Host, centre: FakeCentre) -> None:
    centre.heartbeat_s = 600
    with host.running() as edge:
        until(lambda: edge.view().listening)
        beats = len(centre.agent.heartbeats)
        centre.hint += 1
        until(lambda: len(centre.agent.heartbeats) > beats)


def test_a_centre_without_a_stream_serves_as_well(host: Host, centre: FakeCentre) -> None:
    centre.has_stream = False
    with host.running() as edge:
        until(lambda: len(centre.agents) == 1 and len(centre.agent.heartbeats) > 3)
        assert not edge.view().listening


def test_an_address_that_leads_elsewhere_is_told(host: Host, centre: FakeCentre) -> None:
    host.centre["url"] = centre.url.replace("/ops", "/other")
    with host.running() as edge:
        until(lambda: edge.view().trouble is not None)
        assert edge.view().state in {"refused", "away"}
