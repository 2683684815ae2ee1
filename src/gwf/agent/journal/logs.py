"""How far logs were read and what was decided about their lines, in one transaction; and how that is read again."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec

from gwf.agent.inputs.logs.spot import Spot
from gwf.agent.journal import statements as sql
from gwf.agent.journal.notes import Statement
from gwf.agent.journal.schema import open_for_reading
from gwf.agent.journal.turn import Turn
from gwf.agent.model import show_path
from gwf.alerts.logs.engine import Memory
from gwf.alerts.logs.model import Kind, LogDecision, Status

MAX_KEPT = 1_000  #: decisions
FACT = "log_memory"  #: name under which the memory of the engine is kept
TALLIES = {status: f"log_{status.value}" for status in Status}

_PUT_SPOT = (
    "INSERT OR REPLACE INTO log_spots (path, ino, place_bytes, head, head_bytes, inside_long_line)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)
_FORGET = "DELETE FROM log_spots WHERE path=? AND ino=?"
_DECIDED = "INSERT INTO log_decisions (body) VALUES (?)"
_PRUNE = "DELETE FROM log_decisions WHERE id <= (SELECT max(id) FROM log_decisions) - ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRound:
    """What came of reading some lines."""

    #: places that moved
    spots: Sequence[Spot]
    #: (path, inode) of logs that are read no further
    over: Sequence[tuple[bytes, int]]
    decisions: Sequence[LogDecision]
    memory: Memory


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedDecision:
    """A decision and its number, which grows over restarts."""

    id: int
    decision: LogDecision


def round_taken(taken: LogRound) -> Statement:
    """Keep where reading goes on together with what was decided, and tell it."""

    def write(turn: Turn, connection: sqlite3.Connection) -> None:
        for spot in taken.spots:
            values = (spot.path, spot.inode, spot.offset, spot.head, spot.head_bytes, spot.inside_long_line)
            connection.execute(_PUT_SPOT, values)
        connection.executemany(_FORGET, taken.over)
        if taken.decisions:
            _put_decisions(turn, connection, taken)

    return write


def _put_decisions(turn: Turn, connection: sqlite3.Connection, taken: LogRound) -> None:
    rows = [(msgspec.json.encode(decision).decode(),) for decision in taken.decisions[-MAX_KEPT:]]
    connection.executemany(_DECIDED, rows)
    connection.execute(_PRUNE, (MAX_KEPT,))
    connection.execute(sql.FACT, (FACT, json.dumps(taken.memory.saved())))
    for status, count in Counter(decision.status for decision in taken.decisions).items():
        turn.tally(TALLIES[status], count)
    for kind, body in told(taken.decisions):
        turn.note(kind, body)


def memory_forgotten() -> Statement:
    """Let windows begin anew: other rules are in force."""
    return lambda _, connection: _drop(connection)


def told(decisions: Iterable[LogDecision]) -> list[tuple[str, Mapping[str, object]]]:
    """Return the events of decisions: those of one rule, log and status as one, with their number. Pure."""
    found: dict[tuple[str, str | None, Status, Kind], dict[str, object]] = {}
    counts: dict[tuple[str, str | None, Status, Kind], int] = {}
    for decision in decisions:
        name = (decision.rule_id, decision.path, decision.status, decision.explain.kind)
        counts[name] = counts.get(name, 0) + 1
        if name not in found:
            found[name] = {
                "rule": decision.rule_id, "title": decision.rule_title, "level": decision.level.value,
                "status": decision.status.value, "message": decision.message, "first_at_ms": decision.at_ms,
                "explain": msgspec.to_builtins(decision.explain),
            }  # fmt: skip
            if decision.path is not None:
                found[name]["path"] = decision.path
        found[name]["last_at_ms"] = decision.at_ms
    kinds = {Kind.RULE_MATCH: "log.matched", Kind.ESCALATION: "log.escalated"}
    return [(kinds[name[3]], {**body, "lines": counts[name]}) for name, body in found.items()]


class LogBook:
    """Reads what `round_taken` wrote. Each call opens the journal; may be used by any thread."""

    def __init__(self, path: Path) -> None:
        """Read from the journal file at `path`."""
        self._path = path

    def spots(self) -> list[Spot]:
        """Return where reading goes on."""
        with closing(open_for_reading(self._path)) as connection:
            rows = connection.execute(
                "SELECT path, ino, place_bytes, head, head_bytes, inside_long_line FROM log_spots"
            ).fetchall()
        return [
            Spot(
                path=row[0], inode=row[1], offset=row[2], head=row[3], head_bytes=row[4], inside_long_line=bool(row[5])
            )
            for row in rows
        ]

    def memory(self) -> Memory:
        """Return what the engine remembered."""
        with closing(open_for_reading(self._path)) as connection:
            row = connection.execute("SELECT value FROM facts WHERE name=?", (FACT,)).fetchone()
        return Memory() if row is None else Memory.restored(json.loads(row[0]))

    def decisions(self, *, limit: int) -> list[NumberedDecision]:
        """Return the newest decisions, newest first."""
        with closing(open_for_reading(self._path)) as connection:
            rows = connection.execute(
                "SELECT id, body FROM log_decisions ORDER BY id DESC LIMIT ?", (limit,)
            ).fetchall()
        return [NumberedDecision(id=row[0], decision=msgspec.json.decode(row[1], type=LogDecision)) for row in rows]

    def totals(self) -> dict[Status, int]:
        """Return how many decisions there were ever, by what became of them."""
        with closing(open_for_reading(self._path)) as connection:
            rows = dict(connection.execute("SELECT name, value FROM tallies").fetchall())
        return {status: int(rows.get(name, 0)) for status, name in TALLIES.items()}


def shown(path: bytes) -> str:
    """Return a path as decisions name it."""
    return show_path(path)


def _drop(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM facts WHERE name=?", (FACT,))
