"""What the centre asks an agent about its dead letters and stores, and what the agent answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gwf.wire.edge import ErrorClassName, Wire

MAX_FILES = 500  #: of one question

LetterOutcome = Literal[
    "replayed",  #: it was dead and waits again now
    "dropped",
    "already",  #: it waits or is being sent
    "done",
    "gone",  #: the file was removed before it could be sent
    "changed",  #: another version or another file: what is meant is not there any more
    "unknown",
]


class LetterFile(Wire):
    """One version of a file that was given up."""

    file_id: Annotated[int, Field(ge=1, le=2**63 - 1)]
    version: Annotated[int, Field(ge=0, le=2**63 - 1)]
    path: Annotated[str, Field(max_length=8_192)]


class LetterOrder(Wire):
    """Files to be sent again, or to be given up for good."""

    files: Annotated[list[LetterFile], Field(min_length=1, max_length=MAX_FILES)]
    author: Annotated[str, Field(max_length=200)]
    reason: Annotated[str, Field(max_length=1_000)] = ""
    #: send the one file to this store instead
    to_store: Annotated[str, Field(max_length=200)] | None = None
    #: under this key instead
    to_key: Annotated[str, Field(max_length=1_024)] | None = None


class LetterOutcomes(Wire):
    """What came of each file, in the order of the question."""

    outcomes: list[LetterOutcome]


class StoreQuery(Wire):
    """A store that is to be asked how it is, now."""

    store: Annotated[str, Field(min_length=1, max_length=200)]


class StoreAnswer(Wire):
    """How a store answered."""

    ok: bool
    latency_ms: float
    error_class: ErrorClassName | None
    message: str
