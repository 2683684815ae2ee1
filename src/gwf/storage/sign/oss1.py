"""Aliyun OSS signature version 1, for endpoints whose region is not known."""

from __future__ import annotations

import base64
import hmac

from gwf.storage.sign.credentials import Credentials, Unsigned, http_date

#: the query names used here that belong to the signed resource (source: OSS API reference, signature version 1)
_SUB_RESOURCES = frozenset(
    {"uploads", "uploadId", "partNumber", "continuation-token", "acl", "bucketInfo", "versionId"}
)


def sign(request: Unsigned, credentials: Credentials, *, at_s: int) -> dict[str, str]:
    """Return the headers of `request` and those of its signature."""
    headers = request.headers
    headers["date"] = http_date(at_s)
    if credentials.session_token:
        headers["x-oss-security-token"] = credentials.session_token
    signature = hmac.digest(credentials.secret_key.encode(), to_sign(request).encode(), "sha1")
    headers["authorization"] = f"OSS {credentials.access_key}:{base64.b64encode(signature).decode()}"
    return headers


def to_sign(request: Unsigned) -> str:
    """Return the text that the signature covers."""
    headers = request.headers
    lines = "".join([f"{name}:{headers[name]}\n" for name in sorted(headers) if name.startswith("x-oss-")])
    parts = sorted(pair for pair in request.query if pair[0] in _SUB_RESOURCES)
    query = "&".join(f"{name}={value}" if value else name for name, value in parts)
    resource = (f"/{request.bucket}/{request.key}" if request.bucket else "/") + (f"?{query}" if query else "")
    return (
        f"{request.method}\n{headers.get('content-md5', '')}\n{headers.get('content-type', '')}\n"
        f"{headers.get('date', '')}\n{lines}{resource}"
    )
