"""Dead letters of a running edge as its HTTP port asks for them."""

from __future__ import annotations

from gwf.agent.engine import Edge
from gwf.agent.journal.choice import Choice
from gwf.agent.journal.deadletters import DeadLetters, Order, Target
from gwf.agent.journal.reads import JournalReads
from gwf.core.errors import InputError
from gwf.wire.deadletters import ChangedFiles, DeadFilter, DeadPage, DropOrder, HistoryEntry, ReplayOrder

_ENVELOPE = frozenset({"seq", "at", "kind", "version"})


class EdgeLetters:
    """Answers the HTTP port (api.ports.DeadLetterSource). Changes go through a connection of their own.

    The journal's writer waits for such a transaction, which holds at most 500 files, and sees the change by itself.
    """

    def __init__(self, edge: Edge, reads: JournalReads, letters: DeadLetters) -> None:
        """Serve the journal of `edge`."""
        self._edge = edge
        self._reads = reads
        self._letters = letters

    def page(self, wanted: DeadFilter, *, cursor: str | None, limit: int) -> DeadPage:
        """Return one page, with all groups if it is the first.

        Raises:
            InputError: The cursor is none of ours.
        """
        return self._letters.page(_choice(None, wanted), cursor=cursor, limit=limit)

    def history(self, file_id: int) -> list[HistoryEntry]:
        """Return what happened to a file, oldest first, as far as it is kept.

        Raises:
            NotFoundError: No file has this id.
        """
        self._reads.file(file_id)
        return [_entry(event) for event in self._reads.history(file_id)]

    def replay(self, order: ReplayOrder, *, author: str) -> ChangedFiles:
        """Send files again; see DeadLetters.replay for what is refused."""
        choice = _choice(order.ids, order.filter)
        target = Target(store=order.to_store, key=order.to_key, force=order.force)
        asked = Order(author=author, reason=order.reason, dry_run=order.dry_run)
        changed = self._letters.replay(choice, target, asked, stores=self._edge.destinations.keys())
        self._tell("dead_letters.replayed", changed, asked)
        return changed

    def drop(self, order: DropOrder, *, author: str) -> ChangedFiles:
        """Give files up; see DeadLetters.drop for what is refused."""
        asked = Order(author=author, reason=order.reason, dry_run=order.dry_run)
        changed = self._letters.drop(_choice(order.ids, order.filter), asked)
        self._tell("dead_letters.dropped", changed, asked)
        return changed

    def _tell(self, kind: str, changed: ChangedFiles, order: Order) -> None:
        if not order.dry_run and changed.count:
            self._edge.tell(kind, {"files": changed.count, "by": order.author, "reason": order.reason})


def _choice(ids: list[int] | None, wanted: DeadFilter | None) -> Choice:
    """Return what an order chooses: a forgotten filter must not mean everything."""
    if (ids is None) == (wanted is None):
        raise InputError("name either ids or a filter; {} as the filter means all dead letters")
    if wanted is None:
        return Choice(ids=tuple(ids or ()))
    return Choice(
        error_class=wanted.error_class, cause=wanted.cause_id, store=wanted.store, text=wanted.path,
        older_than_s=wanted.older_than_s, newer_than_s=wanted.newer_than_s,
    )  # fmt: skip


def _entry(event: dict[str, object]) -> HistoryEntry:
    facts = {name: value for name, value in event.items() if name not in _ENVELOPE}
    return HistoryEntry.model_validate({**{name: event[name] for name in _ENVELOPE}, "facts": facts})
