"""Work that waits for a thread: urgent work first, nothing starves, nothing passes its rate limit."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

from gwf.agent.model import AGED_EVERY, Work
from gwf.agent.transfer.lanes import Lanes
from gwf.agent.transfer.limits import StoreLimits
from gwf.core.limits import Pace

HOLD_S = 2.0  #: how much work of a limited tree is kept here, measured by its pace; what is more waits in the journal
MOST_DEFERRED_S = 600.0  #: longest time for which work is sent back to the journal
GLANCE_S = 0.001  #: pause of a thread that found others quicker than itself


class _Group:
    """What waits of one limited tree, or of all unlimited ones together."""

    def __init__(self, pace: Pace | None) -> None:
        self.pace = pace
        self.lanes = Lanes()
        self.size_bytes = 0
        #: taken from the lanes, waits for its turn at `due_s`
        self.held: Work | None = None
        self.due_s = 0.0
        #: large files being sent: they pay by part, so one at a time keeps the pace and holds only one thread
        self.large = 0
        self._deferred_until_s = 0.0

    def put(self, work: Work) -> None:
        self.lanes.put(work)
        self.size_bytes += work.size_bytes

    def take(self, now_s: float, limits: StoreLimits, *, free: bool) -> Work | None:
        """Return work that may begin now, as far as this group is concerned."""
        work = self.held
        if work is None:
            work = self.held = self.lanes.take()
            if work is None:
                return None
            self.size_bytes -= work.size_bytes
            wait_s = self.pace.reserve_s(1, limits.due_at_once(work)) if self.pace is not None and not free else 0.0
            self.due_s = now_s + wait_s
            if wait_s > 0:
                limits.count_wait(wait_s)
        if not free and (self.due_s > now_s or self._waits_for_large(work, limits)):
            return None
        self.held = None
        return work

    def _waits_for_large(self, work: Work, limits: StoreLimits) -> bool:
        limited = self.pace is not None and self.pace.max_bytes_per_s is not None
        return limited and self.large > 0 and limits.is_large(work)

    def wait_s(self, now_s: float) -> float:
        """Return how long until this group may have work; infinite when only others' ends can tell."""
        if self.held is None:
            return math.inf if not self.lanes else GLANCE_S
        return self.due_s - now_s if self.due_s > now_s else math.inf

    def urgency(self, *, by_age: bool) -> int:
        """Return the rank among groups, smallest first."""
        work = self.held or self.lanes.first()
        if by_age:
            oldest_ms = self.lanes.oldest_ms()
            ages: list[int] = [self.held.queued_at_ms] if self.held is not None else []
            if oldest_ms is not None:
                ages.append(oldest_ms)
            return min(ages) if ages else 2**62
        return 99 if work is None else work.priority

    def defer_s(self, work: Work, now_s: float, age_s: float) -> float | None:
        """Return for how long `work` should wait in the journal; None = it is wanted here."""
        pace = self.pace
        if pace is None:
            return None
        ahead_s = pace.time_for_s(len(self.lanes) + 1, self.size_bytes)
        # what was sent back before passes what is new, or it would be sent back for ever
        if not self.lanes or ahead_s <= (2 * HOLD_S if age_s > HOLD_S else HOLD_S):
            return None
        begin_s = max(self._deferred_until_s, now_s + HOLD_S)
        self._deferred_until_s = min(begin_s + pace.time_for_s(1, work.size_bytes), now_s + MOST_DEFERRED_S)
        return begin_s - now_s

    def begin_anew(self) -> None:
        """Forget times reckoned by other limits."""
        self.due_s = self._deferred_until_s = 0.0

    def empty(self) -> list[Work]:
        """Remove and return everything."""
        rest = [] if self.held is None else [self.held]
        self.held, self.size_bytes = None, 0
        return rest + self.lanes.clear()

    def __len__(self) -> int:
        return len(self.lanes) + (self.held is not None)


