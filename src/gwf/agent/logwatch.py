"""Follows logs and decides about their lines, in a thread of its own; what it knows is in the journal."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gwf.agent.inputs.logs.follower import NOTHING_FOLLOWED, Follower, FollowerFacts
from gwf.agent.inputs.logs.joins import joins_of
from gwf.agent.inputs.logs.places import NOTHING_FOUND, find_logs
from gwf.agent.inputs.logs.reader import Piece
from gwf.agent.inputs.logs.spot import Spot
from gwf.agent.journal.logs import LogBook, LogRound, NumberedDecision, memory_forgotten, round_taken, shown
from gwf.agent.journal.notes import Statement, Writes
from gwf.agent.journal.turn import Turn
from gwf.alerts.logs.engine import LogEngine, MeantLine, Memory
from gwf.alerts.logs.model import LogDecision, LogRuleset, Status
from gwf.alerts.logs.reading import read_ruleset
from gwf.alerts.logs.scanner import LineScanner
from gwf.core.clock import Clock
from gwf.core.errors import ConfigError, GwfError
from gwf.core.settings.logs import LogAlertSettings
from gwf.rules.faults import FaultyRuleError

FIND_EVERY_S = 3.0  #: how often wildcards are looked up anew
MAX_DECISIONS = 5_000  #: in one transaction
STOP_S = 5.0

log = logging.getLogger("gwf.agent.logs")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """How the logs stand, for people."""

    settings: LogAlertSettings
    ruleset: LogRuleset
    #: when these rules came into force, ms UTC
    loaded_at_ms: int
    logs: Sequence[str]
    #: None = there was no look yet
    looked_at_ms: int | None
    next_look_at_ms: int | None
    facts: FollowerFacts


def ruleset_of(settings: LogAlertSettings) -> LogRuleset | None:
    """Return the rules of the settings, None where there are none.

    Raises:
        ConfigError: Something is wrong with them; `problems` names each place.
    """
    if not settings.ruleset.rules:
        return None
    try:
        return read_ruleset(settings.ruleset.model_dump(mode="json"))
    except FaultyRuleError as exc:
        problems = tuple(f"agent.logs.ruleset{fault.pointer}: {fault.message}" for fault in exc.faults)
        raise ConfigError("the rules about lines of logs cannot be used", problems=problems) from exc


def check_logs(settings: LogAlertSettings) -> None:
    """Say what is wrong with settings of logs that only shows when their expressions are compiled.

    Raises:
        ConfigError: Something is; `problems` names each place.
    """
    problems: list[str] = []
    for compiled in (ruleset_of, joins_of):
        try:
            compiled(settings)
        except ConfigError as exc:
            problems += exc.problems
    if problems:
        raise ConfigError("the settings of logs cannot be used", problems=tuple(problems))


class LogWatch:
    """Reads, decides, writes down; then reads on. Thread-safe."""

    def __init__(
        self, settings: LogAlertSettings, *, journal: Writes, path: Path, closed: Sequence[bytes], clock: Clock
    ) -> None:
        """`path` is the journal file; nothing is read before `start`.

        Raises:
            ConfigError: The rules cannot be used.
        """
        self._journal = journal
        self._closed = tuple(closed)
        self._own_log: tuple[bytes, ...] = ()
        self._clock = clock
        self.book = LogBook(path)
        self._lock = threading.Lock()
        self._halt = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._plan = _Plan(settings, memory=self.book.memory(), at_ms=clock.now_ms())
        self._follower: Follower | None = None
        self._known: dict[tuple[bytes, int], Spot] = {}
        self._found = NOTHING_FOUND
        self._find_at_s = 0.0
        self._places_changed = False
        self._looked_at_ms: int | None = None

    def start(self) -> None:
        """Begin, if it is switched on."""
        if self._plan.settings.enabled and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="gwf-logs", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End; what was read and not yet written down is read again by the next process."""
        self._halt.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(STOP_S)

    def change(self, settings: LogAlertSettings, *, closed: Sequence[bytes]) -> None:
        """Work by other settings from the next look on. Places in logs are kept; other rules begin without memory.

        Raises:
            ConfigError: The rules cannot be used; nothing changed.
        """
        old = self._plan.settings
        self._closed = tuple(closed)
        if settings == old:
            return
        is_same = (settings.ruleset, settings.suppress) == (old.ruleset, old.suppress)
        # the memory itself, not what was kept of it: a look that is under way still adds to it
        plan = _Plan(settings, memory=self._plan.engine.memory if is_same else Memory(), at_ms=self._clock.now_ms())
        if not is_same:
            self._journal.submit(memory_forgotten())
        with self._lock:
            if settings.ruleset == old.ruleset:
                plan.loaded_at_ms = self._plan.loaded_at_ms
            self._plan = plan
            self._find_at_s = 0.0
            self._places_changed = settings.paths != old.paths or self._places_changed
        self._wake.set()
        if not self._halt.is_set():
            self.start()

    def keep_out(self, path: Path | None) -> None:
        """Never read the log that this process itself writes; None = it writes none."""
        self._own_log = () if path is None else (os.fsencode(os.path.realpath(path)),)
        self._find_at_s = 0.0

    def state(self) -> LogState:
        """Return how the logs stand."""
        plan = self._plan
        looked = self._looked_at_ms
        return LogState(
            settings=plan.settings,
            ruleset=plan.ruleset or LogRuleset(),
            loaded_at_ms=plan.loaded_at_ms,
            logs=[shown(one) for one in self._found.paths] or list(plan.settings.paths),
            looked_at_ms=looked,
            next_look_at_ms=None if looked is None else looked + round(plan.settings.poll * 1000),
            facts=self.facts(),
        )

    def facts(self) -> FollowerFacts:
        """Return what was seen at the last look."""
        facts = NOTHING_FOLLOWED if self._follower is None else self._follower.facts
        outside = dict.fromkeys(self._found.outside, "lies outside of agent.logs.within")
        return replace(facts, faults={**facts.faults, **outside}) if outside else facts

    def decisions(self, *, limit: int) -> list[NumberedDecision]:
        """Return the newest decisions, newest first."""
        return self.book.decisions(limit=limit)

    def totals(self) -> dict[Status, int]:
        """Return how many decisions there were ever."""
        return self.book.totals()

    # -- the thread ------------------------------------------------------------------------------------

    def _run(self) -> None:
        crashed = False
        while not self._halt.is_set():
            plan = self._plan
            try:
                if crashed:
                    plan = self._gone_back()
                    crashed = False
                if plan.settings.enabled:
                    self._look(plan)
            except GwfError as exc:
                log.warning("logs_not_read", extra={"error_code": exc.code, "error": str(exc)})
            except Exception:  # the edge of the thread: one log that cannot be understood must not end it
                log.exception("log_watch_crashed")
                crashed = True
            more = self._follower is not None and self._follower.has_more()
            self._wake.wait(0.0 if more else plan.settings.poll)
            self._wake.clear()

    def _gone_back(self) -> _Plan:
        """Take up what was written down: lines that were read since were not decided about to the end."""
        memory = self.book.memory()
        self._follower = None
        with self._lock:
            self._plan = _Plan(self._plan.settings, memory=memory, at_ms=self._plan.loaded_at_ms)
            return self._plan

    def _look(self, plan: _Plan) -> None:
        if self._follower is None:
            spots = self.book.spots()
            self._known = {(spot.path, spot.inode): spot for spot in spots}
            self._follower = Follower(spots, from_end=plan.settings.start_from_end)
        elif self._places_changed:
            self._follower.begin_anew(from_end=plan.settings.start_from_end)
        self._places_changed = False
        now_s = self._clock.monotonic_s()
        if now_s >= self._find_at_s:
            self._find_at_s = now_s + FIND_EVERY_S  # first: a change from now on brings the next search forward
            self._found = find_logs(plan.settings.paths, closed=(*self._closed, *self._own_log), within=plan.within)
        self._follower.joins = plan.joins
        decisions: list[LogDecision] = []
        for piece in self._follower.look(self._found.paths, now_s=now_s):
            decisions += plan.decide(piece, self._clock.now_ms())
            if len(decisions) >= MAX_DECISIONS:
                self._keep(plan, decisions)
                decisions = []
        self._keep(plan, decisions)
        self._looked_at_ms = self._clock.now_ms()

    def _keep(self, plan: _Plan, decisions: Sequence[LogDecision]) -> None:
        """Write down what was decided and how far was read; return when it is durable, or at the end."""
        if self._follower is None:
            return
        now = {(spot.path, spot.inode): spot for spot in self._follower.spots()}
        moved = [spot for name, spot in now.items() if self._known.get(name) != spot]
        over = [name for name in self._known if name not in now]
        if moved or over or decisions:
            taken = LogRound(spots=moved, over=over, decisions=decisions, memory=plan.engine.memory)
            self._durable(round_taken(taken))
            self._known = now

    def _durable(self, statement: Statement) -> None:
        done = threading.Event()

        def write(turn: Turn, connection: sqlite3.Connection) -> None:
            statement(turn, connection)
            turn.when_committed(done.set)

        self._journal.submit(write)
        while not done.wait(0.5) and not self._halt.is_set():
            pass  # the journal keeps it and tries again; it tells why in its own place


class _Plan:
    """Settings with all that is made of them; replaced whole."""

    def __init__(self, settings: LogAlertSettings, *, memory: Memory, at_ms: int) -> None:
        self.settings = settings
        self.ruleset = ruleset_of(settings)
        self.engine = LogEngine(self.ruleset or LogRuleset(), suppress=settings.suppress, memory=memory)
        self.scanner = LineScanner(self.engine.rules)
        self.joins = joins_of(settings)
        self.within = [os.fsencode(os.path.realpath(directory)) for directory in settings.within]
        self.loaded_at_ms = at_ms

    def decide(self, piece: Piece, now_ms: int) -> Iterable[LogDecision]:
        path = shown(piece.path)
        for hit in self.scanner.hits(piece.block, piece.ends):
            line = MeantLine(rule=hit.rule, text=hit.line.decode("utf-8", "replace"), path=path, at_ms=now_ms)
            yield from self.engine.decide(line)
