"""Why something below the watched directories is not shown or done."""

from __future__ import annotations

from gwf.core.errors import ConflictError, DeniedError, InputError, NotFoundError, TooLargeError


class FileGoneError(NotFoundError):
    """Neither the disk nor the journal has such a file or directory."""

    code = "file_gone"


class NoDirectoryError(InputError):
    """The path names something that is no directory."""

    code = "not_a_directory"


class BadPatternError(InputError):
    """The regular expression is none."""

    code = "bad_pattern"


class SlowPatternError(ConflictError):
    """The regular expression takes so long on this file that the search was ended without a result."""

    code = "pattern_too_slow"


class PathClosedError(DeniedError):
    """The operating system does not let the agent read there."""

    code = "path_closed"


class RemoteFilesOffError(DeniedError):
    """The settings of this host do not let a centre do this."""

    code = "remote_files_off"


class DownloadTooLargeError(TooLargeError):
    """The file is larger than what a centre gives away through a question; the store has it whole."""

    code = "download_too_large"
