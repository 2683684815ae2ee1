"""Hands rows out to their stores within one transaction: how many, and whose turn it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from gwf.agent.journal import statements as sql
from gwf.agent.journal.effects import Dispatcher, Effects, Memory
from gwf.agent.model import AGED_EVERY, URGENT_BELOW, Candidate, Work


class Handout:
    """Gives places away: by priority, but one in AGED_EVERY to what has waited longest."""

    def __init__(self, cursor: sqlite3.Cursor, *, memory: Memory, dispatcher: Dispatcher, effects: Effects) -> None:
        """Ask each store for its room once."""
        self._sql = cursor
        self._memory = memory
        self._dispatcher = dispatcher
        self._effects = effects
        self._room: dict[str, int] = {}
        #: how many of these places belong to what has waited longest
        self._aged: dict[str, int] = {}

    def take_room(self, item: Candidate) -> bool:
        """Reserve a place for `item`; urgent files pass those that wait in the journal."""
        store = item.route.store
        behind_others = store in self._memory.backlog or store in self._effects.ready
        if behind_others and item.route.settings.priority >= URGENT_BELOW:
            return False
        room = self._room_of(store)
        # urgent files that keep coming leave the share of what has waited longest
        if room <= (self._aged[store] if behind_others else 0):
            return False
        self._room[store] = room - 1
        return True

    def _room_of(self, store: str) -> int:
        room = self._room.get(store)
        if room is None:
            room = self._room[store] = max(0, self._dispatcher.room(store))
            passed = self._memory.passed
            self._memory.passed += room
            self._aged[store] = (passed + room) // AGED_EVERY - passed // AGED_EVERY
        return room

    def claim(self, stores: Iterable[str]) -> None:
        """Mark waiting rows SENDING for every store with room."""
        for store in stores:
            room = self._room_of(store)
            if room <= 0:
                continue
            works = self._claim_aged(store, room)
            # row by row: thousands of rows as tuples take more memory than the work made of them
            works += [_work(row) for row in self._sql.execute(sql.CLAIM, (store, room - len(works)))]
            if len(works) < room:
                self._effects.drained.add(store)
            works.sort(key=lambda work: (work.priority, work.queued_at_ms))
            self._effects.works.setdefault(store, []).extend(works)
            self._room[store] = room - len(works)

    def _claim_aged(self, store: str, room: int) -> list[Work]:
        """Claim a share of `room` by age alone, so that urgent work without end does not starve the rest."""
        share = min(room, self._aged[store])
        if not share:
            return []
        first, last = self._sql.execute(sql.READY_LANES, (store,)).fetchone()
        if first == last:  # one lane, or nothing: age and priority agree
            return []
        return [_work(row) for row in self._sql.execute(sql.CLAIM_AGED, (store, share))]


def _work(row: tuple[Any, ...]) -> Work:
    (
        file_id, gen, directory, name, ino, size_bytes, mtime_ns, store, key, by_content, attempts, queued_at_ms,
        recovered, upload_state, sha256, priority,
    ) = row  # fmt: skip
    return Work(
        file_id, gen, directory + b"/" + name, ino, size_bytes, mtime_ns, store, key, bool(by_content), attempts,
        queued_at_ms, bool(recovered), upload_state, sha256, priority,
    )  # fmt: skip
