"""Identity, attempts, batches, hints and verdicts."""

from __future__ import annotations

import json
import logging
import stat
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.agent.centre.attempts import FILE_NAME as ATTEMPTS
from gwf.agent.centre.attempts import MAX_FAILED, AttemptFile, Attempts, Offered
from gwf.agent.centre.batch import MAX_EVENT_BYTES, batch_of
from gwf.agent.centre.heartbeat import code_of, fitting, fitting_labels, instant, recent_error
from gwf.agent.centre.hints import hints
from gwf.agent.centre.identity import FILE_NAME, Identity, IdentityFile
from gwf.agent.centre.verdict import marks_of, worse
from gwf.agent.journal.reporting import Told
from gwf.core.errors import CorruptDataError, LocalIoError
from gwf.wire.agents import (
    MAX_HEARTBEAT_BYTES,
    AgentHealth,
    AttemptProblem,
    HealthReason,
    Heartbeat,
    LabelValue,
    MetricsSnapshot,
    RecentError,
    RunningConfig,
)
from gwf.wire.edge import Reason
from gwf.wire.outbox import MAX_BATCH_BYTES, OutboxBatch

OFFERED = Offered(hash="sha256:" + "a" * 64, version_id="v", attempt_id="t", document={"agent": {}})


def told(number: int, body: dict[str, object] | None = None, kind: str = "file.done") -> Told:
    return Told(number=number, at_ms=1_700_000_000_123, kind=kind, file=(7, 1), body=body or {})


def test_an_identity_is_made_once(tmp_path: Path) -> None:
    first = IdentityFile(tmp_path).ensure()
    assert IdentityFile(tmp_path).ensure() == first
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


