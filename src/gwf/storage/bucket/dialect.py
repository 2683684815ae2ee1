"""Where the services differ: signature, header names, and how each confirms what it stored."""

from __future__ import annotations

import re
from typing import Protocol

from gwf.storage.hashing import PartDigest
from gwf.storage.http1.answer import Answer
from gwf.storage.model import Checksums, ObjectMeta
from gwf.storage.sign.credentials import Unsigned

_MD5 = re.compile(r"[0-9a-f]{32}")


class Dialect(Protocol):
    """One service's ways. Verdicts are None when the service's answer does not allow one."""

    #: whether CRC64-ECMA is computed and compared
    uses_crc64: bool
    #: header that carries our SHA-256 beside the object
    sha256_header: str
    #: header with the service's own id of a request
    request_id_header: str
    #: whether `?uploads` is written without `=`
    bare_query: bool

    def sign(self, request: Unsigned, *, payload_sha256: str, at_s: int) -> dict[str, str]:
        """Return all headers of the request with its signature."""
        ...

    def holds(self, answer: Answer, sums: Checksums) -> bool | None:
        """Tell from an answer to PUT or HEAD whether the object has these checksums."""
        ...

    def holds_part(self, answer: Answer, digest: PartDigest) -> bool | None:
        """Tell from the answer to a part whether it has these checksums."""
        ...

    def is_made_of(self, answer: Answer, etag: str, digests: tuple[PartDigest, ...]) -> bool | None:
        """Tell whether the object of this answer and ETag is made of these parts."""
        ...

    def meta_of(self, key: str, answer: Answer) -> ObjectMeta:
        """Return what the answer to HEAD says."""
        ...

    def listed_key(self, text: str) -> str:
        """Decode a key of a listing that was asked for with encoding-type=url."""
        ...


def etag_of(answer: Answer) -> str:
    """Return the ETag without quotes, "" when there is none."""
    return answer.header("etag").strip('"')


def is_md5(etag: str) -> bool:
    """Tell whether an ETag looks like the MD5 of the content."""
    return _MD5.fullmatch(etag.lower()) is not None