class WorkQueue:
    """A blocking queue for many threads; without limits putting and taking cost about a microsecond.

    With limits a thread that found no work allowed to begin waits here, and takes whatever becomes allowed first: no
    tree's limit keeps a thread from another tree's work. Work that the limit of the store or of the whole edge holds
    back lets nothing pass, because nothing could.
    """

    def __init__(self, limits: StoreLimits, *, released: Callable[[], bool] = lambda: False) -> None:
        """`released` tells that work is not going to be sent but given back: no limit holds it up."""
        self._limits = limits
        self._released = released
        self._open = _Group(None)
        self._lanes = self._open.lanes
        self._groups: dict[Pace, _Group] = {}
        #: held back by the limit of the store or the edge until then
        self._next: tuple[Work, float] | None = None
        # One token for each piece of work, or None = stop. The C queue does the waiting.
        self._tokens: SimpleQueue[int | None] = SimpleQueue()
        self._ready = threading.Condition()
        self._picks = 0
        self._closed = False
        #: threads that wait for a limit
        self.waiting = 0
        #: group of each large file being sent under a limit
        self.large: dict[int, _Group] = {}

    def put(self, work: Work) -> float | None:
        """Add one piece of work; or return the seconds that it should wait in the journal instead."""
        if self._limits.active:
            return self._put_limited(work)
        self._lanes.put(work)
        self._tokens.put(0)
        return None

    def get(self) -> Work | None:
        """Wait for the next work; None = stop."""
        if self._tokens.get() is None:
            return None
        if not self._limits.active:
            work = self._lanes.take()
            if work is not None:
                return work
        return self._get_limited()

    def take_now(self) -> Work | None:
        """Return work that may begin now, if there is any; what tells a thread to stop is left to `get`."""
        try:
            token = self._tokens.get_nowait()
        except Empty:
            return None
        if token is None:
            self._tokens.put(None)
            return None
        work = None if self._limits.active else self._lanes.take()
        if work is None:
            with self._ready:
                work = self._pick(time.monotonic(), free=self._closed or self._released())[0]
        if work is None:
            self._tokens.put(0)
        return work

    def ended(self, work: Work) -> None:
        """Note that work taken from here has ended; needed only for what stands in `large`."""
        with self._ready:
            group = self.large.pop(work.file_id, None)
            if group is not None:
                group.large -= 1
                self._ready.notify_all()

    def limits_changed(self) -> None:
        """Judge what waits by the limits that hold now: a time reckoned by old ones may lie far ahead."""
        with self._ready:
            if self._next is not None:
                self._next = (self._next[0], 0.0)
            for group in self._all():
                group.begin_anew()
                if not self._limits.active:  # nobody looks into groups any more while the open lanes have work
                    for work in group.empty():
                        self._lanes.put(work)
            self._ready.notify_all()

    def look_again(self) -> None:
        """Let waiting threads see that work is released."""
        with self._ready:
            self._ready.notify_all()

    def qsize(self) -> int:
        """Return how much waits."""
        count = len(self._lanes)
        if not self._groups and self._next is None and self._open.held is None:
            return count
        return sum(map(len, self._all())) + (self._next is not None)

    def take_rest(self) -> list[Work]:
        """Return what no thread took yet, without waiting; call before `close`."""
        rest: list[Work] = []
        with self._ready:
            while True:
                try:
                    self._tokens.get_nowait()
                except Empty:
                    return rest
                work = None
                while work is None:  # there is some for each token; another thread may be quicker at one lane
                    work = self._pick(0.0, free=True)[0]
                rest.append(work)

    def close(self, threads: int) -> None:
        """Let `threads` waiting threads stop, after what was put before."""
        self._closed = True
        for _ in range(threads):
            self._tokens.put(None)
        self.look_again()

    # -- with limits -----------------------------------------------------------------------------------

    def _all(self) -> list[_Group]:
        return [self._open, *self._groups.values()]

    def _put_limited(self, work: Work) -> float | None:
        pace = self._limits.pace_of(work.path)
        with self._ready:
            group = self._open
            if pace is not None:
                group = self._groups.get(pace) or self._groups.setdefault(pace, _Group(pace))
                age_s = time.time() - work.queued_at_ms / 1000
                defer_s = group.defer_s(work, time.monotonic(), age_s)
                if defer_s is not None:
                    return defer_s
            group.put(work)
            self._tokens.put(0)
            self._ready.notify()
        return None

    def _get_limited(self) -> Work:
        with self._ready:
            self.waiting += 1
            try:
                while True:
                    work, wait_s = self._pick(time.monotonic(), free=self._closed or self._released())
                    if work is not None:
                        return work
                    self._ready.wait(min(wait_s, 1.0))
            finally:
                self.waiting -= 1

    def _pick(self, now_s: float, *, free: bool) -> tuple[Work | None, float]:
        """Return work that may begin now, or how long to wait; `free` asks no limit."""
        if self._next is not None:
            held, due_s = self._next
            if due_s > now_s and not free:
                return None, due_s - now_s
            self._next = None
            return self._begun(held, free=free), 0.0
        soonest_s = math.inf
        for group in self._in_order():
            work = group.take(now_s, self._limits, free=free)
            if work is None:
                soonest_s = min(soonest_s, group.wait_s(now_s))
                continue
            wait_s = 0.0 if free else self._limits.reserve_s(1, self._limits.due_at_once(work))
            if wait_s <= 0:
                return self._begun(work, free=free), 0.0
            self._limits.count_wait(wait_s)
            self._next = (work, now_s + wait_s)
            return None, wait_s
        return None, soonest_s

    def _in_order(self) -> list[_Group]:
        if not self._groups:
            return [self._open]
        self._picks += 1
        by_age = self._picks % AGED_EVERY == 0
        return sorted(self._all(), key=lambda group: group.urgency(by_age=by_age))

    def _begun(self, work: Work, *, free: bool) -> Work:
        if not free and self._limits.is_large(work):
            pace = self._limits.pace_of(work.path)
            group = self._groups.get(pace) if pace is not None else None
            if group is not None:
                group.large += 1
                self.large[work.file_id] = group
        return work
