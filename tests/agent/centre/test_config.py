from __future__ import annotations

from typing import Any

import pytest

from gwf.control.config.canonical import hash_of
from gwf.testing.fake_centre import CentreFaults, FakeCentre
from tests.agent.centre.host import Host, Running
from tests.agent.waiting import stays, until

SLOWER: dict[str, Any] = {"agent": {"retry": {"base": 7.5, "cap": 600.0}}}
#: valid, but nothing answers there
POISON: dict[str, Any] = {
    "stores": {"default": {"url": "s3://bkt", "endpoint": "http://127.0.0.1:9", "access_key": "k" * 8,
                           "secret_key": "s" * 8, "region": "eu", "connect_timeout": 1.0}},
}  # fmt: skip


def offer(centre: FakeCentre, document: dict[str, Any], **more: str) -> tuple[str, str]:
    hash_ = hash_of(document)
    return hash_, centre.want(hash_, document, **more)


def phases(centre: FakeCentre, attempt_id: str) -> list[str]:
    return [report.phase for known, report in centre.agent.reports if known == attempt_id]


def reasons(centre: FakeCentre, attempt_id: str) -> list[tuple[str, str]]:
    reports = [report for known, report in centre.agent.reports if known == attempt_id]
    return [(item.pointer, item.code) for item in reports[-1].reason]


def connected(edge: Running) -> None:
    until(lambda: edge.view().state == "connected")


def ran(centre: FakeCentre) -> str | None:
    return centre.agent.heartbeats[-1].config.hash


def test_a_configuration_is_staged_applied_and_reported(host: Host, centre: FakeCentre) -> None:
    with host.running() as edge:
        connected(edge)
        hash_, attempt = offer(centre, SLOWER)
        until(lambda: phases(centre, attempt) == ["staged", "applied"])
        assert edge.config.settings().agent.retry.base == 7.5
        assert edge.config.current().source == "centre"
        until(lambda: ran(centre) == hash_)
        assert not centre.agent.heartbeats[-1].config.local
        assert edge.view().config_hash == hash_


def test_it_runs_after_a_restart_and_while_the_centre_is_away(host: Host, centre: FakeCentre) -> None:
    with host.running() as edge:
        connected(edge)
        hash_, attempt = offer(centre, SLOWER)
        until(lambda: "applied" in phases(centre, attempt))
    centre.faults = CentreFaults(status=500)
    with host.running() as edge:
        assert edge.config.settings().agent.retry.base == 7.5
        assert edge.view().config_hash == hash_
        assert not edge.view().config_local


def test_what_the_host_does_not_allow_is_refused_as_a_whole(host: Host, centre: FakeCentre) -> None:
    with host.running() as edge:
        connected(edge)
        _, attempt = offer(centre, {**SLOWER, "listen": "0.0.0.0:1", "agent": {"watch": [{"path": "/etc"}]}})
        until(lambda: phases(centre, attempt) == ["failed"])
        assert reasons(centre, attempt) == [("/listen", "local_only")]
        assert edge.config.settings().agent.retry.base != 7.5
        assert "centre_config_failed" in edge.reasons()
        assert "config_refused" not in edge.reasons()


def test_a_document_that_its_hash_does_not_name_is_refused(host: Host, centre: FakeCentre) -> None:
    with host.running() as edge:
        connected(edge)
        attempt = centre.want(hash_of({}), SLOWER)
        until(lambda: phases(centre, attempt) == ["failed"])
        assert reasons(centre, attempt) == [("", "hash_mismatch")]


def test_poison_is_taken_back_and_never_tried_again(host: Host, centre: FakeCentre) -> None:
    with host.running() as edge:
        connected(edge)
        before = edge.config.settings()
        _, attempt = offer(centre, POISON)
        until(lambda: phases(centre, attempt) == ["staged", "reverted"], within_s=40)
        assert ("/stores/default", "health.breaker_open") in reasons(centre, attempt)
        assert edge.config.settings() == before
        assert ran(centre) is None
        host.place.write("a.log")
        until(host.place.is_carried)
        until(lambda: "centre.config_failed" in [event.kind for event in centre.agent.all_events()])
        version = edge.config.current().number
    with centre.lock:
        centre.agent.reports.clear()  # a centre that forgot what it was told offers it again
    with host.running() as edge:
        connected(edge)
        until(lambda: phases(centre, attempt) == ["reverted"])
        assert edge.config.settings() == before
        assert edge.config.current().number == version


def test_a_failure_that_the_centre_does_not_know_is_told_for_any_attempt(host: Host, centre: FakeCentre) -> None:
    with host.running() as edge:
        connected(edge)
        centre.faults = CentreFaults(status=503, only="config-attempts")
        _, attempt = offer(centre, {"listen": "0.0.0.0:1"})
        until(lambda: host.attempts().failed)
        _, again = offer(centre, {"listen": "0.0.0.0:1"})
        until(lambda: len(host.attempts().reports) == 2)
        centre.faults = CentreFaults()
        until(lambda: phases(centre, attempt) == phases(centre, again) == ["failed"])
        assert [code for _, code in reasons(centre, again)] == ["failed_before", "local_only"]


