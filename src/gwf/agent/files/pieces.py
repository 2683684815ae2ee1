"""Pieces of a file as it lies on the disk, for whoever takes it away; a file beyond the bound is refused at once."""

from __future__ import annotations

import base64
import os

from gwf.agent.files.nodes import time_text
from gwf.agent.files.paths import Land, opened_file, refused
from gwf.agent.files.refusals import DownloadTooLargeError
from gwf.agent.model import show_path
from gwf.core.clock import Clock, utc_text
from gwf.wire.agentfiles import FilePiece, PieceQuery


def piece_of(query: PieceQuery, land: Land, clock: Clock) -> FilePiece:
    """Return the bytes of a file from an offset on; fewer than were asked for where it ends.

    Raises:
        DownloadTooLargeError: The file is larger than whoever asks takes.
        GwfError: The path leads to no file that may be read; see gwf.agent.files.paths.
    """
    try:
        with opened_file(query.path, land) as (real, descriptor):
            status = os.fstat(descriptor)
            if query.offset == 0 and status.st_size > query.most_bytes:
                raise DownloadTooLargeError(
                    "the file is larger than what is given away at once: take it from the store",
                    size_bytes=status.st_size,
                    max_bytes=query.most_bytes,
                )
            data = os.pread(descriptor, query.max_bytes, query.offset)
    except OSError as exc:
        raise refused(exc, os.fsencode(query.path)) from exc
    return FilePiece(
        path=show_path(real),
        size_bytes=status.st_size,
        modified_at=time_text(status.st_mtime_ns),
        generation=f"{status.st_dev:x}.{status.st_ino:x}",
        offset=query.offset,
        data=base64.b64encode(data).decode("ascii"),
        as_of=utc_text(clock.now_ms()),
    )
