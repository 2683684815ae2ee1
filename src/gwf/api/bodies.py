"""Reads the body of a request within bounds, packed or not, and tells where one is wrong."""

from __future__ import annotations

import re
import zlib
from typing import TypeVar

import msgspec
from starlette.requests import Request

from gwf.core.errors import InputError, TooLargeError
from gwf.wire.problem import ProblemField

T = TypeVar("T")

_GZIP = 16 + zlib.MAX_WBITS
_CHUNK = 256 * 1024
_WHERE = re.compile(r"^(?P<what>.*?)(?: - at `(?:key in )?\$(?P<path>[^`]*)`)?$", re.DOTALL)
_STEP = re.compile(r"\[(\d+)\]|\.([^.\[\]]+)|\[(\.\.\.)\]")


class BadBodyError(InputError):
    """The body does not have the form that the endpoint takes; `field` says where."""

    code = "bad_body"

    def __init__(self, message: str, *, pointer: str = "/body", code: str = "bad_format") -> None:
        """Name the place by a JSON pointer."""
        super().__init__(message, pointer=pointer)
        self.field = ProblemField(pointer=pointer, code=code, message=message)


class UnsupportedBodyError(InputError):
    """The body is of a media type or packed in a way that the endpoint does not take."""

    code = "unsupported_media_type"


async def read_body(request: Request, *, max_bytes: int) -> bytes:
    """Return the body, unpacked if it came as gzip; neither form is larger than `max_bytes`.

    Raises:
        TooLargeError: It is larger.
        BadBodyError: It is no gzip.
        UnsupportedBodyError: It is packed in another way.
    """
    packing = request.headers.get("content-encoding", "identity").strip().lower()
    if packing not in {"identity", "gzip", "x-gzip", ""}:
        raise UnsupportedBodyError("the body is packed in a way that is not taken; use gzip or none", packing=packing)
    if declared_bytes(request) > max_bytes:
        raise TooLargeError("the body is too large", max_bytes=max_bytes)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise TooLargeError("the body is too large", max_bytes=max_bytes)
    return unpacked(bytes(body), max_bytes=max_bytes) if "gzip" in packing else bytes(body)


def declared_bytes(request: Request) -> int:
    """Return the length that a request announces; 0 when it announces none."""
    text = request.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def unpacked(body: bytes, *, max_bytes: int) -> bytes:
    """Return what a gzip body holds; it is never unpacked further than `max_bytes`.

    Raises:
        TooLargeError: It holds more.
        BadBodyError: It is no gzip, or it was cut off.
    """
    stream = zlib.decompressobj(_GZIP)
    try:
        content = stream.decompress(body, max_bytes + 1)
    except zlib.error as exc:
        raise BadBodyError("the body is no gzip", code="bad_gzip") from exc
    if len(content) > max_bytes or stream.unconsumed_tail:
        raise TooLargeError("the unpacked body is too large", max_bytes=max_bytes)
    if not stream.eof:
        raise BadBodyError("the gzip body was cut off", code="bad_gzip")
    return content


def decoded(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """Return the value that a JSON body is.

    Raises:
        BadBodyError: It is no JSON, or does not have the decoder's form.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as exc:
        what, pointer = place_of(str(exc))
        raise BadBodyError(what, pointer=pointer, code="wrong_form") from exc
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as exc:
        raise BadBodyError(f"the body is no JSON: {exc}", code="bad_json") from exc


def place_of(message: str) -> tuple[str, str]:
    """Return what a message of msgspec says, and the place it means as a JSON pointer."""
    found = _WHERE.match(message)
    path = found["path"] if found is not None and found["path"] else ""
    steps = [index or name or "*" for index, name, _ in _STEP.findall(path)]
    return (found["what"] if found is not None else message), "/".join(["/body", *steps])
