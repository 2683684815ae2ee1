"""What the centre asks an agent, and how the agent answers: questions are fetched, answers are sent."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Raw, field

from gwf.wire.agents import Answered, Code, Message, Sent

MAX_ANSWER_BYTES = 4 * 1024 * 1024  #: of one answer, unpacked
MAX_AT_ONCE = 16  #: questions in one fetch

AskKind = Literal[
    "files.level", "files.life", "files.content", "files.piece", "files.upload", "files.switch",
    "incoming.begin", "incoming.piece", "incoming.finish", "incoming.cancel", "letters.replay", "letters.drop",
    "store.probe",
]  # fmt: skip
#: which kind of error it is, and so whether asking again helps; the code says more
Family = Literal[
    "input", "not_found", "conflict", "too_large", "denied", "overloaded", "unavailable", "local_io", "corrupt",
    "internal",
]  # fmt: skip


class Ask(Answered, kw_only=True):
    """One question."""

    id: str
    #: one of AskKind; an agent that does not know it says so
    kind: str
    #: JSON object of the kind
    body: Raw
    #: nobody waits any more after so long
    timeout_s: float


class Asks(Answered, kw_only=True):
    """Answer of GET /api/v1/agents/self/asks."""

    asks: list[Ask]
    #: fetched before, and nobody waits for the answer any more
    gone: list[str] = field(default_factory=list)


class AskProblem(Sent, kw_only=True):
    """Why a question has no answer."""

    family: Family
    code: Code
    message: Message
    params: Annotated[dict[str, str], Meta(max_length=32)] = field(default_factory=dict)
    retry_after_s: Annotated[float, Meta(ge=0, le=3_600)] | None = None


class AskReply(Sent, kw_only=True):
    """Body of POST /api/v1/agents/self/asks/{ask_id}: one of the two."""

    #: JSON of the kind that was asked
    body: Raw = field(default_factory=Raw)
    problem: AskProblem | None = None


class AskTaken(Answered):
    """Answer of a reply."""

    #: somebody waited for it
    wanted: bool
