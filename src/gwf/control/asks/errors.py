"""Why an agent was not asked or did not answer; and what it said instead of an answer."""

from __future__ import annotations

from collections.abc import Mapping

from gwf.control.asks.model import Problem
from gwf.core.errors import (
    ConflictError,
    CorruptDataError,
    DeniedError,
    GwfError,
    InputError,
    LocalIoError,
    NotFoundError,
    OverloadedError,
    TooLargeError,
    UnavailableError,
)


class AgentOfflineError(UnavailableError):
    """The agent has not been heard of for so long that it counts as offline: it was not asked."""

    code = "agent_offline"


class AgentSilentError(UnavailableError):
    """The agent was asked and did not answer in time."""

    code = "agent_silent"


class AgentBusyError(OverloadedError):
    """So many questions to this agent wait already that no further one is taken."""

    code = "agent_busy"


class AgentRevokedError(ConflictError):
    """The agent was revoked: it is not asked any more."""

    code = "agent_revoked"


class AnswerNotUnderstoodError(UnavailableError):
    """The agent's answer does not have the form of this release: one of the two is older."""

    code = "answer_not_understood"


_FAMILIES: Mapping[str, type[GwfError]] = {
    "input": InputError,
    "not_found": NotFoundError,
    "conflict": ConflictError,
    "too_large": TooLargeError,
    "denied": DeniedError,
    "overloaded": OverloadedError,
    "unavailable": UnavailableError,
    "local_io": LocalIoError,
    "corrupt": CorruptDataError,
}
_FAMILY_OF: tuple[tuple[type[GwfError], str], ...] = (
    (NotFoundError, "not_found"),
    (ConflictError, "conflict"),
    (TooLargeError, "too_large"),
    (InputError, "input"),
    (DeniedError, "denied"),
    (OverloadedError, "overloaded"),
    (UnavailableError, "unavailable"),
    (LocalIoError, "local_io"),
    (CorruptDataError, "corrupt"),
)


def family_of(error: GwfError) -> str:
    """Return the word for an error's family."""
    return next((word for kind, word in _FAMILY_OF if isinstance(error, kind)), "internal")


def error_of(problem: Problem) -> GwfError:
    """Return what an agent said as an error of ours, with the agent's code and message."""
    kind = _FAMILIES.get(problem.family, GwfError)
    error = kind(problem.message, retry_after_s=problem.retry_after_s)
    error.context = dict[str, object](problem.params)
    error.code = problem.code
    return error
