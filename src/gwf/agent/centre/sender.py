"""The thread that sends the journal's events to the centre, in order, each until the centre says that it has it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from gwf.agent.centre.batch import Batch, batch_of
from gwf.agent.centre.calls import OutboxGapError, RefusedError
from gwf.agent.centre.facts import LinkState
from gwf.agent.centre.keeping import room_for
from gwf.agent.centre.line import Line
from gwf.agent.centre.pace import Pace
from gwf.agent.journal.notes import Writes
from gwf.agent.journal.reporting import Reporting
from gwf.core.errors import GwfError, InputError
from gwf.core.faults import kill_point
from gwf.wire.agents import OutboxState
from gwf.wire.outbox import MAX_EVENTS, OutboxAck

IDLE_S = 1.0  #: pause while there is nothing to send
ROOM_EVERY_S = 5.0
CRASH_PAUSE_S = 30.0
BODY_AT_FAULT = frozenset({400, 413, 422})  #: answers that come again for the same batch

log = logging.getLogger("gwf.agent.centre")


class OutboxSender:
    """Sends what the centre does not have. `state` and `heard` may be called by any thread."""

    def __init__(self, line: Line, *, journal: Path, writer: Writes, free_bytes: Callable[[], int]) -> None:
        """Open nothing before `start`."""
        self._line = line
        self._facts = line.facts
        self._journal = journal
        self._writer = writer
        self._free_bytes = free_bytes
        self._pace = Pace(own_heartbeat_s=None)
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._reporting: Reporting | None = None
        self._opened = threading.Event()
        #: the centre said how far it has the present epoch
        self._heard = False
        self._stored: int | None = None
        self._most = MAX_EVENTS
        #: there is more than the last batch took
        self._more = False
        self._looked_s = -ROOM_EVERY_S
        self._thread = threading.Thread(target=self._run, name="gwf-centre-outbox", daemon=True)

    def start(self) -> None:
        """Begin. The journal's writer must run."""
        self._thread.start()

    def stop(self) -> None:
        """End after the request that runs; what was not acknowledged is sent again later."""
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10.0)
        with self._lock:
            if self._reporting is not None:
                self._reporting.close()
                self._reporting = None

    def await_opened(self, seconds: float) -> None:
        """Wait until the journal can be asked, but no longer than that."""
        self._opened.wait(seconds)

    def state(self) -> OutboxState | None:
        """Return how far the journal and the centre are; None while the journal cannot be asked."""
        with self._lock:
            reporting = self._reporting
            if reporting is None:
                return None
            return OutboxState(
                epoch=reporting.position.epoch,
                last_seq=reporting.last_number(),
                acked_seq=reporting.acked_number(),
            )

    def heard(self, epoch: str, stored: int) -> None:
        """Take what the centre says that it has of `epoch`: from now on events may be sent."""
        with self._lock:
            if self._reporting is not None and epoch == self._reporting.position.epoch:
                self._stored, self._heard = stored, True
        self._wake.set()

    def _run(self) -> None:
        while not self._line.halted.is_set():
            try:
                pause_s = self._turn()
            except GwfError as exc:  # the journal cannot be used now
                log.warning("events_not_read", extra={"error": str(exc)})
                pause_s = self._pace.away()
            except Exception:  # the edge of the thread: a fault of ours must not end the sending for good
                log.exception("outbox_crashed")
                self._facts.crashes_total += 1
                pause_s = CRASH_PAUSE_S
            self._wake.wait(pause_s)
            self._wake.clear()

    def _turn(self) -> float:
        """Send one batch, if there is one and the centre was heard; return how long to wait."""
        with self._lock:
            if self._reporting is None:
                self._reporting = Reporting(self._journal, self._writer)
                self._opened.set()
            self._look_at_room(self._reporting)
            ready = self._heard and self._line.credential
            batch = self._next_batch(self._reporting) if ready else None
        if batch is None:
            return IDLE_S
        try:
            ack = self._line.calls.outbox(self._line.credential, batch.content)
        except OutboxGapError as exc:
            return self._go_on_after(exc.expected - 1)
        except InputError as exc:
            return self._refused(batch, exc)
        except RefusedError as exc:  # the next heartbeat finds out more
            self._failed(exc)
            self._heard = False
            return IDLE_S
        except GwfError as exc:
            self._failed(exc)
            return self._pace.away(retry_after_s=exc.retry_after_s)
        return self._acknowledged(batch, ack)

    def _next_batch(self, reporting: Reporting) -> Batch | None:
        stored, self._stored = self._stored, None
        if stored is not None and not reporting.heed(stored):
            reporting.hold()
        told = reporting.events(self._most)
        position = reporting.position
        self._facts.gap = position.lost
        batch = batch_of(position.epoch, told, lost_before=position.lost) if told else None
        self._more = batch is not None and (len(told) == self._most or batch.events < len(told))
        return batch

    def _acknowledged(self, batch: Batch, ack: OutboxAck) -> float:
        kill_point("batch_taken")
        with self._lock:
            if self._reporting is None:
                return IDLE_S
            self._reporting.acknowledged(min(ack.acked_seq, batch.last))
            self._facts.gap = self._reporting.position.lost
        facts = self._facts
        facts.batches_total += 1
        facts.events_sent_total += max(0, min(ack.acked_seq, batch.last) - batch.first + 1)
        for item in ack.rejected:
            facts.events_rejected_total += 1
            what = {"seq": item.seq, "error_code": item.code, "error": item.message}
            log.warning("event_rejected", extra=what)
        self._most = min(MAX_EVENTS, 2 * self._most)
        if ack.acked_seq < batch.first:  # it took nothing and does not say why
            return self._pace.away()
        self._pace.heard(IDLE_S)
        return 0.0 if self._more or ack.acked_seq < batch.last else IDLE_S

    def _go_on_after(self, stored: int) -> float:
        """Follow the centre to where it is; return how long to wait."""
        with self._lock:
            moved = self._reporting is not None and self._reporting.heed(max(0, stored))
        log.info("outbox_moved", extra={"stored": stored, "moved": moved})
        return 0.0 if moved else self._pace.away()

    def _refused(self, batch: Batch, exc: InputError) -> float:
        """Send less at a time, so that one event that the centre does not take holds up no other."""
        self._failed(exc)
        if exc.context.get("status") not in BODY_AT_FAULT:
            return self._pace.away(retry_after_s=exc.retry_after_s)
        if batch.events > 1:
            self._most = max(1, batch.events // 2)
            return self._pace.away()
        with self._lock:
            if self._reporting is not None:
                self._reporting.give_up(1)
        self._facts.events_rejected_total += 1
        log.error("event_refused", extra={"seq": batch.first, "error": str(exc)})
        return 0.0

    def _look_at_room(self, reporting: Reporting) -> None:
        now_s = self._line.clock.monotonic_s()
        if now_s - self._looked_s < ROOM_EVERY_S or self._facts.state is LinkState.LEFT:
            return
        self._looked_s = now_s
        keep_bytes = self._line.settings.keep_events
        room = room_for(reporting.backlog(), keep_bytes=keep_bytes, free_bytes=self._free_bytes())
        too_many = room.too_many
        if too_many:
            reporting.give_up(too_many)
            self._facts.events_dropped_total += too_many
            facts = {"events": too_many, "size_bytes": room.backlog.size_bytes, "bound_bytes": room.bound_bytes}
            log.error("events_dropped", extra=facts)
            room = room_for(reporting.backlog(), keep_bytes=keep_bytes, free_bytes=self._free_bytes())
        self._facts.room = room
        self._facts.gap = reporting.position.lost

    def _failed(self, exc: GwfError) -> None:
        self._facts.failures[str(exc.error_class)] += 1
        log.info("batch_not_taken", extra={"error": str(exc), "retry_after_s": exc.retry_after_s})
