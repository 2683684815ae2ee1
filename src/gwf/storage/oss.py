"""Aliyun OSS: its own signatures, and CRC64-ECMA of every object as the store's word."""

from __future__ import annotations

import re
from urllib.parse import unquote

from gwf.storage.bucket.dialect import etag_of, is_md5
from gwf.storage.bucket.moments import http_moment_ms
from gwf.storage.crc64 import combine_all
from gwf.storage.hashing import PartDigest
from gwf.storage.http1.answer import Answer
from gwf.storage.model import Checksums, ObjectMeta
from gwf.storage.sign import oss1, oss4
from gwf.storage.sign.credentials import Credentials, Unsigned

_REGION_IN_HOST = re.compile(r"oss-([a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com")
_CRC64 = "x-oss-hash-crc64ecma"


def region_of(host: str) -> str | None:
    """Return the region that a public or internal endpoint of OSS names, for example cn-hangzhou."""
    found = _REGION_IN_HOST.fullmatch(host.lower())
    return found[1] if found else None


class OssDialect:
    """OSS's ways: signature version 4 where the region is known, else 1; the CRC64 decides, ETags help out."""

    uses_crc64 = True
    sha256_header = "x-oss-meta-gwf-sha256"
    request_id_header = "x-oss-request-id"
    bare_query = True

    def __init__(self, credentials: Credentials, region: str | None) -> None:
        """Sign as `credentials` for `region`."""
        self._credentials = credentials
        self._region = region

    def sign(self, request: Unsigned, *, payload_sha256: str, at_s: int) -> dict[str, str]:  # noqa: ARG002 - OSS signs no payload; Content-MD5 guards it
        """See Dialect."""
        if self._region is None:
            return oss1.sign(request, self._credentials, at_s=at_s)
        return oss4.sign(request, self._credentials, self._region, at_s=at_s)

    def holds(self, answer: Answer, sums: Checksums) -> bool | None:
        """See Dialect."""
        return _same(answer, sums.md5, sums.crc64)

    def holds_part(self, answer: Answer, digest: PartDigest) -> bool | None:
        """See Dialect."""
        return _same(answer, digest.md5, digest.crc64)

    def is_made_of(self, answer: Answer, etag: str, digests: tuple[PartDigest, ...]) -> bool | None:  # noqa: ARG002 - OSS's multipart ETag is no MD5
        """See Dialect."""
        held = answer.header(_CRC64)
        if not held.isdigit():
            return None
        return int(held) == combine_all((digest.crc64 or 0, digest.size_bytes) for digest in digests)

    def meta_of(self, key: str, answer: Answer) -> ObjectMeta:
        """See Dialect."""
        crc64 = answer.header(_CRC64)
        return ObjectMeta(
            key=key,
            size_bytes=int(answer.header("content-length") or 0),
            etag=etag_of(answer),
            crc64=int(crc64) if crc64.isdigit() else None,
            sha256=answer.header(self.sha256_header) or None,
            modified_at_ms=http_moment_ms(answer.header("last-modified")),
            version=answer.header("x-oss-version-id"),
        )

    def listed_key(self, text: str) -> str:
        """See Dialect."""
        return unquote(text)


def _same(answer: Answer, md5: str, crc64: int | None) -> bool | None:
    held = answer.header(_CRC64)
    if held.isdigit() and crc64 is not None:
        return int(held) == crc64
    etag = etag_of(answer).lower()
    if not md5 or not is_md5(etag) or answer.header("x-oss-object-type") not in {"", "Normal"}:
        return None
    return etag == md5
