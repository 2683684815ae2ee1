"""Addresses in settings: where we listen, where stores and proxies are; what each may look like."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urlsplit

STORE_SCHEMES = ("file", "memory", "s3", "oss")  #: what `stores.<name>.url` may begin with
DATABASE_HINT = "sqlite, sqlite:DIRECTORY, postgresql://USER@HOST:PORT/NAME or memory"
LISTEN_HINT = "host:port, for example 127.0.0.1:8080 or [::1]:8080"
STORE_HINT = "file:///dir, memory://, s3://bucket[/prefix] or oss://bucket[/prefix]"

_LISTEN = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.%]+)\]|(?P<host>[A-Za-z0-9._-]*)):(?P<port>\d{1,5})")
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*/?")
_USER_INFO = re.compile(r"(?<=://)[^@/?#]*@")


def parse_listen(text: str) -> tuple[str, int]:
    """Return host (without brackets) and port; port 0 means any free one.

    Raises:
        ValueError: It is no host:port, or names no host.
    """
    match = _LISTEN.fullmatch(text)
    if match is None or int(match["port"]) > 65535:
        raise ValueError(f"is not {LISTEN_HINT}")
    host = match["v6"] or match["host"]
    if not host:
        port = match["port"]
        raise ValueError(
            f"names no host: write 127.0.0.1:{port} for this machine only, 0.0.0.0:{port} for every address"
        )
    return host, int(match["port"])


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches `host`."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def file_url(directory: Path) -> str:
    """Return the store URL of an absolute directory; what has a meaning in URLs is percent-encoded."""
    return "file://" + quote(str(directory), errors="surrogateescape")


def file_path(url: str) -> Path:
    """Return the directory of a file:// store URL."""
    return Path(unquote(urlsplit(url).path, errors="surrogateescape"))


def without_user_info(text: str) -> str:
    """Return `text` with the user and password of any URL in it masked."""
    return _USER_INFO.sub("******@", text)


def user_info_of(text: str) -> str:
    """Return user and password of the URL in `text`, without the @; "" when there is none."""
    match = _USER_INFO.search(text)
    return "" if match is None else match[0].removesuffix("@")


def checked_listen(text: str) -> str:
    """Return `text` if it is a listen address, else raise ValueError."""
    parse_listen(text)
    return text


def checked_store_url(text: str) -> str:
    """Return `text` if it names a store we can talk to, else raise ValueError."""
    parts = _split(text, STORE_HINT)
    if parts.scheme not in STORE_SCHEMES:
        raise ValueError(f"is not {STORE_HINT}")
    if "@" in parts.netloc:
        raise ValueError("carries credentials: put them into access_key and secret_key")
    if parts.query or parts.fragment:
        raise ValueError(f"has a query or fragment, which no store knows: write {STORE_HINT}")
    if parts.scheme == "file" and (parts.netloc or not parts.path.startswith("/")):
        raise ValueError("is not absolute: a directory is written with three slashes, file:///dir")
    if "\0" in unquote(parts.path):
        raise ValueError("has a NUL character in it")
    if parts.scheme in {"s3", "oss"} and not parts.netloc:
        raise ValueError(f"names no bucket: write {parts.scheme}://bucket[/prefix]")
    return text


def checked_database_url(text: str) -> str:
    """Return `text` if it names a database that the centre can use, else raise ValueError."""
    scheme, _, rest = text.partition(":")
    if text in {"sqlite", "memory"} or (scheme == "sqlite" and rest and not rest.startswith("//")):
        return text
    parts = _split(text, DATABASE_HINT)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ValueError(f"is not {DATABASE_HINT}")
    if parts.password is not None:
        raise ValueError("carries a password: put it into server.database.password")
    return text


def checked_endpoint(text: str) -> str:
    """Return `text` if it is scheme://host[:port] of a service, else raise ValueError."""
    hint = "http://host[:port] or https://host[:port]"
    parts = _split(text, hint)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"} or parts.query:
        raise ValueError(f"is not {hint}")
    if "@" in parts.netloc:
        raise ValueError("carries credentials: put them into access_key and secret_key")
    return text


def checked_centre_url(text: str) -> str:
    """Return `text` without a final slash if it is scheme://host[:port][/prefix] of a centre, else raise ValueError."""
    hint = "http://host[:port][/prefix] or https://host[:port][/prefix]"
    parts = _split(text, hint)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"is not {hint}")
    if "@" in parts.netloc:
        raise ValueError("carries credentials: put the token into enrolment_token or enrolment_token_file")
    if not _PREFIX.fullmatch(parts.path) or not parts.hostname.isascii():
        raise ValueError(f"has characters that do not belong into an address: write {hint}")
    return text.rstrip("/")


def checked_proxy(text: str) -> str:
    """Return `text` if it is http://[user:password@]host:port of a forward proxy, else raise ValueError."""
    hint = "http://[user:password@]host:port"
    parts = _split(text, hint)
    if parts.scheme != "http" or not parts.hostname or parts.port is None or parts.path not in {"", "/"}:
        raise ValueError(f"is not {hint}")
    return text


def _split(text: str, hint: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port  # parsed on access; a bad one raises here
    except ValueError as exc:
        raise ValueError(f"is not {hint}") from exc
    return parts