def test_a_credential_is_shown_nowhere() -> None:
    assert "very-secret" not in repr(Identity(instance_id="x", credential="very-secret"))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"instance_id": 5}', b'{"instance_id": "no uuid"}', b"\xff\xfe"]
)
def test_a_damaged_identity_is_set_aside(tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(CorruptDataError):
        IdentityFile(tmp_path).find()
    assert IdentityFile(tmp_path).ensure().credential == ""
    assert (tmp_path / f"{FILE_NAME}.damaged").read_bytes() == content


def test_an_identity_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(LocalIoError):
        IdentityFile(tmp_path / "nowhere").ensure()


def test_attempts_survive_and_are_for_the_owner_only(tmp_path: Path) -> None:
    attempts = Attempts().trying(OFFERED, before=3)
    AttemptFile(tmp_path).write(attempts)
    assert AttemptFile(tmp_path).load() == attempts
    assert stat.S_IMODE((tmp_path / ATTEMPTS).stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"running": 5}', b'{"failed": [{}]}', b"\xff"])
def test_damaged_attempts_are_set_aside(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ATTEMPTS).write_bytes(content)
    assert AttemptFile(tmp_path).load() == Attempts()
    assert (tmp_path / f"{ATTEMPTS}.damaged").read_bytes() == content


def test_a_trial_that_nobody_saw_end_has_failed() -> None:
    after = Attempts().trying(OFFERED, before=3).interrupted(at_ms=5)
    assert after.trial is None
    failure = after.failure_of(OFFERED.hash)
    assert failure is not None
    assert failure.reason[0].code == "interrupted"
    assert [report.phase for report in after.reports] == ["failed"]
    assert after.interrupted(at_ms=6) == after


def test_the_newest_failures_are_remembered() -> None:
    attempts = Attempts()
    for number in range(MAX_FAILED + 20):
        offered = Offered(hash=f"h{number}", version_id="", attempt_id="", document={})
        attempts = attempts.failing(offered, "failed", [], at_ms=number)
    assert len(attempts.failed) == MAX_FAILED
    assert attempts.failure_of("h119") is not None
    assert attempts.failure_of("h19") is None


def test_a_batch_is_what_the_centre_reads() -> None:
    batch = batch_of("epoch", [told(5, {"path": "/a"}), told(6)], lost_before=True)
    read = msgspec.json.decode(batch.content, type=OutboxBatch)
    assert [event.seq for event in read.events] == [5, 6]
    assert read.lost_before
    assert read.events[0].body == {"path": "/a"}
    assert (batch.first, batch.last, batch.events) == (5, 6, 2)


def test_a_batch_stays_within_its_bytes_and_skips_nothing() -> None:
    many = [told(number, {"text": "x" * 10_000}) for number in range(1, 1000)]
    batch = batch_of("epoch", many, lost_before=False)
    assert len(batch.content) <= MAX_BATCH_BYTES
    assert batch.last == batch.events < 999


def test_an_event_that_is_too_large_still_says_what_it_is_about() -> None:
    batch = batch_of("epoch", [told(1, {"path": "/a", "text": "x" * MAX_EVENT_BYTES})], lost_before=False)
    (event,) = msgspec.json.decode(batch.content, type=OutboxBatch).events
    assert event.body == {"path": "/a", "truncated": True}


@pytest.mark.parametrize("value", ["half \udc80 a pair", {"deep": ["\ud800"]}, 2**200, -(2**70), float("nan"), None])
def test_whatever_a_body_holds_it_can_be_sent(value: object) -> None:
    batch = batch_of("epoch", [told(1, {"path": "/a", "value": value})], lost_before=False)
    (event,) = msgspec.json.decode(batch.content, type=OutboxBatch).events
    assert event.body["path"] == "/a"


@given(st.lists(st.binary(max_size=40)))
def test_hints_are_read_from_any_bytes(pieces: list[bytes]) -> None:
    assert all(isinstance(hint, str) for hint in hints(pieces))


def test_hints_are_read_over_the_borders_of_pieces() -> None:
    text = b": here\n\nevent: config\ndata: config\n\ndata:tasks\r\n\r\n"
    for size in range(1, len(text)):
        assert list(hints(text[at : at + size] for at in range(0, len(text), size))) == ["config", "tasks"]


@given(st.dictionaries(st.text(max_size=80), st.text(max_size=300), max_size=80))
def test_labels_are_cut_to_what_a_centre_takes(labels: dict[str, str]) -> None:
    for value in fitting_labels(labels).values():
        msgspec.convert(value, LabelValue)
    msgspec.convert(fitting_labels(labels), Heartbeat.__annotations__ and dict[str, str])


@given(st.text(), st.dictionaries(st.text(max_size=20), st.text(st.characters(codec=None)) | st.integers()))
def test_any_failure_can_be_told(text: str, body: dict[str, Any]) -> None:
    error = recent_error(0, {**body, "error_class": text})
    msgspec.json.decode(msgspec.json.encode(error), type=RecentError)
    assert code_of(text)


def test_a_heartbeat_stays_within_its_bytes_and_keeps_its_numbers() -> None:
    now = instant(1_700_000_000_000)
    metrics = MetricsSnapshot(
        queued=1,
        sending=0,
        waiting=0,
        dead=0,
        done_total=5,
        failed_total=0,
        done_bytes_total=9,
        rss_bytes=1,
        cpu_pct=0.0,
    )
    errors = [RecentError(at=now, code="x", message="火" * 2000, path="/火" * 2000) for _ in range(10)]
    reasons = [HealthReason(code="breaker_open", params={"why": "火" * 500}) for _ in range(50)]
    beat = Heartbeat(
        seq=1, sent_at=now, started_at=now, version="1", hostname="h", metrics=metrics, errors=errors,
        health=AgentHealth(state="failing", reasons=reasons), config=RunningConfig(local=False),
        breakers={f"store-{number}" + "x" * 180: "open" for number in range(200)},
    )  # fmt: skip
    small = fitting(beat)
    assert len(msgspec.json.encode(small)) <= MAX_HEARTBEAT_BYTES
    assert (small.metrics, small.health.state, len(small.health.reasons)) == (metrics, "failing", 50)


def reason(code: str, **params: str) -> Reason:
    return Reason(code=code, params=params, message=f"{code} happened")


def test_what_was_wrong_before_is_not_the_fault_of_a_configuration() -> None:
    before = marks_of([reason("breaker_open", store="a")])
    assert worse(before, [reason("store_unreachable", store="a"), reason("dead_letters", files="5")]) == []


def test_what_is_wrong_only_now_is_told_with_its_place() -> None:
    found = worse(marks_of([reason("breaker_open", store="a")]), [reason("breaker_open", store="b")])
    assert [(item.pointer, item.code) for item in found] == [("/stores/b", "health.breaker_open")]
    assert json.loads(msgspec.json.encode(found))
    assert isinstance(found[0], AttemptProblem)
