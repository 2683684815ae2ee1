from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from gwf.wire.agents import Heartbeat, HeartbeatAnswer, Registration
from gwf.wire.agenttasks import TaskExchange
from gwf.wire.outbox import OutboxBatch

AT = "2026-01-02T03:04:05.678Z"

REGISTRATION: dict[str, Any] = {
    "protocol": 1, "instance_id": "00000000-0000-4000-8000-000000000001", "hostname": "h", "version": "0.2.0",
    "started_at": AT,
}  # fmt: skip
METRICS = {
    "queued": 1, "sending": 0, "waiting": 0, "dead": 0, "done_total": 9, "failed_total": 1, "done_bytes_total": 2**40,
    "rss_bytes": 7, "cpu_pct": 1.5,
}  # fmt: skip
HEARTBEAT: dict[str, Any] = {
    "seq": 1, "sent_at": AT, "started_at": AT, "version": "0.2.0", "hostname": "h", "health": {"state": "ok"},
    "metrics": METRICS, "config": {"local": False},
}  # fmt: skip


def read(shape: type[Any], value: object) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value), type=shape)


def test_a_heartbeat_keeps_its_milliseconds() -> None:
    beat = read(Heartbeat, HEARTBEAT)
    assert beat.sent_at == datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
    assert read(Heartbeat, beat) == beat


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"seq": -1}, "$.seq"),
        ({"sent_at": "2026-01-02T03:04:05"}, "$.sent_at"),
        ({"labels": {"no good": "x"}}, "key` in `$.labels"),
        ({"labels": {"env": "x y"}}, "$.labels[...]"),
        ({"metrics": {**METRICS, "queued": "1"}}, "$.metrics.queued"),
        ({"health": {"state": "fine"}}, "$.health.state"),
        ({"config": {"local": False, "hash": "abc"}}, "$.config.hash"),
        ({"errors": [{"at": AT, "code": "x", "message": ""}] * 11}, "$.errors"),
    ],
)
def test_a_fault_of_a_heartbeat_is_named(change: dict[str, Any], place: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        read(Heartbeat, {**HEARTBEAT, **change})
    assert place.replace("key` in `", "") in str(caught.value)


def test_another_protocol_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="protocol"):
        read(Registration, {**REGISTRATION, "protocol": 2})


def test_an_instance_id_is_a_uuid_in_lower_case() -> None:
    with pytest.raises(msgspec.ValidationError, match="instance_id"):
        read(Registration, {**REGISTRATION, "instance_id": "ABC"})


def test_an_agent_passes_over_what_a_newer_centre_adds() -> None:
    answer = {"server_time": AT, "heartbeat_s": 30, "state": "online", "drain": False, "later": [1]}
    assert read(HeartbeatAnswer, answer).server_time - datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC) < timedelta(seconds=1)


def test_a_centre_passes_over_what_a_newer_agent_adds() -> None:
    health = {"state": "ok", "reasons": [{"code": "later", "params": {}, "more": {}}], "score": 1}
    beat = read(Heartbeat, {**HEARTBEAT, "health": health, "metrics": {**METRICS, "threads": 4}, "later": [1]})
    assert (beat.seq, beat.metrics.queued, beat.health.reasons[0].code) == (1, 1, "later")
    event = {"seq": 1, "at": AT, "kind": "file.later", "file": {"id": 1, "gen": 1, "more": 0}, "trace": "x"}
    assert read(OutboxBatch, {"epoch": "e", "events": [event], "packing": 2}).events[0].kind == "file.later"
    report = {"id": "t", "token": 1, "outcome": "failed", "summary": "s", "later": 1}
    told = read(TaskExchange, {"room": 1, "held": [{"id": "u", "token": 2, "later": 1}], "reports": [report]})
    assert (told.held[0].id, told.reports[0].summary) == ("u", "s")


def test_an_empty_batch_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="events"):
        read(OutboxBatch, {"epoch": "e", "events": []})