def test_a_person_may_have_it_tried_again_once_the_cause_is_gone(host: Host, centre: FakeCentre) -> None:
    host.centre["allow_paths"] = [str(host.place.base)]
    document = {"agent": {"watch": [{"path": str(host.place.base / "later")}]}}
    with host.running() as edge:
        connected(edge)
        _, attempt = offer(centre, document)
        until(lambda: phases(centre, attempt) == ["staged", "reverted"])
        (host.place.base / "later").mkdir()
        _, again = offer(centre, document)
        until(lambda: phases(centre, again) == ["staged", "applied"])
        assert host.attempts().failed == ()


def test_an_edge_that_was_not_well_before_is_not_asked_to_be_better(host: Host, centre: FakeCentre) -> None:
    host.agent["watch"] = {"path": str(host.place.base / "missing")}
    host.agent = {"labels": {}}
    host.place.tree.rmdir()
    with host.running() as edge:
        connected(edge)
        until(lambda: "watch_missing" in edge.reasons())
        _, attempt = offer(centre, SLOWER)
        until(lambda: phases(centre, attempt) == ["staged", "applied"])


def test_a_watched_directory_that_is_missing_is_taken_back(host: Host, centre: FakeCentre) -> None:
    host.centre["allow_paths"] = [str(host.place.base)]
    with host.running() as edge:
        connected(edge)
        _, attempt = offer(centre, {"agent": {"watch": [{"path": str(host.place.base / "nowhere")}]}})
        until(lambda: phases(centre, attempt) == ["staged", "reverted"])
        assert reasons(centre, attempt) == [("/agent/watch", "health.watch_missing")]


def test_a_change_on_the_host_is_told_as_drift_and_taken_back_by_an_offer(host: Host, centre: FakeCentre) -> None:
    with host.running() as edge:
        connected(edge)
        _, attempt = offer(centre, SLOWER)
        until(lambda: "applied" in phases(centre, attempt))
        with centre.lock:
            centre.agent.wanted = None

        def change(document: dict[str, Any]) -> dict[str, Any]:
            document["agent"]["retry"]["base"] = 3
            return document

        edge.config.edit(change, author="li wei", reason="", source="api")
        until(lambda: centre.agent.heartbeats[-1].config.local)
        _, again = offer(centre, SLOWER)
        until(lambda: "applied" in phases(centre, again))
        assert edge.config.settings().agent.retry.base == 7.5


def test_reports_wait_for_the_centre(host: Host, centre: FakeCentre) -> None:
    with host.running() as edge:
        connected(edge)
        centre.faults = CentreFaults(status=503, only="config-attempts")
        hash_, attempt = offer(centre, SLOWER)
        until(lambda: ran(centre) == hash_)
    assert not phases(centre, attempt)
    centre.faults = CentreFaults()
    with host.running():
        until(lambda: phases(centre, attempt)[-1:] == ["applied"])


def test_a_trial_that_a_restart_ends_is_no_failure(host: Host, centre: FakeCentre) -> None:
    host.centre["confirm_for"] = 600
    with host.running() as edge:
        connected(edge)
        _, attempt = offer(centre, SLOWER)
        until(lambda: edge.config.settings().agent.retry.base == 7.5)
    assert host.attempts().trial is None
    host.centre["confirm_for"] = 0.2
    with host.running() as edge:
        assert edge.config.settings().agent.retry.base != 7.5
        until(lambda: phases(centre, attempt)[-1:] == ["applied"])


def test_without_take_config_offers_are_left_alone(host: Host, centre: FakeCentre) -> None:
    host.centre["take_config"] = False
    with host.running() as edge:
        connected(edge)
        offer(centre, SLOWER)
        beats = len(centre.agent.heartbeats)
        until(lambda: len(centre.agent.heartbeats) > beats + 3)
        stays(lambda: edge.config.settings().agent.retry.base != 7.5, for_s=0.3)


def test_what_the_host_allows_no_more_is_out_of_force_after_a_restart(host: Host, centre: FakeCentre) -> None:
    other = host.place.base / "other"
    other.mkdir()
    host.centre["allow_paths"] = [str(other)]
    with host.running() as edge:
        connected(edge)
        _, attempt = offer(centre, {"agent": {"watch": [{"path": str(other)}]}})
        until(lambda: "applied" in phases(centre, attempt))
    host.centre["allow_paths"] = []
    with host.running() as edge:
        assert [watch.path for watch in edge.config.settings().agent.watch] == [host.place.tree]
        assert "config_refused" in edge.reasons()


@pytest.mark.parametrize(
    "document", [{"agent": {"retry": {"base": "soon"}}}, {"agent": 5}, {"stores": {"x": {"url": "nowhere"}}}]
)
def test_a_wrong_document_is_told_by_its_places(host: Host, centre: FakeCentre, document: dict[str, Any]) -> None:
    with host.running() as edge:
        connected(edge)
        _, attempt = offer(centre, document)
        until(lambda: phases(centre, attempt) == ["failed"])
        assert reasons(centre, attempt)[0][0] != ""
