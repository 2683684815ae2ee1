"""The edge put together: inputs, journal and destinations of one process, started and stopped in order."""

from __future__ import annotations

import logging
import os
import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from gwf.agent.actions.runner import ActionRunner
from gwf.agent.activity import Activity
from gwf.agent.alarms import FACT, Alarms
from gwf.agent.filelog.place import Grounds
from gwf.agent.inputs.files.carriage import ignoring_mark
from gwf.agent.inputs.files.intake import FileInput
from gwf.agent.inputs.files.lease import ignore_lease_signal
from gwf.agent.inputs.files.tree import Rules, WatchedTree, rules_of
from gwf.agent.journal.admin import set_aside
from gwf.agent.journal.effects import Effects
from gwf.agent.journal.index import JournalIndex
from gwf.agent.journal.notes import decided_anew, event, undefer, wake_all, wake_one
from gwf.agent.journal.schema import FILE_NAME
from gwf.agent.journal.upload_record import UploadRecords
from gwf.agent.journal.writer import Journal
from gwf.agent.lockfile import lock_directory
from gwf.agent.logwatch import LogWatch, check_logs
from gwf.agent.metrics import EdgeMetrics
from gwf.agent.model import Outcome, Result, Work
from gwf.agent.progress import Progress
from gwf.agent.transfer.destination import Destination
from gwf.agent.transfer.limits import EdgeLimits
from gwf.agent.transfer.retry import RetryPolicy
from gwf.agent.transfer.send import Sender
from gwf.core.breaker import BreakerEvent, CircuitBreaker, Transition
from gwf.core.clock import Clock
from gwf.core.errors import CorruptDataError, LocalIoError
from gwf.core.mounts import real_path
from gwf.core.settings.model import AgentSettings, StoreSettings
from gwf.storage.ports import ObjectStore

ADMISSION_EVERY_S = 1.0  #: how often free space is looked at
SLOW_EVERY_S = 0.5  #: pause between two batches of at most 500 files past the high-water mark

log = logging.getLogger("gwf.agent")


