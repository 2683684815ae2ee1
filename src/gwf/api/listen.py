"""The address a process listens on, and whether only this host can reach it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from gwf.core.errors import ConfigError
from gwf.core.settings import addresses

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenAddress:
    """Host (name or IP, IPv6 without brackets) and TCP port; port 0 = any free one."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """True when other hosts cannot reach this address."""
        return addresses.is_loopback(self.host)


def parse_listen(text: str) -> ListenAddress:
    """Return the address written as `host:port` or `[ipv6]:port`.

    Raises:
        ConfigError: It is no such address.
    """
    try:
        host, port = addresses.parse_listen(text.strip())
    except ValueError as exc:
        raise ConfigError(f"listen {exc}", listen=text) from exc
    return ListenAddress(host=host, port=port)


def host_name(header: str) -> str:
    """Return the host of a Host header or an origin's authority: no port, no brackets, lower case."""
    text = header.strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0].rstrip(".")


def is_ip(name: str) -> bool:
    """Tell whether a host, as `host_name` returns it, is an IP address and no name."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def same_place(origin: str, host: str) -> bool:
    """Tell whether an Origin header names the place that a Host header does; proxies may cut the port of the latter."""
    scheme, _, authority = origin.partition("://")
    if host_name(authority) != host_name(host):
        return False
    port = _port(host)
    return not port or port == (_port(authority) or {"http": "80", "https": "443"}.get(scheme.lower()))


def _port(authority: str) -> str:
    return authority.strip().rpartition("]")[2].partition(":")[2]
