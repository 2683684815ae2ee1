"""Errors that end a legacy request, and what becomes of errors of ours there."""

from __future__ import annotations

from gwf.api.problems import status_of
from gwf.core.errors import GwfError
from gwf.core.text import in_words


class LegacyError(Exception):
    """Ends a request with a status and the text that clients of the Go version match on."""

    def __init__(self, status: int, text: str) -> None:
        """`text` goes into the member `error`."""
        super().__init__(text)
        self.status = status
        self.text = text


def legacy_error(error: GwfError) -> LegacyError:
    """Return an error of ours as a legacy one: the status of its family, its message with what it is about."""
    about = ", ".join(f"{name}={in_words(value)}" for name, value in error.context.items() if value is not None)
    return LegacyError(status_of(error), f"{error.message} ({about})" if about else error.message)
