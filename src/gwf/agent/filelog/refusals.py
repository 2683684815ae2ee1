"""Why a file is not shown."""

from __future__ import annotations

from gwf.core.errors import InputError


class NoWatchError(InputError):
    """Nothing is watched, so no file may be read."""

    code = "nothing_watched"


class OutsideWatchError(InputError):
    """The path does not lead below a watched directory."""

    code = "outside_watch"


class UnresolvedPathError(InputError):
    """The directories on the way to the file cannot be followed."""

    code = "path_unresolved"


class DirectoryPathError(InputError):
    """The path names a directory."""

    code = "is_directory"


class NotTextError(InputError):
    """The file is binary, or no regular file."""

    code = "not_text"
