"""Where a server or proxy is: scheme, host, port, and how they are written in a request."""

from __future__ import annotations

import base64
import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One server."""

    #: http or https
    scheme: str
    #: name or IP address, IPv6 without brackets
    host: str
    port: int

    @property
    def is_tls(self) -> bool:
        """Whether bytes are encrypted."""
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """Value of the Host header: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def is_ip(self) -> bool:
        """Whether the host is an IP address, below which no bucket names can stand."""
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return False
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """One forward proxy and the value of its Proxy-Authorization header, if it wants one."""

    address: Address
    authorization: str | None


def parse_address(text: str) -> Address:
    """Return the address in text such as `https://host` or `http://10.0.0.1:9000`.

    Raises:
        ValueError: It is none; the message says what is wrong.
    """
    parts = _split(text)
    if parts.username or parts.path not in {"", "/"}:
        raise ValueError(f"{text!r} has more than scheme, host and port")
    return _address(parts, text)


def parse_proxy(text: str) -> Proxy:
    """Return the proxy in text such as `http://user:word@host:3128`.

    Raises:
        ValueError: It is none, or asks for TLS to the proxy itself.
    """
    parts = _split(text)
    if parts.scheme != "http" or parts.path not in {"", "/"}:
        raise ValueError("write a proxy as http://[user:password@]host:port")
    token = None
    if parts.username is not None:
        word = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        token = "Basic " + base64.b64encode(word.encode()).decode()
    return Proxy(address=_address(parts, "the proxy"), authorization=token)


def _split(text: str) -> SplitResult:
    parts = urlsplit(text)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{text!r} is no address: write http://host[:port] or https://host[:port]")
    return parts


def _address(parts: SplitResult, text: str) -> Address:
    host = parts.hostname or ""
    if not host.isascii() or any(char <= " " for char in host):
        raise ValueError(f"{text!r} has a host name that is not allowed")
    return Address(scheme=parts.scheme, host=host, port=parts.port or _DEFAULT_PORTS[parts.scheme])
