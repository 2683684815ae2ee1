"""Asks a store, before anything is sent, whether it holds a file already."""

from __future__ import annotations

import enum

from gwf.agent.migrate.survey import Found
from gwf.core import quickio
from gwf.core.errors import CorruptDataError, DeniedError, GwfError, NotFoundError
from gwf.storage.hashing import digest_source
from gwf.storage.model import FileSource
from gwf.storage.ports import ObjectStore


class Answer(enum.StrEnum):
    """What the store says about the key of a file."""

    #: exactly these bytes are there
    IN_STORE = "in_store"
    #: nothing is there
    TO_UPLOAD = "to_upload"
    #: other bytes are there: an older version of the file
    TO_REPLACE = "to_replace"
    #: the store did not say
    NOT_ASKED = "not_asked"
    #: the file could not be read
    UNREADABLE = "unreadable"


def ask(store: ObjectStore, found: Found) -> tuple[Answer, str]:
    """Return what `store` says, and why where it did not say; sends nothing and raises no error of the store.

    The key alone is asked for first, so only files that may be there are read.
    """
    candidate = found.candidate
    try:
        if store.get_object_meta(candidate.key).size_bytes != candidate.size_bytes:
            return Answer.TO_REPLACE, ""
        return _compare(store, found)
    except NotFoundError:
        return Answer.TO_UPLOAD, ""
    except CorruptDataError:
        return Answer.TO_REPLACE, ""
    except DeniedError as exc:
        return Answer.NOT_ASKED, f"the store does not let us look: {exc.message}"
    except OSError as exc:
        return Answer.UNREADABLE, exc.strerror or str(exc)
    except GwfError as exc:
        return Answer.NOT_ASKED, str(exc)


def _compare(store: ObjectStore, found: Found) -> tuple[Answer, str]:
    candidate = found.candidate
    descriptor = quickio.open_plain(found.path)
    try:
        source = FileSource(fd=descriptor, size_bytes=candidate.size_bytes)
        if candidate.size_bytes >= store.multipart_threshold_bytes:
            there = store.find_uploaded(candidate.key, source) is not None
            return (Answer.IN_STORE if there else Answer.TO_REPLACE), ""
        store.verify_checksum(candidate.key, candidate.size_bytes, digest_source(source, crc=True))
        return Answer.IN_STORE, ""
    finally:
        quickio.close(descriptor)
