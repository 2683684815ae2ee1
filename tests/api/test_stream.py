"""The event stream over a real socket."""

from __future__ import annotations

import itertools
import threading
import time

from tests.api.conftest import Port, open_port
from tests.api.fake_edge import FakeEdge


def test_a_change_reaches_the_reader_as_one_hint_per_topic(port: Port) -> None:
    with port.stream(Last_Event_ID=str(port.edge.revision)) as (_, lines):
        next(line for line in lines if line == "event: heartbeat")
        port.edge.arrive("/data/logs/new.log")
        hints = list(itertools.islice((line for line in lines if line.startswith('data: {"topic')), 2))
    assert hints == [f'data: {{"topic":"{topic}","version":{port.edge.revision}}}' for topic in ("overview", "files")]


def test_a_reader_that_is_up_to_date_gets_heartbeats_only(port: Port) -> None:
    with port.stream(Last_Event_ID=str(port.edge.revision)) as (_, lines):
        assert list(itertools.islice(lines, 7)) == [
            "retry: 2000", *[": heartbeat", "event: heartbeat", "data: {}"] * 2
        ]  # fmt: skip


def test_a_reader_with_an_old_id_is_told_at_once_and_given_the_new_id(port: Port) -> None:
    with port.stream(Last_Event_ID="0") as (_, lines):
        assert next(line for line in lines if line.startswith("id:")) == f"id: {port.edge.revision}"


def test_many_changes_make_few_hints(port: Port) -> None:
    seen: list[str] = []
    with port.stream() as (_, lines):
        next(line for line in lines if line.startswith("id:"))
        started, enough = time.monotonic(), threading.Event()

        def write() -> None:
            while not enough.is_set():
                port.edge.revision += 1

        writer = threading.Thread(target=write)
        writer.start()
        try:
            seen = list(itertools.islice((line for line in lines if line.startswith("id:")), 3))
        finally:
            enough.set()
            writer.join()
    assert len(set(seen)) == 3
    assert time.monotonic() - started >= 3 * 0.1 * 0.9


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
        assert (headers["X-Accel-Buffering"], headers["Cache-Control"]) == ("no", "no-cache")
