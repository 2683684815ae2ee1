"""Why something below the watched directories is not shown or done."""

from __future__ import annotations

from gwf.core.errors import (
    ConflictError,
    DeniedError,
    InputError,
    LocalIoError,
    NotFoundError,
    OverloadedError,
    TooLargeError,
)


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


class ReceiveOffError(DeniedError):
    """The settings of this host take no files, or none in this directory."""

    code = "receive_off"


class NotCarriedError(InputError):
    """A file of this name or size is not carried from there, so it is not taken either."""

    code = "not_carried"


class FileThereError(ConflictError):
    """Something of this name is there already."""

    code = "file_exists"


class IncomingTakenError(ConflictError):
    """Somebody else puts a file there just now."""

    code = "incoming_taken"


class IncomingGoneError(NotFoundError):
    """The file that was coming in is not known: it was given up, waited too long, or is somebody else's."""

    code = "incoming_gone"


class OutOfOrderError(ConflictError):
    """The bytes do not follow those that came before, or some are missing at the end."""

    code = "out_of_order"


class ChecksumError(ConflictError):
    """The bytes that came are not those that were meant; nothing of them was kept."""

    code = "checksum_mismatch"


class NoRoomError(LocalIoError):
    """The disk has no room for the file."""

    code = "no_room"


class TooManyIncomingError(OverloadedError):
    """Enough files are coming in, or this one is at work already."""

    code = "incoming_busy"
