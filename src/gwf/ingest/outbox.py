"""Turns the rows of an agent's outbox into file events and events; what does not fit is kept aside. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence

from gwf.core.clock import utc_text
from gwf.core.errors import ConflictError, InputError
from gwf.events.files import STATUS_OF_KIND, FileEvent, Told, file_event
from gwf.events.kinds import event_type, severity_of, subject_of
from gwf.events.model import (
    FAST_CLOCK_MS,
    MAX_DATA_BYTES,
    MAX_SUBJECT_CHARS,
    Event,
    Severity,
    agent_source,
    is_storable,
)
from gwf.events.raised import centre_event
from gwf.ingest.model import OutboxBatch, OutboxRow, RejectedRow, Sender

MAX_KEPT_CHARS = 16_384  #: of a rejected row


class OutboxGapError(ConflictError):
    """The batch does not follow what is stored; the agent goes on from `expected_seq`."""

    code = "outbox_gap"

    def __init__(self, expected_seq: int) -> None:
        """Name the sequence that is wanted next."""
        super().__init__("this batch does not follow what is stored", expected_seq=expected_seq)
        self.expected_seq = expected_seq


def ready_batch(
    sender: Sender, epoch: str, rows: Sequence[OutboxRow], *, faults: Sequence[RejectedRow], lost_before: bool
) -> OutboxBatch:
    """Return a batch as it is stored; `faults` are rows that could not even be read.

    Raises:
        InputError: The sequences have a gap or are not in order.
    """
    seqs = sorted([*(row.seq for row in rows), *(fault.seq for fault in faults)])
    _require_row(seqs)
    files: list[FileEvent] = []
    events: list[tuple[int, Event]] = []
    rejected = list(faults)
    tenant, agent_id = sender.tenant, sender.agent_id
    for row in rows:
        status = STATUS_OF_KIND.get(row.kind)
        try:
            if status is None or row.file_id is None:
                events.append((row.seq, _event(sender, epoch, row)))
                continue
            told = Told(tenant, agent_id, epoch, row.seq, row.at_ms, row.file_id, row.gen)
            files.append(file_event(told, status, row.body))
        except ValueError as exc:
            rejected.append(RejectedRow(row.seq, "bad_event", str(exc), kept_text(row._asdict())))
    return OutboxBatch(
        sender=sender, epoch=epoch, first_seq=seqs[0], last_seq=seqs[-1], lost_before=lost_before, files=files,
        events=events, rejected=sorted(rejected),
    )  # fmt: skip


def plausible(row: OutboxRow, *, now_ms: int) -> OutboxRow:
    """Return a row whose time is one that an event can have when it comes in at `now_ms`.

    One from before 1970 would be in no list, one far ahead on top of every list: they get the moment they came in, and
    what the agent's clock said is kept beside them.
    """
    if 0 <= row.at_ms <= now_ms + FAST_CLOCK_MS:
        return row
    return row._replace(at_ms=now_ms, body={**row.body, "claimed_time": utc_text(row.at_ms)})


def lost_event(sender: Sender, epoch: str, lost: tuple[int, int], *, now_ms: int) -> Event:
    """Return the event that tells of history which an agent dropped before it could be sent."""
    event = centre_event(
        "outbox.lost",
        at_ms=now_ms,
        event_id=f"{sender.agent_id}:{epoch}:{lost[0]}",
        severity=Severity.ERROR,
        subject=sender.agent_id,
        data={"epoch": epoch, "first_seq": lost[0], "last_seq": lost[1], "events": lost[1] - lost[0] + 1},
    )
    return _of(sender, event)


def kept_text(value: object) -> str:
    """Return a rejected row as JSON text within bounds."""
    return json.dumps(value, ensure_ascii=True, default=str, separators=(",", ":"))[:MAX_KEPT_CHARS]


def _of(sender: Sender, event: Event) -> Event:
    return Event(
        id=event.id, source=event.source, type=event.type, at_ms=event.at_ms, subject=event.subject,
        tenant=sender.tenant, agent_id=sender.agent_id, labels=sender.labels, severity=event.severity, data=event.data,
    )  # fmt: skip


def _event(sender: Sender, epoch: str, row: OutboxRow) -> Event:
    body = dict(row.body)
    if row.file_id is not None:
        body |= {"file_id": row.file_id, "gen": row.gen}
    if len(text := json.dumps(body, ensure_ascii=True)) > MAX_DATA_BYTES:
        raise ValueError(f"body: at most {MAX_DATA_BYTES} bytes, this one has {len(text)}")
    subject = subject_of(body)
    if subject is not None and not is_storable(subject):
        raise ValueError("body: a NUL or half a surrogate pair is not allowed in what an event is about")
    return Event(
        id=f"{epoch}:{row.seq}", source=agent_source(sender.agent_id), type=event_type(row.kind), at_ms=row.at_ms,
        subject=None if subject is None else subject[:MAX_SUBJECT_CHARS], tenant=sender.tenant,
        agent_id=sender.agent_id, labels=sender.labels, severity=severity_of(row.kind, body), data=body,
    )  # fmt: skip


def _require_row(seqs: Sequence[int]) -> None:
    if not seqs:
        raise InputError("the batch has no events")
    if seqs[-1] - seqs[0] != len(seqs) - 1 or len(set(seqs)) != len(seqs):
        raise InputError("the sequences of a batch follow each other", first_seq=seqs[0], last_seq=seqs[-1])
