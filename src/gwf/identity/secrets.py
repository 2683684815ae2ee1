"""Makes the secrets that open the centre, and what is kept of them."""

from __future__ import annotations

import base64
import hashlib
import secrets

from gwf.identity.model import TokenId, UserId

#: people and scanners of repositories recognise a secret by its beginning
SESSION_PREFIX = "gwfs_"
API_TOKEN_PREFIX = "gwft_"  # noqa: S105  # a beginning, no secret
ENROLMENT_PREFIX = "gwfe_"
LOCAL_PREFIX = "gwfl_"
SECRET_BYTES = 32  #: 256 random bits: nobody guesses them, so a plain SHA-256 of them tells nothing


def new_secret(prefix: str) -> str:
    """Return a new secret with a beginning that says what it is for."""
    return prefix + secrets.token_urlsafe(SECRET_BYTES)


def hash_of(secret: str) -> bytes:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "backslashreplace")).digest()


def csrf_word(session_secret: str) -> str:
    """Return the word that goes with a session: known to who holds its secret, and telling nothing of it."""
    digest = hashlib.sha256(b"gwf csrf\0" + session_secret.encode("utf-8", "backslashreplace")).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def new_user_id() -> UserId:
    """Return an id that no user has."""
    return UserId("usr_" + secrets.token_hex(8))


def new_token_id(*, enrolment: bool) -> TokenId:
    """Return an id that no token has."""
    return TokenId(("enr_" if enrolment else "tok_") + secrets.token_hex(8))
