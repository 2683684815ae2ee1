"""S3 and everything that speaks its API: MinIO, Ceph, rclone and others."""

from __future__ import annotations

from urllib.parse import unquote_plus

from gwf.storage.bucket.dialect import etag_of, is_md5
from gwf.storage.bucket.moments import http_moment_ms
from gwf.storage.hashing import PartDigest
from gwf.storage.http1.answer import Answer
from gwf.storage.model import Checksums, ObjectMeta
from gwf.storage.multipart import md5_of_md5s
from gwf.storage.sign import sigv4
from gwf.storage.sign.credentials import Credentials, Unsigned

DEFAULT_REGION = "us-east-1"
_KEYED = ("aws:kms", "aws:kms:dsse")  #: kinds of encryption whose ETags are no MD5


class S3Dialect:
    """S3's ways: SigV4 over the payload's hash, ETags that are MD5s unless the object is encrypted by key."""

    uses_crc64 = False
    sha256_header = "x-amz-meta-gwf-sha256"
    request_id_header = "x-amz-request-id"
    bare_query = False

    def __init__(self, credentials: Credentials, region: str) -> None:
        """Sign as `credentials` for `region`."""
        self._credentials = credentials
        self._region = region

    def sign(self, request: Unsigned, *, payload_sha256: str, at_s: int) -> dict[str, str]:
        """See Dialect."""
        return sigv4.sign(request, self._credentials, self._region, payload_sha256=payload_sha256, at_s=at_s)

    def holds(self, answer: Answer, sums: Checksums) -> bool | None:
        """See Dialect."""
        return _same_md5(answer, sums.md5)

    def holds_part(self, answer: Answer, digest: PartDigest) -> bool | None:
        """See Dialect."""
        return _same_md5(answer, digest.md5)

    def is_made_of(self, answer: Answer, etag: str, digests: tuple[PartDigest, ...]) -> bool | None:
        """See Dialect."""
        md5, _, count = etag.lower().partition("-")
        if not is_md5(md5) or not count.isdigit() or _is_keyed(answer):
            return None
        return etag.lower() == md5_of_md5s(digests)

    def meta_of(self, key: str, answer: Answer) -> ObjectMeta:
        """See Dialect."""
        return ObjectMeta(
            key=key,
            size_bytes=int(answer.header("content-length") or 0),
            etag=etag_of(answer),
            sha256=answer.header(self.sha256_header) or None,
            modified_at_ms=http_moment_ms(answer.header("last-modified")),
            version=answer.header("x-amz-version-id"),
        )

    def listed_key(self, text: str) -> str:
        """See Dialect."""
        return unquote_plus(text)


def _same_md5(answer: Answer, md5: str) -> bool | None:
    etag = etag_of(answer).lower()
    if etag == md5:
        return True
    return None if not md5 or not is_md5(etag) or _is_keyed(answer) else False


def _is_keyed(answer: Answer) -> bool:
    return answer.header("x-amz-server-side-encryption") in _KEYED or bool(
        answer.header("x-amz-server-side-encryption-customer-algorithm")
    )
