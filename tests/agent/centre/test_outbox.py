from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gwf.testing.fake_centre import CentreFaults, FakeAgent, FakeCentre, fake_centre
from tests.agent.centre.host import Host, Running
from tests.agent.waiting import stays, until


def kinds(agent: FakeAgent) -> list[str]:
    return [event.kind for event in agent.all_events()]


def paths(agent: FakeAgent) -> list[str]:
    return [Path(event.body["path"]).name for event in agent.all_events() if event.kind == "file.done"]


def told(host: Host) -> int:
    with closing(sqlite3.connect(host.place.data / "journal.db")) as journal:
        return int(journal.execute("SELECT max(seq) FROM outbox").fetchone()[0])


def has_all(edge: Running) -> bool:
    view = edge.view()
    return view.state == "connected" and view.events_waiting == 0 and (view.events_sent_total > 0)


def numbers(agent: FakeAgent) -> bool:
    """Tell whether each event arrived exactly once and in order."""
    return all(
        [event.seq for event in events] == list(range(events[0].seq, events[0].seq + len(events)))
        for events in agent.events.values()
    )


def test_every_event_arrives_once_and_in_order(host: Host, centre: FakeCentre) -> None:
    host.place.write(*[f"row-{number}.log" for number in range(50)])
    with host.running():
        until(host.place.is_carried)
        until(lambda: len(paths(centre.agent)) == 50)
    agent = centre.agent
    assert numbers(agent)
    assert sorted(paths(agent)) == sorted(f"row-{number}.log" for number in range(50))
    done = next(event for event in agent.all_events() if event.kind == "file.done")
    assert {"path", "store", "key", "size_bytes", "sha256"} <= done.body.keys()
    assert done.file is not None


def test_answers_that_get_lost_double_nothing(host: Host, centre: FakeCentre) -> None:
    host.place.write(*[f"row-{number}.log" for number in range(20)])
    with host.running() as edge:
        until(lambda: edge.view().state == "connected")
        centre.faults = CentreFaults(lose_answers=True, only="outbox")
        until(lambda: any(path.endswith("outbox") for _, path, _ in centre.requests))
        centre.faults = CentreFaults()
        until(lambda: len(paths(centre.agent)) == 20)
        until(lambda: has_all(edge))
    assert numbers(centre.agent)
    assert len(centre.agent.events) == 1


def test_what_happens_while_the_centre_is_away_arrives_later(host: Host, tmp_path: Path) -> None:
    with fake_centre() as centre:
        host.centre["url"] = centre.url
        with host.running() as edge:
            until(lambda: edge.view().state == "connected")
    port = int(centre.url.split(":")[2].split("/")[0])
    host.place.write("while-away.log")
    with host.running() as edge:
        until(host.place.is_carried)
        until(lambda: edge.view().state == "away")
    with host.running() as edge, fake_centre(centre, port=port):
        until(lambda: edge.view().state == "connected", within_s=70)
        until(lambda: paths(centre.agent) == ["while-away.log"])
    assert numbers(centre.agent)
    assert len(centre.agent.events) == 1


def test_events_of_before_are_kept_until_the_centre_has_them(host: Host, centre: FakeCentre) -> None:
    centre.faults = CentreFaults(status=503, retry_after_s=1, only="outbox")
    host.place.write("a.log", "b.log")
    with host.running():
        until(host.place.is_carried)
    with closing(sqlite3.connect(host.place.data / "journal.db")) as journal:
        kept = int(journal.execute("SELECT value FROM facts WHERE name='report_kept'").fetchone()[0])
        assert kept < told(host)
    centre.faults = CentreFaults()
    with host.running() as edge:
        until(lambda: has_all(edge))
    assert sorted(paths(centre.agent)) == ["a.log", "b.log"]


def test_a_centre_that_was_set_back_gets_again_what_it_lost(host: Host, centre: FakeCentre) -> None:
    host.place.write("a.log", "b.log")
    with host.running() as edge:
        until(lambda: len(paths(centre.agent)) == 2 and has_all(edge))
        with centre.lock:
            (epoch,) = centre.agent.events
            del centre.agent.events[epoch][1:]
        host.place.write("c.log")
        until(lambda: sorted(paths(centre.agent)) == ["a.log", "b.log", "c.log"])
    assert numbers(centre.agent)


