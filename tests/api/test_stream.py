"""The event stream over a real socket."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

from tests.api.conftest import Port, open_port
from tests.api.fake_edge import FakeEdge


def events(lines: Iterator[str]) -> Iterator[tuple[str, str, Any]]:
    """Yield name, id and body of each event but heartbeats."""
    name = place = ""
    for line in lines:
        key, _, value = line.partition(": ")
        if key == "event":
            name, place = value, ""
        elif key == "id":
            place = value
        elif key == "data" and name != "heartbeat":
            yield name, place, json.loads(value)


def hints(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    return ((place, body) for name, place, body in events(lines) if name == "hint")


def settled(port: Port) -> str:
    """Return the id behind everything that is told of `port` now."""
    with port.stream(path="/api/v1/stream?topics=files") as (_, lines):
        return next(place for place, body in hints(lines) if body["version"] == port.edge.revision)


def test_a_stream_begins_with_what_it_will_tell(port: Port) -> None:
    with port.stream() as (_, lines):
        name, _, body = next(events(lines))
    assert (name, body) == (
        "ready",
        {"topics": ["health", "files", "agents", "rollouts", "tasks", "flows", "alerts", "dlq"]},
    )  # anybody sees no audit


def test_a_change_reaches_the_reader_as_one_hint_per_topic(port: Port) -> None:
    with port.stream(Last_Event_ID=settled(port)) as (_, lines):
        port.edge.arrive("/data/logs/new.log")
        found = [body for _, body in itertools.islice(hints(lines), 2)]
    assert found == [{"topic": topic, "id": "", "version": port.edge.revision} for topic in ("health", "files")]


def test_a_reader_that_is_up_to_date_gets_heartbeats_only(port: Port) -> None:
    with port.stream(Last_Event_ID=settled(port)) as (_, lines):
        told = list(itertools.islice(lines, 10))
    assert told[:4] == [":", "retry: 2000", "event: ready", told[3]]
    assert told[4:] == [": heartbeat", "event: heartbeat", "data: {}"] * 2


def test_a_reader_who_comes_back_is_told_what_it_missed_once(port: Port) -> None:
    place = settled(port)
    port.edge.arrive("/data/logs/missed.log")
    with port.stream(Last_Event_ID=place) as (_, lines):
        first, second = itertools.islice(hints(lines), 2)
    assert {first[1]["topic"], second[1]["topic"]} == {"health", "files"}
    with port.stream(Last_Event_ID=first[0]) as (_, lines):
        assert next(hints(lines)) == second


def test_a_reader_of_another_process_or_run_asks_for_everything(port: Port) -> None:
    with port.stream(Last_Event_ID="00000000-17") as (_, lines):
        name, place, body = list(itertools.islice(events(lines), 2))[1]
    assert (name, body) == ("resync", {"reason": "unknown_id"})
    assert place


def test_only_topics_that_were_asked_for_are_told() -> None:
    with open_port(FakeEdge()) as port, port.stream(path="/api/v1/stream?topics=files") as (_, lines):
        assert next(hints(lines))[1]["topic"] == "files"
        port.edge.arrive("/data/logs/new.log")
        assert next(hints(lines))[1] == {"topic": "files", "id": "", "version": port.edge.revision}


def test_an_unknown_topic_is_named(port: Port) -> None:
    refused = port.ask("/api/v1/stream?topics=weather")
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/query/topics/0")


def test_many_changes_make_few_hints(port: Port) -> None:
    with port.stream(Last_Event_ID=settled(port), path="/api/v1/stream?topics=files") as (_, lines):
        started, enough = time.monotonic(), threading.Event()

        def write() -> None:
            while not enough.is_set():
                port.edge.revision += 1

        writer = threading.Thread(target=write)
        writer.start()
        try:
            seen = [body["version"] for _, body in itertools.islice(hints(lines), 3)]
        finally:
            enough.set()
            writer.join()
    assert len(set(seen)) == 3
    assert time.monotonic() - started >= 2 * 0.1 * 0.9


def test_stop_ends_open_streams_promptly() -> None:
    with open_port(FakeEdge()) as port, port.stream() as (_, lines):
        next(lines)
        started = time.monotonic()
        port.server.stop()
        assert sum(1 for _ in lines) < 100
        assert time.monotonic() - started < 2


def test_no_proxy_or_cache_may_hold_the_stream(port: Port) -> None:
    with port.stream() as (headers, _):
        assert headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert (headers["X-Accel-Buffering"], headers["Cache-Control"]) == ("no", "no-cache, no-transform")
