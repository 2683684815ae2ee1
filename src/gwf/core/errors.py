"""The error families every area raises, and what each says about trying again."""

from __future__ import annotations

import enum
from pathlib import PurePath

from gwf.core.text import in_words


class ErrorClass(enum.StrEnum):
    """Why work failed, as shown to people, counted in metrics and used to decide on a retry."""

    NETWORK = "network"
    TIMEOUT = "timeout"
    THROTTLED = "throttled"
    SERVER = "server"
    AUTH = "auth"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    CHECKSUM = "checksum"
    TOO_LARGE = "too_large"
    LOCAL_IO = "local_io"
    CONFIG = "config"


class FaultScope(enum.StrEnum):
    """What an error is about: the whole destination, this one object, or not known."""

    DESTINATION = "destination"
    OBJECT = "object"
    UNKNOWN = "unknown"


class GwfError(Exception):
    """Root of all errors raised on purpose.

    The message is constant text; values go into `context`, so that logs group by message.
    Subclasses set `code` (stable, documented in docs/reference/errors.md), `error_class`, `scope`
    and `retryable`; each may also be given per instance. `retry_after_s` is the wait in seconds that the
    other side asked for, if it did.
    """

    code: str = "internal"
    error_class: ErrorClass = ErrorClass.SERVER
    scope: FaultScope = FaultScope.UNKNOWN
    retryable: bool = False

    def __init__(
        self,
        message: str,
        *,
        error_class: ErrorClass | None = None,
        scope: FaultScope | None = None,
        retryable: bool | None = None,
        retry_after_s: float | None = None,
        **context: object,
    ) -> None:
        """Keep the message and its context apart; class-level defaults hold unless overridden."""
        super().__init__(message)
        self.message = message
        self.context = context
        self.retry_after_s = retry_after_s
        if error_class is not None:
            self.error_class = error_class
        if scope is not None:
            self.scope = scope
        if retryable is not None:
            self.retryable = retryable

    def __str__(self) -> str:
        """Message and context on one line, for logs and people."""
        values = " ".join(f"{name}={_shown(value)}" for name, value in self.context.items())
        return f"{self.message} ({values})" if values else self.message


def _shown(value: object) -> str:
    """Return a value of a context: free text in quotes, so that its end is seen; words and numbers without."""
    is_free = isinstance(value, (str, bytes, PurePath)) and not isinstance(value, enum.Enum)
    return repr(in_words(value)) if is_free else in_words(value)


class InputError(GwfError):
    """What was asked for cannot be done as asked; asking again changes nothing."""

    code = "invalid_input"
    error_class = ErrorClass.CONFIG


class NotFoundError(InputError):
    """The named thing does not exist."""

    code = "not_found"
    error_class = ErrorClass.NOT_FOUND


class ConflictError(InputError):
    """The thing exists in a state that forbids the request."""

    code = "conflict"
    error_class = ErrorClass.CONFLICT


class TooLargeError(InputError):
    """A size limit of ours or of the other side was passed."""

    code = "too_large"
    error_class = ErrorClass.TOO_LARGE


class ConfigError(InputError):
    """The configuration is wrong; `problems` lists every fault found, one line each."""

    code = "invalid_config"

    def __init__(self, message: str, *, problems: tuple[str, ...] = (), **context: object) -> None:
        """Carry all problems at once, so that one run shows everything to mend."""
        super().__init__(message)
        self.context = context
        self.problems = problems


class SourceChangedError(ConflictError):
    """The local file changed, shrank or vanished while it was read; the newer version counts."""

    code = "source_changed"


class LocalIoError(GwfError):
    """The local operating system refused to read or write."""

    code = "local_io"
    error_class = ErrorClass.LOCAL_IO
    retryable = True


class DeniedError(GwfError):
    """The other side knows who we are not, or forbids this."""

    code = "denied"
    error_class = ErrorClass.AUTH


class UnavailableError(GwfError):
    """The other side did not answer, or answered that it cannot now; asking again is safe."""

    code = "unavailable"
    error_class = ErrorClass.NETWORK
    scope = FaultScope.DESTINATION
    retryable = True


class OverloadedError(UnavailableError):
    """The other side asks us to slow down; `retry_after_s` is its wish in seconds, if it said one."""

    code = "overloaded"
    error_class = ErrorClass.THROTTLED


class CorruptDataError(GwfError):
    """Stored or sent bytes are not what their checksum or schema says."""

    code = "corrupt_data"
    error_class = ErrorClass.CHECKSUM
    scope = FaultScope.OBJECT
    retryable = True
