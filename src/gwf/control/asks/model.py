"""Words and values of the questions to agents."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NewType

from gwf.control.caller import Caller
from gwf.control.fleet.model import AgentId

AskId = NewType("AskId", str)

ASKS_BELL = "asks"  #: what the agent's stream says when there is a question


class AskKind(enum.StrEnum):
    """What is asked."""

    LEVEL = "files.level"
    LIFE = "files.life"
    CONTENT = "files.content"
    PIECE = "files.piece"
    UPLOAD = "files.upload"
    SWITCH = "files.switch"
    #: a file that a person puts into a directory
    INCOMING_BEGIN = "incoming.begin"
    INCOMING_PIECE = "incoming.piece"
    INCOMING_FINISH = "incoming.finish"
    INCOMING_CANCEL = "incoming.cancel"
    #: dead letters of the host, and one of its stores
    LETTERS_REPLAY = "letters.replay"
    LETTERS_DROP = "letters.drop"
    STORE = "store.probe"


#: how long somebody waits for an answer, in seconds
PATIENCE_S: Mapping[AskKind, float] = {
    AskKind.LEVEL: 15.0,
    AskKind.LIFE: 10.0,
    AskKind.CONTENT: 30.0,
    AskKind.PIECE: 30.0,
    AskKind.UPLOAD: 20.0,
    AskKind.SWITCH: 20.0,
    AskKind.INCOMING_BEGIN: 20.0,
    AskKind.INCOMING_PIECE: 30.0,
    AskKind.INCOMING_FINISH: 60.0,  # what was not summed up as it came is read again, up to 5 GiB
    AskKind.INCOMING_CANCEL: 20.0,
    AskKind.LETTERS_REPLAY: 30.0,
    AskKind.LETTERS_DROP: 30.0,
    AskKind.STORE: 30.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that an agent is asked."""

    ask_id: AskId
    tenant: str
    agent_id: AgentId
    kind: str
    #: JSON object
    body: bytes
    #: nobody waits any more from then on
    deadline_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a question has no answer, in the agent's words."""

    #: input, not_found, conflict, too_large, denied, overloaded, unavailable, local_io, corrupt or internal
    family: str
    code: str
    message: str
    params: Mapping[str, str] = field(default_factory=dict[str, str])
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What an agent answered: one of the two."""

    #: JSON
    body: bytes | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """How a question is written into the audit."""

    #: agent.file_read, agent.file_upload …
    action: str
    detail: Mapping[str, object]
    #: a repeat of the same within minutes is not written again; "" = each one is
    once: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A question as it comes from a person."""

    tenant: str
    agent_id: AgentId
    kind: AskKind
    #: JSON object
    body: bytes
    by: Caller
    #: None = nobody needs to know
    record: Record | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What an agent gets when it fetches its questions."""

    questions: list[Question]
    #: fetched before and not wanted any more
    gone: list[AskId]
