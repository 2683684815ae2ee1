from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gwf.core.errors import InputError
from gwf.events.files import FileEventStatus
from gwf.events.model import Severity
from gwf.ingest.model import OutboxBatch, OutboxRow, RejectedRow, Sender
from gwf.ingest.outbox import lost_event, plausible, ready_batch

SENDER = Sender(tenant="default", agent_id="ag1", labels={"env": "prod"})


def row(seq: int, kind: str = "file.done", file_id: int | None = 5, **body: object) -> OutboxRow:
    content: Mapping[str, Any] = body or {"path": "/in/a"}
    return OutboxRow(seq, 1_700_000_000_000 + seq, kind, file_id, 1, content)


def ready(*rows: OutboxRow, faults: tuple[RejectedRow, ...] = ()) -> OutboxBatch:
    return ready_batch(SENDER, "e1", rows, faults=faults, lost_before=False)


def test_what_happened_to_files_becomes_file_events_and_the_rest_events() -> None:
    batch = ready(row(1), row(2, "alert.raised", None, code="disk_low"), row(3, "file.dead", path="/in/b"))
    assert [event.status for event in batch.files] == [FileEventStatus.DONE, FileEventStatus.DEAD]
    ((seq, event),) = batch.events
    assert (seq, event.id, event.type, event.source) == (2, "e1:2", "gwf.alert.raised", "/gwf/agents/ag1")
    assert (event.severity, event.labels, event.subject) == (Severity.ERROR, {"env": "prod"}, "disk_low")


def test_a_kind_about_a_file_that_nobody_knows_is_kept_as_an_event() -> None:
    ((_, event),) = ready(row(1, "file.blessed", 5, path="/in/a")).events
    assert (event.type, event.data) == ("gwf.file.blessed", {"path": "/in/a", "file_id": 5, "gen": 1})


def test_one_bad_row_is_kept_aside_and_the_others_are_taken() -> None:
    batch = ready(row(1), row(2, size_bytes="much"), row(3, path="a\0b"), row(4))
    assert [event.seq for event in batch.files] == [1, 4]
    assert [(item.seq, item.code) for item in batch.rejected] == [(2, "bad_event"), (3, "bad_event")]
    assert "size_bytes" in batch.rejected[0].message
    assert '"much"' in batch.rejected[0].content


def test_rows_that_could_not_be_read_count_as_part_of_the_row() -> None:
    batch = ready(row(1), row(3), faults=(RejectedRow(2, "unreadable", "kind: missing", "{}"),))
    assert (batch.first_seq, batch.last_seq) == (1, 3)


@pytest.mark.parametrize("seqs", [(1, 3), (1, 1), (1, 2, 4), ()])
def test_a_batch_with_a_hole_or_a_doubled_row_is_refused(seqs: tuple[int, ...]) -> None:
    with pytest.raises(InputError):
        ready(*map(row, seqs))


def test_too_much_data_is_kept_aside_within_bounds() -> None:
    batch = ready(row(1, "config.applied", None, text="x" * 70_000))
    assert batch.rejected[0].seq == 1
    assert len(batch.rejected[0].content) < 20_000


def test_lost_history_is_told_under_one_id() -> None:
    event = lost_event(SENDER, "e1", (11, 20), now_ms=5)
    assert (event.type, event.severity, event.agent_id) == ("gwf.outbox.lost", Severity.ERROR, "ag1")
    assert event.data == {"epoch": "e1", "first_seq": 11, "last_seq": 20, "events": 10}
    assert event.id == lost_event(SENDER, "e1", (11, 20), now_ms=9).id


def test_a_time_that_cannot_be_is_replaced_and_kept_beside_the_event() -> None:
    now_ms = 1_700_000_000_000
    for at_ms, claimed in ((now_ms + 90_000_000, "2023-11-15T23:13:20.000Z"), (-1, "1969-12-31T23:59:59.999Z")):
        found = plausible(row(1)._replace(at_ms=at_ms), now_ms=now_ms)
        assert (found.at_ms, found.body["claimed_time"]) == (now_ms, claimed)
    usual = row(1)._replace(at_ms=now_ms + 60_000)
    assert plausible(usual, now_ms=now_ms) == usual
