"""The file input: joins kernel events, scans and the settle table, and hands finished files to the journal."""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Collection, Sequence

from gwf.agent.inputs.files import foreign
from gwf.agent.inputs.files.change import TreeChange, leaves_out, owner_after, shift
from gwf.agent.inputs.files.events import EventInterpreter
from gwf.agent.inputs.files.existing import FirstLook
from gwf.agent.inputs.files.facts import InputFacts
from gwf.agent.inputs.files.inotify import Inotify
from gwf.agent.inputs.files.lease import Verdict, probe
from gwf.agent.inputs.files.reader import EventReader
from gwf.agent.inputs.files.reconcile import FoundFile, Reconciler
from gwf.agent.inputs.files.settle import SettleTable, Settling
from gwf.agent.inputs.files.tree import Kind, Rules, WatchedTree
from gwf.agent.inputs.files.watches import Added, WatchSet
from gwf.agent.model import Candidate, FileStatus
from gwf.agent.ports import Index, Intake
from gwf.core.clock import Clock
from gwf.core.mounts import is_network
from gwf.core.settings.model import Finish

MAX_WAITING_BATCHES = 16  #: enqueue calls the journal may lag behind before files stay in the settle table
BATCH = 500  #: files judged before events are looked at again
AGAIN_S = 0.5  #: longest sleep while something waits that nobody tells of: room in the journal or the table, a scan
QUIET_S = 10.0  #: the same while only an event or a walk brings work
SCAN_DIRECTORIES = 64  #: new directories scanned before events are looked at again

log = logging.getLogger("gwf.agent.watch")


