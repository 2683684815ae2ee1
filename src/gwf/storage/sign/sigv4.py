"""AWS Signature Version 4 for S3 and everything compatible."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

from gwf.storage.sign.credentials import Credentials, Unsigned, encode_query, stamp

UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
EMPTY_SHA256 = hashlib.sha256().hexdigest()


def sign(request: Unsigned, credentials: Credentials, region: str, *, payload_sha256: str, at_s: int) -> dict[str, str]:
    """Return the headers of `request`, with `host` among them already, and those of its signature."""
    moment = stamp(at_s)
    headers = request.headers
    headers["x-amz-content-sha256"] = payload_sha256
    headers["x-amz-date"] = moment
    if credentials.session_token:
        headers["x-amz-security-token"] = credentials.session_token
    names = sorted(headers)
    lines = "".join([f"{name}:{headers[name]}\n" for name in names])
    signed = ";".join(names)
    query = encode_query(request.query)
    canonical = f"{request.method}\n{request.path}\n{query}\n{lines}\n{signed}\n{payload_sha256}"
    scope = f"{moment[:8]}/{region}/s3/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    mac = _keyed(credentials.secret_key, moment[:8], region).copy()
    mac.update(to_sign.encode())
    signature = mac.hexdigest()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, SignedHeaders={signed}, Signature={signature}"
    )
    return headers


@lru_cache(maxsize=64)
def _keyed(secret: str, day: str, region: str) -> hmac.HMAC:
    """Return a MAC with the day's key, to be copied: hmac.digest would give up the interpreter lock each time."""
    key = f"AWS4{secret}".encode()
    for word in (day, region, "s3", "aws4_request"):
        key = hmac.digest(key, word.encode(), "sha256")
    return hmac.new(key, digestmod="sha256")
