"""Sockets of the host: how many in which state, and who listens where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import psutil

LISTENING = "LISTEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sockets:
    """One look at all TCP and UDP sockets."""

    #: UDP sockets have the state NONE
    by_state: Mapping[str, int] = field(default_factory=dict[str, int])
    #: address:port of listening sockets by process, sorted; only of processes that we may look into
    listening: Mapping[int, Sequence[str]] = field(default_factory=dict[int, Sequence[str]])


def read_sockets() -> Sockets:
    """Return the sockets as they are now.

    Raises:
        psutil.Error: The system does not tell.
        OSError: As above.
    """
    connections = psutil.net_connections("inet")
    listening: dict[int, set[str]] = {}
    for item in connections:
        if item.status == LISTENING and item.pid is not None and item.laddr:
            listening.setdefault(item.pid, set()).add(_address(item.laddr.ip, item.laddr.port))
    return Sockets(
        by_state=Counter(str(item.status) for item in connections),
        listening={pid: sorted(addresses) for pid, addresses in listening.items()},
    )


def _address(ip: str, port: int) -> str:
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"
