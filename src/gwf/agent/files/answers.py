"""Answers a question about files as a centre or the HTTP port puts it: JSON in, JSON or a problem out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Literal, Protocol

from pydantic import BaseModel, ValidationError

from gwf.agent.files.content import Patience
from gwf.agent.files.refusals import RemoteFilesOffError
from gwf.control.asks.errors import family_of
from gwf.control.asks.model import AskKind, Problem, Reply
from gwf.core.errors import GwfError, InputError, NotFoundError
from gwf.core.text import in_words
from gwf.wire.agentfiles import (
    ActDone,
    ActOrder,
    ContentQuery,
    FileContent,
    FileLevel,
    FileLife,
    FilePiece,
    LevelQuery,
    PieceQuery,
)
from gwf.wire.agentletters import LetterOrder, LetterOutcomes, StoreAnswer, StoreQuery
from gwf.wire.incoming import (
    IncomingBegin,
    IncomingCancel,
    IncomingDone,
    IncomingFinish,
    IncomingGone,
    IncomingPiece,
    IncomingState,
)

Rights = Literal["off", "names", "read", "act"]
"""What may be asked, each word with all before it: nothing, names and states, contents, orders."""

MAX_PARAMS = 16
_RANK: tuple[Rights, ...] = ("off", "names", "read", "act")
_NEEDED: dict[AskKind, Rights] = {
    AskKind.LEVEL: "names",
    AskKind.LIFE: "names",
    AskKind.CONTENT: "read",
    AskKind.PIECE: "read",
    AskKind.UPLOAD: "act",
    AskKind.SWITCH: "act",
    AskKind.INCOMING_BEGIN: "act",
    AskKind.INCOMING_PIECE: "act",
    AskKind.INCOMING_FINISH: "act",
    AskKind.INCOMING_CANCEL: "act",
    AskKind.LETTERS_REPLAY: "act",
    AskKind.LETTERS_DROP: "act",
    AskKind.STORE: "names",
}

_OF_LETTERS = frozenset({AskKind.LETTERS_REPLAY, AskKind.LETTERS_DROP, AskKind.STORE})
_OF_INCOMING = frozenset(
    {AskKind.INCOMING_BEGIN, AskKind.INCOMING_PIECE, AskKind.INCOMING_FINISH, AskKind.INCOMING_CANCEL}
)

log = logging.getLogger("gwf.agent.files")


class Files(Protocol):
    """What `gwf.agent.files.service.FileDesk` offers."""

    def level(self, query: LevelQuery, patience: Patience) -> FileLevel:
        """Return a page of a directory."""
        ...

    def life(self, path: str) -> FileLife:
        """Return one file."""
        ...

    def content(self, query: ContentQuery, patience: Patience) -> FileContent:
        """Return a part of a file."""
        ...

    def piece(self, query: PieceQuery) -> FilePiece:
        """Return bytes of a file."""
        ...

    def upload(self, order: ActOrder) -> ActDone:
        """Send one file now."""
        ...

    def switch(self, order: ActOrder) -> ActDone:
        """Set a switch."""
        ...


class Letters(Protocol):
    """What `gwf.agent.orders.LetterOrders` offers."""

    def replay(self, order: LetterOrder) -> LetterOutcomes:
        """Have files sent again that were given up."""
        ...

    def drop(self, order: LetterOrder) -> LetterOutcomes:
        """Give files up for good."""
        ...

    def store(self, query: StoreQuery) -> StoreAnswer:
        """Ask a store how it is."""
        ...


class FilesComingIn(Protocol):
    """What `gwf.agent.files.incoming.Incoming` offers."""

    def begin(self, order: IncomingBegin) -> IncomingState:
        """Begin a file, or go on with it."""
        ...

    def piece(self, piece: IncomingPiece) -> IncomingState:
        """Take its next bytes."""
        ...

    def finish(self, order: IncomingFinish) -> IncomingDone:
        """Give it its name."""
        ...

    def cancel(self, order: IncomingCancel) -> IncomingGone:
        """Give it up."""
        ...


class FileAnswers:
    """Puts questions to the files of this host, its dead letters and its stores. Thread-safe."""

    def __init__(
        self, files: Files, letters: Letters, incoming: FilesComingIn, *, rights: Callable[[], Rights]
    ) -> None:
        """`rights` is asked anew for each question: what this host's own settings allow."""
        self._files = files
        self._letters = letters
        self._incoming = incoming
        self._rights = rights

    def answer(self, kind: str, body: bytes, *, timeout_s: float, stopped: Callable[[], bool]) -> Reply:
        """Return the answer, or why there is none; never raises."""
        try:
            found = self._answer(kind, body, Patience(seconds=timeout_s, stopped=stopped))
            return Reply(body=found.model_dump_json().encode())
        except ValidationError as exc:
            first = exc.errors()[0]
            where = "/".join(str(part) for part in first["loc"])
            return Reply(
                problem=problem_of(InputError("the question is not understood", field=where, why=first["msg"]))
            )
        except GwfError as exc:
            return Reply(problem=problem_of(exc))
        except Exception:  # the edge of the call: whoever waits is told, and the agent goes on
            log.exception("file_question_crashed", extra={"kind": kind})
            return Reply(problem=Problem(family="internal", code="internal", message="the agent failed; see its log"))

    def _answer(self, kind: str, body: bytes, patience: Patience) -> BaseModel:
        try:
            asked = AskKind(kind)
        except ValueError:
            raise NotFoundError(
                "this agent does not know such a question: it may be older than the centre", kind=kind
            ) from None
        self._check(asked)
        if asked in _OF_LETTERS:
            return self._about_letters(asked, body)
        if asked in _OF_INCOMING:
            return self._about_incoming(asked, body)
        return self._about_files(asked, body, patience)

    def _about_letters(self, asked: AskKind, body: bytes) -> BaseModel:
        match asked:
            case AskKind.LETTERS_REPLAY:
                return self._letters.replay(LetterOrder.model_validate_json(body))
            case AskKind.LETTERS_DROP:
                return self._letters.drop(LetterOrder.model_validate_json(body))
            case _:
                return self._letters.store(StoreQuery.model_validate_json(body))

    def _about_incoming(self, asked: AskKind, body: bytes) -> BaseModel:
        match asked:
            case AskKind.INCOMING_BEGIN:
                return self._incoming.begin(IncomingBegin.model_validate_json(body))
            case AskKind.INCOMING_PIECE:
                return self._incoming.piece(IncomingPiece.model_validate_json(body))
            case AskKind.INCOMING_FINISH:
                return self._incoming.finish(IncomingFinish.model_validate_json(body))
            case _:
                return self._incoming.cancel(IncomingCancel.model_validate_json(body))

    def _about_files(self, asked: AskKind, body: bytes, patience: Patience) -> BaseModel:
        match asked:
            case AskKind.LEVEL:
                return self._files.level(LevelQuery.model_validate_json(body), patience)
            case AskKind.LIFE:
                return self._files.life(LevelQuery.model_validate_json(body).path)
            case AskKind.CONTENT:
                return self._files.content(ContentQuery.model_validate_json(body), patience)
            case AskKind.PIECE:
                return self._files.piece(PieceQuery.model_validate_json(body))
            case AskKind.UPLOAD:
                return self._files.upload(ActOrder.model_validate_json(body))
            case _:
                return self._files.switch(ActOrder.model_validate_json(body))

    def _check(self, asked: AskKind) -> None:
        rights, needed = self._rights(), _NEEDED[asked]
        if _RANK.index(rights) < _RANK.index(needed):
            raise RemoteFilesOffError(
                "the settings of this host do not allow this: see agent.centre.remote_files",
                remote_files=rights,
                needed=needed,
            )


def problem_of(error: GwfError) -> Problem:
    """Return an error as it is told."""
    params = {name: in_words(value)[:2_000] for name, value in list(error.context.items())[:MAX_PARAMS]}
    return Problem(
        family=family_of(error),
        code=error.code,
        message=error.message,
        params=params,
        retry_after_s=error.retry_after_s,
    )
