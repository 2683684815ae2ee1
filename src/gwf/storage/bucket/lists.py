"""Reading lists of objects, parts and uploads from XML answers."""

from __future__ import annotations

from datetime import datetime
from xml.sax.saxutils import escape

from gwf.core.errors import ErrorClass, UnavailableError
from gwf.storage.bucket.dialect import Dialect
from gwf.storage.bucket.xml import Node, parse
from gwf.storage.model import MultipartState, ObjectMeta, ObjectPage, Part


def parse_as(body: bytes, name: str) -> Node:
    """Return the root element of an answer, whose name must begin with `name`: servers differ in its ending.

    Raises:
        UnavailableError: It is something else.
    """
    root = parse(body)
    if not root.name.startswith(name):
        raise UnavailableError(
            "server's answer is of another kind than asked for",
            error_class=ErrorClass.SERVER,
            wanted=name,
            got=root.name,
        )
    return root


def objects(body: bytes, dialect: Dialect, prefix: str) -> ObjectPage:
    """Return a page of objects, their keys without the store's `prefix`."""
    root = parse_as(body, "ListBucket")
    decode = dialect.listed_key if root.word("EncodingType") == "url" else str
    items = tuple(
        ObjectMeta(
            key=decode(node.word("Key")).removeprefix(prefix),
            size_bytes=node.number("Size"),
            etag=node.word("ETag").strip('"'),
            modified_at_ms=_moment_ms(node.word("LastModified")),
        )
        for node in root.all("Contents")
    )
    more = root.word("IsTruncated") == "true" and bool(items)
    return ObjectPage(items=items, next_after=items[-1].key if more else None)


def parts(body: bytes) -> tuple[tuple[Part, ...], str]:
    """Return a page of parts and the marker of the next page, "" when it is the last."""
    root = parse_as(body, "ListParts")
    found = tuple(
        Part(number=node.number("PartNumber"), size_bytes=node.number("Size"), etag=node.word("ETag").strip('"'))
        for node in root.all("Part")
    )
    return found, root.word("NextPartNumberMarker") if root.word("IsTruncated") == "true" and found else ""


def uploads(body: bytes, dialect: Dialect, prefix: str) -> tuple[tuple[MultipartState, ...], tuple[str, str]]:
    """Return a page of unfinished uploads and the key and id markers of the next page, blank when it is the last."""
    root = parse_as(body, "ListMultipartUploads")
    decode = dialect.listed_key if root.word("EncodingType") == "url" else str
    found = tuple(
        MultipartState(
            key=decode(node.word("Key")).removeprefix(prefix),
            upload_id=node.word("UploadId"),
            size_bytes=0,
            part_size_bytes=0,
            begun_at_ms=_moment_ms(node.word("Initiated")),
        )
        for node in root.all("Upload")
    )
    more = root.word("IsTruncated") == "true" and bool(found)
    return found, (decode(root.word("NextKeyMarker")), root.word("NextUploadIdMarker")) if more else ("", "")


def completion(state: MultipartState) -> bytes:
    """Return the body that asks to make one object of all parts."""
    lines = "".join(
        f'<Part><PartNumber>{part.number}</PartNumber><ETag>"{escape(part.etag)}"</ETag></Part>' for part in state.parts
    )
    return f"<CompleteMultipartUpload>{lines}</CompleteMultipartUpload>".encode()


def _moment_ms(text: str) -> int | None:
    try:
        return round(datetime.fromisoformat(text).timestamp() * 1000)
    except ValueError:
        return None
