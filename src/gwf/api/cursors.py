"""Refuses cursors of lists that are none of ours."""

from __future__ import annotations

from gwf.core.errors import InputError


class BadCursorError(InputError):
    """A cursor that is none of ours; a list begins anew without one."""

    code = "bad_cursor"
