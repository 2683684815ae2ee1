"""The address a process listens on, and whether only this host can reach it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from gwf.core.errors import ConfigError

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenAddress:
    """Host (name or IP, IPv6 without brackets) and TCP port; port 0 = any free one."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """True when other hosts cannot reach this address."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse_listen(text: str) -> ListenAddress:
    """Return the address written as `host:port`, `[ipv6]:port` or `:port` (every interface).

    Raises:
        ConfigError: There is no port, or it is no number from 0 to 65535.
    """
    host, colon, port = text.strip().rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535 or (":" in host and not host.startswith("[")):
        raise ConfigError("listen is no address: write host:port, for example 127.0.0.1:8080", listen=text)
    return ListenAddress(host=host.strip("[]") or "0.0.0.0", port=int(port))


def host_name(header: str) -> str:
    """Return the host of a Host header or an origin's authority: no port, no brackets, lower case."""
    text = header.strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0].rstrip(".")
