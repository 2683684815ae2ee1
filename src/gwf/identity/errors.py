"""Refusals that have to do with who asks."""

from __future__ import annotations

from gwf.core.errors import DeniedError, OverloadedError


class LoginRequiredError(DeniedError):
    """Nobody is logged in, or the credentials are no longer good; answered with 401."""

    code = "login_required"


class PermissionMissingError(DeniedError):
    """Whoever asks may not do this."""

    code = "permission_missing"


class LockedOutError(OverloadedError):
    """Too many wrong logins from one address or for one name; `retry_after_s` says how long to wait."""

    code = "locked_out"
