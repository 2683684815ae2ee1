"""Orders of a centre about dead letters of this host: each version of a file once, whatever is asked twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gwf.agent.engine import Edge
from gwf.agent.journal.choice import Choice
from gwf.agent.journal.deadletters import DeadLetters, Order, Standing, Target
from gwf.agent.model import FileStatus
from gwf.core.errors import ErrorClass, InputError, NotFoundError
from gwf.storage.model import StoreState
from gwf.wire.agentletters import LetterFile, LetterOrder, LetterOutcome, LetterOutcomes, StoreAnswer, StoreQuery

TURNS = 3  #: looks at files that change their state between look and order
_WORDS: Mapping[FileStatus, LetterOutcome] = {
    FileStatus.READY: "already",
    FileStatus.SENDING: "already",
    FileStatus.DIRTY: "already",
    FileStatus.WAITING: "already",
    FileStatus.DONE: "done",
    FileStatus.SKIPPED: "dropped",
    FileStatus.VANISHED: "gone",
    FileStatus.SUPERSEDED: "changed",
}


class LetterOrders:
    """Answers (gwf.agent.files.answers.Letters). Thread-safe."""

    def __init__(self, edge: Edge, letters: DeadLetters) -> None:
        """Change the journal of `edge` by `letters`."""
        self._edge = edge
        self._letters = letters

    def replay(self, order: LetterOrder) -> LetterOutcomes:
        """Have files sent again that are dead in exactly the version that is meant.

        Raises:
            InputError: The store or key they are to go to instead cannot be used.
            UnavailableError: The journal is busy.
        """
        target = Target(store=order.to_store, key=order.to_key)
        stores = self._edge.destinations.keys()

        def act(ids: tuple[int, ...]) -> None:
            changed = self._letters.replay(Choice(ids=ids), target, _order(order), stores=stores)
            self._tell("dead_letters.replayed", changed.count, order)

        return self._done(order, act, "replayed")

    def drop(self, order: LetterOrder) -> LetterOutcomes:
        """Give files up for good that are dead in exactly the version that is meant.

        Raises:
            UnavailableError: The journal is busy.
        """

        def act(ids: tuple[int, ...]) -> None:
            changed = self._letters.drop(Choice(ids=ids), _order(order))
            self._tell("dead_letters.dropped", changed.count, order)

        return self._done(order, act, "dropped")

    def store(self, query: StoreQuery) -> StoreAnswer:
        """Ask a store how it is.

        Raises:
            NotFoundError: No store has this name.
        """
        destination = self._edge.destinations.get(query.store)
        if destination is None:
            raise NotFoundError("no store has this name", store=query.store, stores=sorted(self._edge.destinations))
        health = destination.care.examine()
        known = {one.value for one in ErrorClass}
        return StoreAnswer.model_validate(
            {
                "ok": health.state is StoreState.OK,
                "latency_ms": health.latency_ms,
                "error_class": health.error_class if health.error_class in known else None,
                "message": health.message,
            }
        )

    def _done(self, order: LetterOrder, act: Callable[[tuple[int, ...]], None], word: LetterOutcome) -> LetterOutcomes:
        outcomes: list[LetterOutcome] = []
        for _ in range(TURNS):
            standing = self._letters.standing([file.file_id for file in order.files])
            found: list[LetterOutcome | None] = [_outcome(file, standing.get(file.file_id)) for file in order.files]
            ids = tuple(file.file_id for file, was in zip(order.files, found, strict=True) if was is None)
            try:
                if ids:
                    act(ids)
            except InputError:
                if self._letters.standing(ids) == {name: standing[name] for name in ids}:
                    raise  # none of them moved: what is asked for cannot be done
                outcomes = _said(found, "already")
                continue
            outcomes = _said(found, word)
            break
        return LetterOutcomes(outcomes=outcomes)

    def _tell(self, kind: str, count: int, order: LetterOrder) -> None:
        if count:
            self._edge.tell(kind, {"files": count, "by": order.author, "reason": order.reason})


def _said(found: Sequence[LetterOutcome | None], word: LetterOutcome) -> list[LetterOutcome]:
    return [word if was is None else was for was in found]


def _order(order: LetterOrder) -> Order:
    return Order(author=order.author, reason=order.reason or "by the centre")


def _outcome(file: LetterFile, standing: Standing | None) -> LetterOutcome | None:
    """Return what stands in the way; None = the version that is meant is dead."""
    if standing is None:
        return "unknown"
    if standing.path != file.path or standing.version != file.version:
        return "changed"
    return None if standing.status is FileStatus.DEAD else _WORDS[standing.status]