def test_a_rebuilt_journal_is_another_one_for_the_centre(host: Host, centre: FakeCentre) -> None:
    host.place.write("a.log")
    with host.running() as edge:
        until(lambda: paths(centre.agent) == ["a.log"] and has_all(edge))
    (host.place.data / "journal.db").write_bytes(b"no database" * 1000)
    for ending in ("-wal", "-shm"):
        (host.place.data / f"journal.db{ending}").unlink(missing_ok=True)
    host.place.write("b.log")
    with host.running() as edge:
        until(lambda: "b.log" in paths(centre.agent))
    assert len(centre.agent.events) == 2
    assert numbers(centre.agent)


def test_a_journal_that_went_back_in_time_is_another_one_for_the_centre(host: Host, centre: FakeCentre) -> None:
    host.place.write("a.log")
    with host.running() as edge:
        until(lambda: paths(centre.agent) == ["a.log"] and has_all(edge))
    with closing(sqlite3.connect(host.place.data / "journal.db")) as journal:
        journal.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = (host.place.data / "journal.db").read_bytes()
    host.place.write("b.log", "c.log")
    with host.running() as edge:
        until(lambda: len(paths(centre.agent)) == 3 and has_all(edge))
    for ending in ("-wal", "-shm"):
        (host.place.data / f"journal.db{ending}").unlink(missing_ok=True)
    (host.place.data / "journal.db").write_bytes(before)
    host.place.write("d.log")
    with host.running() as edge:
        until(lambda: "d.log" in paths(centre.agent))
    assert len(centre.agent.events) == 2


def test_events_are_given_up_only_past_their_bound_and_never_silently(host: Host, centre: FakeCentre) -> None:
    host.centre["keep_events"] = "1MiB"
    centre.faults = CentreFaults(status=503, only="outbox")
    with host.running() as edge:
        until(lambda: edge.view().state == "connected")
        for _ in range(1100):
            edge.edge.tell("alert.raised", {"text": "x" * 1000})
        until(lambda: edge.view().events_dropped_total > 0)
        assert {"centre_backlog", "centre_events_dropped"} <= edge.reasons().keys()
        assert "centre_backlog" in edge.edge.alarms.raised()
        centre.faults = CentreFaults()
        until(lambda: has_all(edge), within_s=60)
        until(lambda: "centre_events_dropped" not in edge.reasons())
        dropped = edge.view().events_dropped_total
    agent = centre.agent
    assert agent.gaps
    assert sum(last - first + 1 for first, last in agent.gaps) == dropped
    facts = [event.body for event in agent.all_events() if event.kind == "report.dropped"]
    assert sum(body["events"] for body in facts) == dropped


def test_an_event_that_the_centre_will_never_take_holds_up_no_other(host: Host, centre: FakeCentre) -> None:
    centre.faults = CentreFaults(reject_kind="file.vanished")
    with host.running() as edge:
        until(lambda: edge.view().state == "connected")
        edge.edge.tell("file.vanished", {"path": "/x"})
        edge.edge.tell("alert.cleared", {"code": "y"})
        until(lambda: "alert.cleared" in kinds(centre.agent))
        until(lambda: edge.view().events_rejected_total == 1)


@pytest.mark.parametrize("status", [400, 413])
def test_a_batch_that_is_refused_as_a_whole_is_sent_in_smaller_ones(
    host: Host, centre: FakeCentre, status: int
) -> None:
    with host.running() as edge:
        until(lambda: edge.view().state == "connected")
        centre.faults = CentreFaults(status=status, only="outbox")
        for number in range(3):
            edge.edge.tell("alert.raised", {"n": number})
        until(lambda: edge.view().events_rejected_total > 0, within_s=60)
        centre.faults = CentreFaults()
        edge.edge.tell("alert.cleared", {"code": "y"})
        until(lambda: "alert.cleared" in kinds(centre.agent))
        until(lambda: has_all(edge))


def test_an_edge_may_keep_its_events_for_itself(host: Host, centre: FakeCentre) -> None:
    host.centre["report_events"] = False
    host.place.write("a.log")
    with host.running() as edge:
        until(host.place.is_carried)
        until(lambda: len(centre.agent.heartbeats) > 2)
        assert edge.view().events_waiting is None
    assert centre.agent.heartbeats[-1].outbox is None
    assert not centre.agent.events


def test_after_leaving_nothing_more_is_told(host: Host, centre: FakeCentre) -> None:
    with host.running() as edge:
        until(lambda: has_all(edge) or edge.view().state == "connected")
        edge.link.leave()
        count = len(centre.agent.all_events())
        host.place.write("a.log")
        until(host.place.is_carried)
        stays(lambda: len(centre.agent.all_events()) <= count + 2, for_s=1.2)
        assert "a.log" not in paths(centre.agent)
