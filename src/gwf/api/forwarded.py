"""The address that a request came from when a proxy stands in front."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

MAX_HOPS = 20  #: of a header that anybody can write; what lies further back is not looked at

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class TrustedProxies:
    """Proxies whose word about where a request came from is taken."""

    def __init__(self, networks: Sequence[str]) -> None:
        """Trust these addresses and networks."""
        self._networks = [ipaddress.ip_network(text, strict=False) for text in networks]

    def source(self, peer: str, forwarded: str) -> str:
        """Return where a request came from.

        `peer` is who connected. If that is a trusted proxy, the last entry of `forwarded` (X-Forwarded-For) that no
        trusted proxy wrote of another one counts; an entry that is no address ends the search.
        """
        found = peer
        for text in reversed(forwarded.split(",")[-MAX_HOPS:] if forwarded else []):
            if not self._trusts(found) or _address(text) is None:
                break
            found = text.strip()
        return found

    def _trusts(self, text: str) -> bool:
        address = _address(text)
        return address is not None and any(address in network for network in self._networks)


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        return None
