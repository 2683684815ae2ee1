"""The enrolment token of this host: from its settings, or from a file that is read anew each time."""

from __future__ import annotations

from gwf.core.errors import InputError
from gwf.core.settings.centre import CentreSettings

MAX_TOKEN_BYTES = 4096


def enrolment_token(settings: CentreSettings) -> str:
    """Return the token.

    Raises:
        InputError: There is none, or the file is of no use; the message says what to do.
    """
    if settings.enrolment_token is not None:
        return _checked(settings.enrolment_token.get_secret_value(), "agent.centre.enrolment_token")
    file = settings.enrolment_token_file
    if file is None:
        raise InputError(
            "there is no enrolment token: run `gwf centre enrol`, or set agent.centre.enrolment_token_file"
        )
    try:
        with file.open("rb") as opened:
            lines = opened.read(MAX_TOKEN_BYTES).split(b"\n", 1)
    except OSError as exc:
        raise InputError("the enrolment token cannot be read", path=str(file), reason=exc.strerror) from exc
    return _checked(lines[0].decode("utf-8", "replace").strip(), str(file))


def has_token(settings: CentreSettings) -> bool:
    """Tell whether the settings say where a token is."""
    return settings.enrolment_token is not None or settings.enrolment_token_file is not None


def _checked(token: str, source: str) -> str:
    if not token or any(not "!" <= char <= "~" for char in token):
        raise InputError("the enrolment token is empty or has characters that no token has", source=source)
    return token
