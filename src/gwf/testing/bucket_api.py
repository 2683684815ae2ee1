"""The HTTP API of a loopback bucket, as S3 and OSS have it in common."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from urllib.parse import quote
from xml.sax.saxutils import escape

from gwf.core.clock import utc_text
from gwf.testing.bucket_state import BucketState, HeldObject, HeldPart
from gwf.testing.http_server import Reply, Request

_PART_NUMBER = re.compile(rb"<PartNumber>(\d+)</PartNumber>\s*<ETag>(?:&quot;|&#34;|\")?([^<\"&]*)")
_XML = [("content-type", "application/xml")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """Where the services' answers differ."""

    #: amz or oss, in header names
    vendor: str
    #: ETags in upper case, CRC64 in headers
    is_oss: bool


class ApiError(Exception):
    """A refusal with its code and status."""

    def __init__(self, code: str, status: int) -> None:
        """Refuse with `code`."""
        super().__init__(code)
        self.code = code
        self.status = status


class BucketApi:
    """Answers requests for one bucket, addressed by path or by host name."""

    def __init__(
        self, bucket: str, style: Style, state: BucketState, *, check: Callable[[Request, str, str], None] | None = None
    ) -> None:
        """Serve `bucket`; `check(request, bucket, key)` raises ApiError when the signature is wrong."""
        self.state = state
        self._bucket = bucket
        self._style = style
        self._check = check
        self._requests = 0

    def handle(self, request: Request) -> Reply:
        """Return the answer to one request."""
        self._requests += 1
        try:
            reply = self._route(request)
        except ApiError as error:
            reply = _error(error.code, error.status)
        reply.headers.append((f"x-{self._style.vendor}-request-id", f"LOOP{self._requests:08X}"))
        return reply

    def _route(self, request: Request) -> Reply:
        faults = request.faults
        if faults.status:
            reply = _error(faults.code, faults.status)
            if faults.retry_after:
                reply.headers.append(("retry-after", faults.retry_after))
            return reply
        bucket, key = self._address(request)
        if self._check:
            self._check(request, bucket, key)
        if bucket != self._bucket:
            raise ApiError("NoSuchBucket", 404)
        if not key:
            return self._bucket_level(request)
        return self._upload_level(request, key) if "upload" in request.raw_query else self._object_level(request, key)

    def _address(self, request: Request) -> tuple[str, str]:
        host = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
        if host.endswith(".localhost"):
            return host.removesuffix(".localhost"), request.path[1:]
        bucket, _, key = request.path[1:].partition("/")
        return bucket, key

    def _bucket_level(self, request: Request) -> Reply:
        if request.method != "GET":
            raise ApiError("MethodNotAllowed", 405)
        query = request.query()
        return self._list_uploads(query) if "uploads" in query else self._list_objects(query)

    def _object_level(self, request: Request, key: str) -> Reply:
        if request.method == "PUT":
            return self._put(request, key)
        if request.method == "DELETE":
            self.state.objects.pop(key, None)
            return Reply(204)
        held = self.state.objects.get(key)
        if held is None:
            raise ApiError("NoSuchKey", 404)
        headers = [*self._checks(held.etag, held), ("last-modified", formatdate(held.modified_s, usegmt=True))]
        if held.sha256:
            headers.append((f"x-{self._style.vendor}-meta-gwf-sha256", held.sha256))
        return Reply(200, headers, held.body, stated_bytes=held.size_bytes if request.method == "HEAD" else None)

    def _upload_level(self, request: Request, key: str) -> Reply:
        query = request.query()
        if "uploads" in query:
            upload_id = self.state.begin(key)
            return _xml("InitiateMultipartUploadResult", f"<UploadId>{upload_id}</UploadId>")
        upload_id = query["uploadId"]
        if request.faults.forget_uploads:
            self.state.uploads.pop(upload_id, None)
        if upload_id not in self.state.uploads:
            raise ApiError("NoSuchUpload", 404)
        if request.method == "DELETE":
            del self.state.uploads[upload_id]
            return Reply(204)
        if request.method == "GET":
            return self._list_parts(query)
        return self._put_part(request, query) if request.method == "PUT" else self._complete(request, upload_id)

    def _put(self, request: Request, key: str) -> Reply:
        _check_md5(request)
        sha256 = request.headers.get(f"x-{self._style.vendor}-meta-gwf-sha256", "")
        held = self.state.put(key, request.body, size_bytes=request.size_bytes, md5=request.md5, sha256=sha256)
        return Reply(200, self._checks(held.etag, held, wrong=request.faults.wrong_checksum))

    def _put_part(self, request: Request, query: dict[str, str]) -> Reply:
        _check_md5(request)
        body = request.body if self.state.keep_bodies else b""
        part = HeldPart(size_bytes=request.size_bytes, md5=request.md5, body=body)
        self.state.uploads[query["uploadId"]].parts[int(query["partNumber"])] = part
        return Reply(200, self._checks(part.md5, None, wrong=request.faults.wrong_checksum))

    def _complete(self, request: Request, upload_id: str) -> Reply:
        wanted = [(int(number), etag.decode().lower()) for number, etag in _PART_NUMBER.findall(request.body)]
        parts = self.state.uploads[upload_id].parts
        if not wanted or any(number not in parts or parts[number].md5 != etag for number, etag in wanted):
            raise ApiError("InvalidPart", 400)
        held = self.state.complete(upload_id, [number for number, _ in wanted])
        checks = self._checks(held.etag, held, wrong=request.faults.wrong_checksum)
        etag = next(value for name, value in checks if name == "etag")
        reply = _xml("CompleteMultipartUploadResult", f"<ETag>{escape(etag)}</ETag>")
        reply.headers += checks
        return reply

    def _list_objects(self, query: dict[str, str]) -> Reply:
        after, limit = query.get("start-after", ""), int(query.get("max-keys", "1000"))
        prefix = query.get("prefix", "")
        keys = sorted(key for key in self.state.objects if key.startswith(prefix) and key > after)
        lines = "".join(self._listed(key, self.state.objects[key]) for key in keys[:limit])
        more = "true" if len(keys) > limit else "false"
        return _xml("ListBucketResult", f"<EncodingType>url</EncodingType><IsTruncated>{more}</IsTruncated>{lines}")

    def _listed(self, key: str, held: HeldObject) -> str:
        moment = utc_text(round(held.modified_s * 1000))
        return (
            f"<Contents><Key>{quote(key)}</Key><Size>{held.size_bytes}</Size>"
            f"<ETag>&quot;{held.etag}&quot;</ETag><LastModified>{moment}</LastModified></Contents>"
        )

    def _list_uploads(self, query: dict[str, str]) -> Reply:
        prefix = query.get("prefix", "")
        lines = "".join(
            f"<Upload><Key>{quote(upload.key)}</Key><UploadId>{upload_id}</UploadId>"
            f"<Initiated>{utc_text(round(upload.begun_s * 1000))}</Initiated></Upload>"
            for upload_id, upload in sorted(self.state.uploads.items(), key=lambda item: item[1].key)
            if upload.key.startswith(prefix)
        )
        return _xml(
            "ListMultipartUploadsResult", f"<EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>{lines}"
        )

    def _list_parts(self, query: dict[str, str]) -> Reply:
        parts = self.state.uploads[query["uploadId"]].parts
        marker, limit = int(query.get("part-number-marker") or 0), int(query.get("max-parts", "1000"))
        numbers = sorted(number for number in parts if number > marker)
        lines = "".join(
            f"<Part><PartNumber>{number}</PartNumber><Size>{parts[number].size_bytes}</Size>"
            f"<ETag>&quot;{self._cased(parts[number].md5)}&quot;</ETag></Part>"
            for number in numbers[:limit]
        )
        more = "true" if len(numbers) > limit else "false"
        last = numbers[:limit][-1] if numbers else 0
        return _xml(
            "ListPartsResult",
            f"<IsTruncated>{more}</IsTruncated><NextPartNumberMarker>{last}</NextPartNumberMarker>{lines}",
        )

    def _cased(self, etag: str) -> str:
        return etag.upper() if self._style.is_oss else etag

    def _checks(self, etag: str, held: HeldObject | None, *, wrong: bool = False) -> list[tuple[str, str]]:
        if wrong:
            etag = ("0" if etag[0] != "0" else "1") + etag[1:]
        headers = [("etag", f'"{self._cased(etag)}"')]
        if self._style.is_oss and held is not None:
            headers.append(("x-oss-hash-crc64ecma", str(held.crc64 ^ 1 if wrong else held.crc64)))
            headers.append(("x-oss-object-type", "Multipart" if "-" in held.etag else "Normal"))
        return headers


def _check_md5(request: Request) -> None:
    stated = request.headers.get("content-md5")
    if stated and base64.b64decode(stated).hex() != request.md5:
        raise ApiError("BadDigest", 400)


def _error(code: str, status: int) -> Reply:
    body = f"<Error><Code>{code}</Code><Message>told to, or asked wrongly</Message></Error>"
    return Reply(status, list(_XML), body.encode())


def _xml(name: str, inner: str) -> Reply:
    return Reply(200, list(_XML), f'<?xml version="1.0" encoding="UTF-8"?><{name}>{inner}</{name}>'.encode())
