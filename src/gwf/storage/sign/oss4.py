"""Aliyun OSS signature version 4 (OSS4-HMAC-SHA256); it needs the region's name."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

from gwf.storage.sign.credentials import Credentials, Unsigned, encode_path, encode_query, http_date, stamp

_UNSIGNED = "UNSIGNED-PAYLOAD"  #: the only value that OSS takes
_SIGNED_ALWAYS = ("content-type", "content-md5")


def sign(request: Unsigned, credentials: Credentials, region: str, *, at_s: int) -> dict[str, str]:
    """Return the headers of `request`, with `host` among them already, and those of its signature."""
    moment = stamp(at_s)
    headers = request.headers
    headers["date"] = http_date(at_s)
    headers["x-oss-content-sha256"] = _UNSIGNED
    headers["x-oss-date"] = moment
    if credentials.session_token:
        headers["x-oss-security-token"] = credentials.session_token
    scope = f"{moment[:8]}/{region}/oss/aliyun_v4_request"
    to_sign = f"OSS4-HMAC-SHA256\n{moment}\n{scope}\n{canonical_hash(request)}"
    mac = _keyed(credentials.secret_key, moment[:8], region).copy()
    mac.update(to_sign.encode())
    signature = mac.hexdigest()
    headers["authorization"] = (
        f"OSS4-HMAC-SHA256 Credential={credentials.access_key}/{scope},AdditionalHeaders=host,Signature={signature}"
    )
    return headers


def canonical_hash(request: Unsigned) -> str:
    """Return the hash of what the signature covers; the host is signed too, as an additional header."""
    headers = request.headers
    lines = "".join(
        [
            f"{name}:{headers[name]}\n"
            for name in sorted(headers)
            if name.startswith("x-oss-") or name in _SIGNED_ALWAYS or name == "host"
        ]
    )
    resource = encode_path(f"/{request.bucket}/{request.key}" if request.bucket else "/")
    query = encode_query(request.query, bare=True)
    canonical = f"{request.method}\n{resource}\n{query}\n{lines}\nhost\n{_UNSIGNED}"
    return hashlib.sha256(canonical.encode()).hexdigest()


@lru_cache(maxsize=64)
def _keyed(secret: str, day: str, region: str) -> hmac.HMAC:
    """Return a MAC with the day's key, to be copied: hmac.digest would give up the interpreter lock each time."""
    key = f"aliyun_v4{secret}".encode()
    for word in (day, region, "oss", "aliyun_v4_request"):
        key = hmac.digest(key, word.encode(), "sha256")
    return hmac.new(key, digestmod="sha256")
