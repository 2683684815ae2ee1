"""Checking of OSS signatures from the raw request alone, written apart from the code that signs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from gwf.testing.bucket_api import ApiError
from gwf.testing.http_server import Request

_V4 = re.compile(
    r"OSS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/oss/aliyun_v4_request"
    r",\s*(?:AdditionalHeaders=([a-z0-9;-]*),\s*)?Signature=([0-9a-f]{64})"
)
_V1 = re.compile(r"OSS ([^:]+):(\S+)")
_V1_QUERY = {"uploads", "uploadId", "partNumber"}
_MAX_SKEW = timedelta(minutes=15)


class OssSignatureCheck:
    """Refuses requests that are not signed by the one known access key."""

    def __init__(self, access_key: str, secret_key: str, *, region: str, session_token: str = "") -> None:
        """Know one key; with a `session_token`, requests must carry it."""
        self._access_key = access_key
        self._secret_key = secret_key
        self._region = region
        self._token = session_token
        #: how many requests came with each version
        self.seen = {1: 0, 4: 0}

    def __call__(self, request: Request, bucket: str, key: str) -> None:
        """Let a well-signed request pass.

        Raises:
            ApiError: As OSS answers.
        """
        text = request.headers.get("authorization", "")
        if not text:
            raise ApiError("AccessDenied", 403)
        if request.headers.get("x-oss-security-token", "") != self._token:
            raise ApiError("InvalidSecurityToken", 403)
        v4, v1 = _V4.fullmatch(text), _V1.fullmatch(text)
        if v4:
            self._check_v4(request, v4, f"/{bucket}/{key}")
        elif v1:
            self._check_v1(request, v1, f"/{bucket}/{key}")
        else:
            raise ApiError("InvalidArgument", 400)

    def _check_v4(self, request: Request, match: re.Match[str], resource: str) -> None:
        self.seen[4] += 1
        access_key, day, region, additional, signature = match.groups(default="")
        moment = request.headers.get("x-oss-date", "")
        self._check_key_and_time(access_key, datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC))
        if region != self._region or moment[:8] != day:
            raise ApiError("InvalidArgument", 400)
        extra = set(filter(None, additional.split(";")))
        lines = [
            f"{name}:{value}\n"
            for name, value in sorted(request.headers.items())
            if name.startswith("x-oss-") or name in {"content-type", "content-md5"} | extra
        ]
        query = "&".join(item.removesuffix("=") for item in sorted(request.raw_query.split("&")) if item)
        canonical = "\n".join(
            (
                request.method,
                quote(resource, safe="/~"),
                query,
                "".join(lines),
                additional,
                request.headers["x-oss-content-sha256"],
            )
        )
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = f"OSS4-HMAC-SHA256\n{moment}\n{day}/{region}/oss/aliyun_v4_request\n{digest}"
        secret = f"aliyun_v4{self._secret_key}".encode()
        for word in (day, region, "oss", "aliyun_v4_request"):
            secret = hmac.new(secret, word.encode(), hashlib.sha256).digest()
        if not hmac.compare_digest(hmac.new(secret, to_sign.encode(), hashlib.sha256).hexdigest(), signature):
            raise ApiError("SignatureDoesNotMatch", 403)

    def _check_v1(self, request: Request, match: re.Match[str], resource: str) -> None:
        self.seen[1] += 1
        headers = request.headers
        self._check_key_and_time(match[1], parsedate_to_datetime(headers.get("date", "")))
        lines = "".join(f"{name}:{value}\n" for name, value in sorted(headers.items()) if name.startswith("x-oss-"))
        words = sorted((name, value) for name, value in request.query().items() if name in _V1_QUERY)
        query = "&".join(f"{name}={value}" if value else name for name, value in words)
        to_sign = "\n".join(
            (
                request.method,
                headers.get("content-md5", ""),
                headers.get("content-type", ""),
                headers["date"],
                lines + resource + (f"?{query}" if query else ""),
            )
        )
        expected = base64.b64encode(hmac.new(self._secret_key.encode(), to_sign.encode(), hashlib.sha1).digest())
        if not hmac.compare_digest(expected, match[2].encode()):
            raise ApiError("SignatureDoesNotMatch", 403)

    def _check_key_and_time(self, access_key: str, moment: datetime) -> None:
        if access_key != self._access_key:
            raise ApiError("InvalidAccessKeyId", 403)
        if abs(datetime.now(UTC) - moment) > _MAX_SKEW:
            raise ApiError("RequestTimeTooSkewed", 403)