class FileInput(threading.Thread):
    """Watches trees and feeds finished files to the journal until stopped."""

    def __init__(
        self,
        trees: Sequence[WatchedTree],
        *,
        intake: Intake,
        open_index: Callable[[], Index],
        clock: Clock,
        reconcile_interval_s: float,
        admits: Callable[[], bool],
        use_inotify: bool = True,
    ) -> None:
        """`admits` says whether the journal may grow now; while it says no, files wait on disk.

        `use_inotify` False = as on systems without it.
        """
        super().__init__(name="gwf-intake", daemon=True)
        self.trees = tuple(trees)
        self._roots = {tree.root: tree for tree in trees}
        self._intake = intake
        self._clock = clock
        self._admits = admits
        self._wake = threading.Event()
        self._halt = threading.Event()
        self._table = SettleTable()
        self._rechecks: deque[bytes] = deque()
        self._rescan: set[tuple[WatchedTree, bytes]] = set()
        self._inotify = _open_inotify() if use_inotify else None
        self._foreign: foreign.ForeignWatcher | None = None
        self._watches: WatchSet[WatchedTree] | None = None
        self._reader: EventReader | None = None
        self._events: EventInterpreter | None = None
        self._overflows = self._crashes = 0
        self._held_up = False
        self._changes: deque[TreeChange] = deque()
        self._started_at_ns = clock.now_ms() * 1_000_000
        if self._inotify is not None:
            self._watches = WatchSet(self._inotify)
            self._reader = EventReader(self._inotify, self._wake.set)
            self._events = EventInterpreter(
                self._watches,
                self._table,
                vanished=intake.vanished,
                no_room=lambda tree, directory: self._rescan.add((tree, directory)),
                owner_of_root=self._roots.get,
            )
        elif foreign.is_available():
            self._foreign = self._watch_foreign(trees)
        for tree in trees:
            self._choose_mode(tree)
        self._first_look = FirstLook(open_index, clock)
        self._reconciler = Reconciler(
            trees,
            open_index=open_index,
            intake=intake,
            watch=self._watch,
            wake=self._wake.set,
            clock=clock,
            interval_s=reconcile_interval_s,
        )

    @property
    def first_pass_done(self) -> threading.Event:
        """Set once every tree was walked or found missing for the first time."""
        return self._reconciler.first_pass_done

    def first_pass_handed_on(self) -> bool:
        """Tell whether everything the first walk found is in the journal."""
        return self._reconciler.handed_on() and not len(self._table) and not self._intake.waiting_batches()

    def facts(self) -> InputFacts:
        """Return present counts."""
        return InputFacts(
            settling=len(self._table),
            events_total=self._events.total if self._events else 0,
            overflows_total=self._overflows,
            watches=len(self._watches) if self._watches else 0,
            watches_refused=self._watches.refused if self._watches else 0,
            crashes_total=self._crashes + self._reconciler.crashes_total,
        )

    def settling(self) -> list[Settling]:
        """Return the files that are not finished yet, for views."""
        return self._table.entries()

    def recheck(self, path: bytes) -> None:
        """Look at a file again: it changed while it was sent. Thread-safe."""
        self._rechecks.append(path)
        self._wake.set()

    def change(self, wanted: Sequence[Rules], *, interval_s: float, stores: Collection[str]) -> None:
        """Watch other trees, or the same by other rules, from now on; returns when that is in force. Thread-safe.

        Files that settle go on: see `owner_after`. `stores` are those that take files from now on.

        Raises:
            UnavailableError: The input's thread hangs in a file system; nothing changed.
        """
        change = TreeChange(wanted, interval_s=interval_s, stores=stores)
        self._changes.append(change)
        self._wake.set()
        if not self.is_alive():
            self._apply_changes()
        change.wait()

    def rescan(self) -> None:
        """Walk every tree soon. Thread-safe."""
        self._reconciler.request_all()

    def run(self) -> None:
        """Feed the journal until stopped."""
        for tree in self.trees:
            self._first_look.begin(tree, self._started_at_ns)
        if self._reader is not None:
            self._reader.start()
        if self._foreign is not None:
            self._foreign.start()
        self._reconciler.start()
        while not self._halt.is_set():
            self._wake.wait(self._sleep_s())
            self._wake.clear()
            try:
                self._turn()
            except Exception:  # the edge of the thread: it shows in health; a walk finds what the turn dropped
                log.exception("intake_crashed")
                self._crashes += 1
                self._reconciler.request_all()
                self._halt.wait(1.0)

    def stop(self) -> None:
        """End all threads of the input. Files still settling are found again at the next start."""
        self._halt.set()
        self._wake.set()
        if self.is_alive():
            self.join()
        self._reconciler.stop()
        if self._foreign is not None:
            self._foreign.stop()
        if self._reader is not None and self._inotify is not None:
            self._reader.stop()
            self._inotify.close()

    def _sleep_s(self) -> float:
        if self._events is not None and self._events.new_directories:
            return 0.0
        due_s = self._table.next_due_s()
        most_s = AGAIN_S if self._held_up or self._rescan or self._reconciler.has_found() else QUIET_S
        return most_s if due_s is None else max(0.0, min(most_s, due_s - self._clock.monotonic_s()))

    def _turn(self) -> None:
        self._apply_events()
        self._apply_changes()
        self._enter_new_directories()
        self._apply_rechecks()
        self._held_up = self._intake.waiting_batches() >= MAX_WAITING_BATCHES or not self._admits()
        if self._held_up:
            self._halt.wait(0.05)
            return
        self._take_found()
        self._judge_due()
        if self._rescan and not self._table.full():
            for tree, directory in self._rescan:
                self._reconciler.request_directory(tree, directory)
            self._rescan.clear()

    def _apply_events(self) -> None:
        if self._reader is None or self._events is None:
            return
        buffers, lost = self._reader.take()
        now_s = self._clock.monotonic_s()
        for buffer in buffers:
            if not self._events.apply(buffer, now_s):
                lost = True
        if lost:
            self._overflows += 1
            log.warning("event_queue_overflowed", extra={"overflows_total": self._overflows})
            self._reconciler.request_all()
        self._table.forget_recent(now_s)

    def _watch(self, tree: WatchedTree, directory: bytes) -> bool:
        """Watch a directory if the kernel reports on it; tell whether the walk goes into it."""
        if self._watches is None or tree.facts.mode == "poll":
            return not tree.retired
        added = self._watches.add(directory, tree, follow=tree.settings.follow_symlinks)
        if tree.retired:  # looked at after the watch was added: a change in another thread is then sure to remove it
            self._watches.remove_where(lambda _, owner: owner is tree)
            return False
        if added is Added.REFUSED:
            tree.facts.mode, tree.facts.limit_reached = "poll", True
            log.warning("watch_limit_reached", extra={"root": os.fsdecode(tree.root)})
        return added is not Added.DUPLICATE

    def _apply_changes(self) -> None:
        while self._changes:
            change = self._changes.popleft()
            if not change.begin():
                continue
            try:
                self._apply(change)
                change.end()
            except Exception as exc:  # noqa: BLE001 — whoever asked for the change is told
                change.end(exc)

    def _apply(self, change: TreeChange) -> None:
        step, now_s = shift(self.trees, change.wanted), self._clock.monotonic_s()
        before = {tree: tree.settings for tree, _ in step.changed}
        for tree in step.added:
            self._choose_mode(tree)
            self._first_look.begin(tree)
        for tree, rules in zip(step.trees, change.wanted, strict=True):
            tree.adopt(rules)
        self.trees = step.trees
        self._roots.clear()
        self._roots.update((tree.root, tree) for tree in step.trees)
        self._leave(step.removed, before)
        dropped = self._table.rearrange(owner_after(self._tree_of, before, change.stores))
        if dropped:
            log.warning("settling_files_dropped", extra={"files": dropped})
        for tree, settings in before.items():
            self._table.retune(tree, settings, now_s)
        if self._foreign is not None and (step.added or step.removed):
            self._foreign.stop()
            self._foreign = self._watch_foreign(self.trees)
            self._foreign.start()
        self._reconciler.change(self.trees, step.to_walk(), interval_s=change.interval_s)

    def _leave(self, removed: list[WatchedTree], changed: Collection[WatchedTree]) -> None:
        """Stop watching what is no longer watched, and directories that changed trees now leave out."""
        for tree in removed:
            tree.retired = True
        if self._watches is not None and (removed or changed):
            self._watches.remove_where(lambda path, tree: tree.retired or (tree in changed and leaves_out(tree, path)))
        self._rescan = {(tree, directory) for tree, directory in self._rescan if not tree.retired}
        if self._events is not None:
            self._events.forget_retired()

    def _watch_foreign(self, trees: Sequence[WatchedTree]) -> foreign.ForeignWatcher:
        return foreign.ForeignWatcher([tree.root for tree in trees], self._hinted, began=self.rescan)

    def _choose_mode(self, tree: WatchedTree) -> None:
        if is_network(tree.root) or (self._watches is None and self._foreign is None):
            tree.facts.mode = "poll"
        elif self._watches is None:
            tree.facts.mode = "watchfiles"

    def _enter_new_directories(self) -> None:
        if self._events is None:
            return
        queue = self._events.new_directories
        for _ in range(min(SCAN_DIRECTORIES, len(queue))):
            tree, directory = queue.popleft()
            try:
                if self._watch(tree, directory):
                    self._scan_new(tree, directory)
            except (FileNotFoundError, NotADirectoryError):
                continue  # gone again; its files, if any, were told of where they went
            except OSError as exc:
                log.warning("new_directory_not_read", extra={"path": os.fsdecode(directory), "error": exc.strerror})
                self._rescan.add((tree, directory))

    def _scan_new(self, tree: WatchedTree, directory: bytes) -> None:
        """Note what a directory held before its watch began; whatever comes later is told by events."""
        now_s, selector = self._clock.monotonic_s(), tree.selector
        with os.scandir(directory) as entries:
            for entry in entries:
                kind = tree.kind(entry)
                if kind is Kind.DIRECTORY and self._events is not None:
                    self._events.appeared(tree, entry.path)
                elif kind is not Kind.FILE or not selector.wants_name(entry.name):
                    continue
                elif self._table.full():
                    self._rescan.add((tree, directory))
                    return
                elif selector.wants_path(entry.path):
                    self._table.found(entry.path, tree, now_s, age_s=None)

    def _hinted(self, path: bytes) -> None:
        tree = self._tree_of(path)
        if tree is not None and tree.selector.wants_name(os.path.basename(path)) and tree.selector.wants_path(path):
            self.recheck(path)

    def _apply_rechecks(self) -> None:
        while self._rechecks:
            path = self._rechecks.popleft()
            tree = self._tree_of(path)
            if tree is not None:
                self._table.written(path, tree, self._clock.monotonic_s(), closed=True)

    def _take_found(self) -> None:
        while not self._table.full():
            # asked before the last chunk is taken
            skips = [tree for tree in self.trees if self._first_look.skipping(tree, self._reconciler.handed_on)]
            chunk = self._reconciler.take_found()
            if not chunk:
                return
            self._enter_found(chunk, skips)

    def _enter_found(self, chunk: list[FoundFile], skips: list[WatchedTree]) -> None:
        now_s, now_ns = self._clock.monotonic_s(), self._clock.now_ms() * 1_000_000
        skipped: list[Candidate] = []
        for tree, path, ino, size_bytes, mtime_ns in chunk:
            if path in self._table or tree.retired:
                continue
            if tree in skips and self._first_look.was_there(tree, mtime_ns):
                candidate = tree.candidate(path, ino, size_bytes, mtime_ns)
                candidate.status, candidate.reason = FileStatus.SKIPPED, "existed_before_first_start"
                skipped.append(candidate)
            else:
                self._table.found(path, tree, now_s, age_s=(now_ns - mtime_ns) / 1e9)
        if skipped:
            self._intake.enqueue(skipped)

    def _judge_due(self) -> None:
        now_s = self._clock.monotonic_s()
        due = self._table.take_due(now_s, BATCH)
        if not due:
            return
        now_ns = self._clock.now_ms() * 1_000_000
        ready: list[Candidate] = []
        for entry in due:
            candidate = self._judge(entry, now_s, now_ns)
            if candidate is not None:
                ready.append(candidate)
        if ready:
            self._intake.enqueue(ready)
        if len(due) == BATCH:
            self._wake.set()

    def _judge(self, entry: Settling, now_s: float, now_ns: int) -> Candidate | None:
        settings = entry.tree.settings
        ask = settings.finish is Finish.AUTO and entry.tree.facts.mode != "poll"
        try:
            result = probe(entry.path, ask=ask, inside=entry.tree.links_below)
        except OSError as exc:
            log.warning("file_not_examined", extra={"path": os.fsdecode(entry.path), "error": exc.strerror})
            self._table.postpone(entry, now_s + 1.0)
            return None
        if result.verdict is Verdict.GONE:
            self._table.gone(entry.path)
            if not os.path.lexists(entry.path):
                self._intake.vanished(entry.path)
            return None
        if not self._table.judge(entry, result, now_s, now_ns):
            return None
        self._table.settled(entry, now_s)
        candidate = entry.tree.candidate(entry.path, result.ino, result.size_bytes, result.mtime_ns)
        candidate.seen_at_ms, candidate.stable_at_ms = entry.moments_ms(now_s, now_ns // 1_000_000)
        return candidate

    def _tree_of(self, path: bytes) -> WatchedTree | None:
        inside = (tree for tree in self.trees if path.startswith(tree.root + b"/"))
        return max(inside, key=lambda tree: len(tree.root), default=None)


def _open_inotify() -> Inotify | None:
    """Return an inotify instance, or None where there is none: then walks alone find files."""
    try:
        return Inotify()
    except (OSError, AttributeError) as exc:
        log.warning("inotify_unavailable", extra={"error": str(exc)})
        return None