class Edge:
    """One agent process: carries finished files to their stores until stopped."""

    def __init__(
        self,
        agent: AgentSettings,
        *,
        data_dir: Path,
        stores: Mapping[str, ObjectStore],
        store_settings: Mapping[str, StoreSettings],
        clock: Clock,
        metrics: EdgeMetrics,
    ) -> None:
        """Open the journal; nothing runs before `start`.

        Raises:
            ConflictError: Another process works in this data directory.
            InputError: The data directory or the journal cannot be used.
            ConfigError: A key template or a rule about lines is wrong, or a directory of this process itself is to be
                watched.
        """
        self.agent, self.data_dir = agent, data_dir
        self.clock, self.metrics = clock, metrics
        self.started_at_ms = clock.now_ms()
        self.progress, self.activity = Progress(clock), Activity(clock)
        self.store_settings = dict(store_settings)
        self._link_roots: set[bytes] = set()
        own = own_directories(data_dir, store_settings)
        self.remember_links(rules := rules_of(agent, own))
        check_logs(agent.logs)
        self._lock = lock_directory(data_dir)
        self.journal = self._open_journal(stores)
        self.alarms = self._remembered_alarms()
        self.logs = LogWatch(agent.logs, journal=self.journal, path=self.journal.path, closed=own, clock=clock)
        self.limits = EdgeLimits(clock)
        self.destinations = {name: self.destination(name, store) for name, store in stores.items()}
        #: replaced or removed, and still sending what they had begun
        self.retiring: list[Destination] = []
        self.journal.attach(self, tuple(self.destinations))
        self.actions = ActionRunner(agent, journal=self.journal, data_dir=data_dir, clock=clock, store_of=self.store_of)
        self._admission_at_s = self._slow_until_s = 0.0
        self._admitted = True
        #: set when the end begins
        self.stopped = threading.Event()
        self.input = FileInput(
            [WatchedTree(item) for item in rules],
            intake=self.journal,
            open_index=lambda: JournalIndex(self.journal.path),
            clock=clock,
            reconcile_interval_s=agent.reconcile_interval,
            admits=self.admits,
        )
        self.set_limits()

    @property
    def trees(self) -> Sequence[WatchedTree]:
        """The watched trees in the order of the configuration."""
        return self.input.trees

    @property
    def free_bytes(self) -> int:
        """Bytes free where the journal lies, now; 0 while it is not there."""
        return free_bytes(self.data_dir)

    def start(self) -> None:
        """Start all threads. Call from the main thread, so that lease signals can be ignored."""
        ignore_lease_signal()
        self.journal.start()
        for destination in self.destinations.values():
            destination.start()
        self.input.start()
        self.journal.submit(decided_anew(ignoring_mark(self.agent.rules), self.input.rescan))
        self.actions.start()
        self.logs.start()
        log.info(
            "edge_started",
            extra={
                "trees": len(self.trees),
                "stores": len(self.destinations),
                "recovered": self.journal.facts.recovered,
                "data_dir": str(self.data_dir),
            },
        )

    def stop(self) -> int:
        """Stop reading, drain running transfers, write all down; return how many did not end in time."""
        if self.stopped.is_set():
            return 0
        self.stopped.set()
        self.logs.stop()
        self.input.stop()
        destinations = [*self.destinations.values(), *self.retiring]
        for destination in destinations:
            destination.halt()
        deadline_s = time.monotonic() + self.agent.transfer.drain_timeout
        left = sum(destination.stop(deadline_s) for destination in destinations)
        left += self.actions.stop(deadline_s)
        self.journal.stop()
        for destination in destinations:
            destination.store.close()
        os.close(self._lock)
        log.info("edge_stopped", extra={"unfinished": left})
        return left

    def grounds(self) -> Grounds:
        """Return where files may be read for people; ask anew each time."""
        return Grounds(
            roots=[tree.root for tree in self.trees], closed=own_directories(self.data_dir, self.store_settings)
        )

    def tell(self, kind: str, body: Mapping[str, object]) -> None:
        """Put an event that is about no single file into the outbox."""
        self.journal.submit(event(kind, body))

    # -- Dispatcher ------------------------------------------------------------------------------------

    def room(self, store: str) -> int:
        """Return how many more pieces of work `store` takes now."""
        destination = self.destinations.get(store)
        return 0 if destination is None else destination.room()

    def deliver(self, store: str, works: list[Work]) -> None:
        """Hand work to its destination; if that was removed meanwhile, give it back."""
        destination = self.destinations.get(store)
        if destination is not None:
            destination.deliver(works)
            return
        for work in works:
            self.journal.finish(Outcome(work, Result.RELEASED))

    def abandon(self, store: str, orphan_id: int, upload_state: str) -> None:
        """Let the destination abort an upload that nobody will finish."""
        destination = self.destinations.get(store)
        if destination is not None:
            destination.care.abandon(orphan_id, upload_state)

    def suspect(self, store: str, orphan_id: int, key: str) -> None:
        """Let the destination end uploads of `key` that were begun before the process died."""
        destination = self.destinations.get(store)
        if destination is not None:
            destination.care.suspect(orphan_id, key)

    def set_limits(self) -> None:
        """Take the rate limits of the present settings; what waits because of the old ones is judged anew."""
        roots = [(tree.root, tree.settings) for tree in self.trees]
        if not self.limits.reconfigure(self.agent.transfer, self.store_settings, roots):
            return
        for name, destination in self.destinations.items():
            destination.limits_changed()
            self.journal.submit(undefer(name))

    # -- admission -------------------------------------------------------------------------------------

    def admits(self) -> bool:
        """Tell whether the journal takes more files now.

        Not while it cannot be written or its disk is nearly full. Past the high-water mark it takes one batch
        every SLOW_EVERY_S: files stay on disk, where the walks find them.
        """
        now_s = self.clock.monotonic_s()
        if now_s >= self._admission_at_s:
            self._admission_at_s = now_s + ADMISSION_EVERY_S
            self._look_at_room()
        if self._admitted and self.journal.facts.pending > self.agent.high_water.files:
            if now_s < self._slow_until_s:
                return False
            self._slow_until_s = now_s + SLOW_EVERY_S
        return self._admitted

    def _look_at_room(self) -> None:
        admitted = (
            free := self.free_bytes
        ) >= self.agent.high_water.min_free_bytes and self.journal.facts.fault is None
        if admitted != self._admitted:
            log.warning("admission_changed", extra={"admits": admitted, "free_bytes": free})
        self._admitted = admitted

    def _open_journal(self, stores: Mapping[str, ObjectStore]) -> Journal:
        """Open the journal; a damaged one is set aside, because the disk and the stores can rebuild it."""
        path = self.data_dir / FILE_NAME
        open_ = partial(
            Journal,
            path,
            clock=self.clock,
            retry=RetryPolicy(self.agent.retry),
            on_committed=self._on_committed,
            multipart_bytes=min((store.multipart_threshold_bytes for store in stores.values()), default=0),
        )
        try:
            return open_()
        except CorruptDataError as exc:
            log.error("journal_damaged", extra={"path": str(path), "error": str(exc), "kept_as": str(set_aside(path))})
            return open_()

    def destination(
        self, name: str, store: ObjectStore, *, workers: int | None = None, breaker: CircuitBreaker | None = None
    ) -> Destination:
        """Return a destination wired to the journal, not started; `breaker` is one that knows the place already.

        `workers` None = as many as the settings in force say.
        """
        limits = self.limits.of_store(name)
        return Destination(
            name,
            store,
            Sender(
                store,
                uploads=UploadRecords(self.journal, self.journal.path),
                follows=self._follows,
                may_send=self.journal.desk.may_send,
                pay=limits.pay_part,
            ),
            workers=workers or self.store_settings[name].workers or self.agent.transfer.workers,
            breaker=breaker or CircuitBreaker(self.agent.breaker, self.clock),
            finish=self.journal.finish,
            orphan_gone=self.journal.orphan_gone,
            changed=partial(self._on_breaker, name),
            limits=limits,
        )

    def _remembered_alarms(self) -> Alarms:
        index = JournalIndex(self.journal.path)
        try:
            remembered = index.recall(FACT)
        finally:
            index.close()
        return Alarms(self.clock, tell=self.tell, remember=self.journal.remember, remembered=remembered)

    def _on_breaker(self, store: str, change: Transition) -> None:
        """Let no file wait for its own time when its store came back: the first is sent within one probe interval."""
        if change.event is BreakerEvent.HALF_OPENED:
            self.journal.submit(wake_one(store))
        elif change.event is BreakerEvent.CLOSED:
            self.journal.submit(wake_all(store))
            self.alarms.breaker(store, resting=False, why=change.reason)
        elif change.event is BreakerEvent.OPENED:
            self.alarms.breaker(store, resting=True, why=change.reason)

    def remember_links(self, rules: Sequence[Rules]) -> None:
        """Note below which roots links are followed; files queued by such a rule are sent by it, also later."""
        self._link_roots |= {item.route.root for item in rules if item.route.settings.follow_symlinks}

    def store_of(self, name: str) -> ObjectStore | None:
        """Return a store by its name; None when it is not configured."""
        destination = self.destinations.get(name)
        return None if destination is None else destination.store

    def _follows(self, path: bytes) -> bytes | None:
        """Return the root below which links on the way to `path` may lead, or None if none is followed."""
        if not self._link_roots:  # as nearly everywhere, and this is asked for each file
            return None
        return max((root for root in self._link_roots if path.startswith(root + b"/")), key=len, default=None)

    def _on_committed(self, effects: Effects) -> None:
        if self.input.first_pass_handed_on():
            self.journal.trust_journal()
        self.metrics.committed(effects)
        self.progress.committed(effects)
        self.activity.committed(effects)
        if effects.finished:
            self.actions.nudge()
        for result, outcome, _ in effects.finished:
            if result is Result.CHANGED:
                self.input.recheck(outcome.work.path)


def ensure_private(directory: Path) -> None:
    """Make the data directory, readable by its owner only; one that exists is left as it is.

    Call it before anything else writes there: who comes first decides who may read.

    Raises:
        LocalIoError: It cannot be made.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise LocalIoError("the data directory cannot be used", data_dir=str(directory), reason=exc.strerror) from exc


def own_directories(data_dir: Path, stores: Mapping[str, StoreSettings]) -> tuple[bytes, ...]:
    """Return the directories this process writes to: carrying their files would never end."""
    local = [url2pathname(parts.path) for item in stores.values() if (parts := urlsplit(item.url)).scheme == "file"]
    return (real_path(data_dir), *(real_path(path) for path in local))


def free_bytes(directory: Path) -> int:
    """Return the free space where `directory` lies; 0 while it is not there."""
    try:
        return shutil.disk_usage(directory).free
    except OSError:
        return 0  # shows as disk_low in health, and nothing more is taken in
