"""Which addresses a request of the centre may reach: names are resolved once, checked, and that address is used."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from gwf.core.errors import DeniedError, ErrorClass, InputError, UnavailableError

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a name; blocks."""

MAX_URL_CHARS = 2000
_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_GLOBAL = ipaddress.IPv6Network("2000::/3")  #: all that is assigned to anybody; what lies outside may stand for others


class ForbiddenAddressError(DeniedError):
    """The address lies where requests of the centre must not go: its own host, private and special networks."""

    code = "forbidden_address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where one request goes."""

    scheme: str
    #: as the URL has it, lower case, IPv6 without brackets
    host: str
    port: int
    #: path and query, "/" at least
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: who gets what is confidential."""
        return self.scheme, self.host, self.port


def target_of(url: str) -> Target:
    """Return the parts of a URL.

    Raises:
        InputError: It is no http or https URL that can be used.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as exc:
        raise InputError("this is no URL", url=url[:200]) from exc
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in _PORTS or not host or len(url) > MAX_URL_CHARS:
        raise InputError("an http or https URL is needed", url=url[:200])
    if parts.username is not None or parts.password is not None:
        raise InputError("a URL with a user or password in it is not taken: use a header", host=host)
    if not url.isascii() or any(char <= " " or char == "\x7f" for char in url):
        raise InputError("the URL has characters that must be escaped", host=host)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(scheme=parts.scheme, host=host, port=port or _PORTS[parts.scheme], path=path)


class Outward:
    """Decides where requests may go. Thread-safe."""

    def __init__(self, allowed: Sequence[str] = (), resolve: Resolve | None = None) -> None:
        """Allow public addresses, and the networks in `allowed` (10.1.0.0/16, ::1/128) besides."""
        self._allowed: list[Network] = [ipaddress.ip_network(text, strict=False) for text in allowed]
        self._resolve = resolve or _resolve

    def address_of(self, target: Target) -> str:
        """Return the address to connect to. The name is not looked up again, so it cannot change its mind.

        Raises:
            ForbiddenAddressError: One of its addresses lies where requests must not go.
            UnavailableError: The name has no address now.
        """
        try:
            found = self._resolve(target.host, target.port)
        except OSError as exc:
            raise UnavailableError("the name is not found", host=target.host, reason=str(exc)) from exc
        if not found:
            raise UnavailableError("the name has no address", host=target.host)
        for text in found:
            if not self.is_allowed(text):
                raise ForbiddenAddressError(
                    "requests may not go there: server.webhooks.allow_networks can allow it",
                    host=target.host,
                    address=text,
                    error_class=ErrorClass.CONFIG,
                )
        return found[0]

    def is_allowed(self, text: str) -> bool:
        """Tell whether an address may be reached; one that stands for another counts as that one."""
        try:
            address = _meant(ipaddress.ip_address(text.partition("%")[0]))
        except ValueError:
            return False
        if any(address.version == network.version and address in network for network in self._allowed):
            return True
        if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL:
            return False
        return address.is_global and not address.is_multicast


def _meant(address: Ip) -> Ip:
    """Return the IPv4 address that an IPv6 address leads to, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address


def _resolve(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(item[4][0]) for item in found]
