"""Says what is wrong with a configuration before any agent sees it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gwf.control.config.canonical import canonical, pointer
from gwf.control.config.model import MAX_DOCUMENT_BYTES, Document, Fault
from gwf.core.errors import ConfigError, TooLargeError
from gwf.core.settings.part import part_problems


class FaultyDocumentError(ConfigError):
    """A document is refused as a whole; `faults` lists everything that is wrong with it."""

    code = "invalid_document"

    def __init__(self, message: str, *, faults: tuple[Fault, ...] = ()) -> None:
        """Carry all faults at once."""
        super().__init__(message, problems=tuple(fault.message for fault in faults))
        self.faults = faults


def faults_of(document: Document, labels: Mapping[str, str] | None = None) -> tuple[Fault, ...]:
    """Return every fault of a document; empty = usable as far as the centre can know.

    `labels` are those of the agent that the document is for; None while it may be for any.
    """
    return tuple(
        Fault(pointer=pointer(problem.loc), code=problem.code, message=problem.text)
        for problem in part_problems(document, labels=labels)
    )


def checked(document: Document) -> Document:
    """Return the document if it can be a version of a layer.

    Raises:
        FaultyDocumentError: Something in it is wrong.
        TooLargeError: It has more than MAX_DOCUMENT_BYTES.
        InputError: It is no JSON.
    """
    size = len(canonical(document))
    if size > MAX_DOCUMENT_BYTES:
        raise TooLargeError("the document is too large", max_bytes=MAX_DOCUMENT_BYTES, bytes=size)
    faults = faults_of(document)
    if faults:
        raise FaultyDocumentError("the document is not usable", faults=faults)
    return document
