"""Opening connections: names, time limits, TLS, and the way through a forward proxy."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
from dataclasses import dataclass

from gwf.storage.http1.address import Address, Proxy
from gwf.storage.http1.connection import Connection

_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How one server is reached."""

    server: Address
    proxy: Proxy | None = None
    #: None for plain HTTP
    tls: ssl.SSLContext | None = None
    connect_timeout_s: float
    #: longest silence while sending or waiting
    read_timeout_s: float
    #: connect to this address instead of looking the server's name up: somebody looked and checked before
    connect_to: str | None = None


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Return settings for TLS that trust `ca_file` alone, or the system's authorities.

    Raises:
        OSError: The file cannot be read or holds no certificate (ssl.SSLError).
    """
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def dial(route: Route) -> Connection:
    """Return a new connection along `route`, ready for a request.

    Raises:
        OSError: It could not be made; ConnectionError when the proxy refused.
    """
    target = route.proxy.address if route.proxy else route.server
    host = route.connect_to or _resolvable(target.host)
    sock = socket.create_connection((host, target.port), route.connect_timeout_s)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if route.tls is not None:
            if route.proxy is not None:
                _tunnel(sock, route.server, route.proxy)
            sock = route.tls.wrap_socket(sock, server_hostname=route.server.host)
            sock.settimeout(route.read_timeout_s)
        else:
            _limit_silence(sock, route.read_timeout_s)
    except BaseException:
        sock.close()
        raise
    return Connection(sock)


def _resolvable(host: str) -> str:
    # RFC 6761: every name below localhost is loopback, though resolvers differ
    return _LOOPBACK if host.endswith(".localhost") else host


def _limit_silence(sock: socket.socket, seconds: float) -> None:
    """Let the kernel limit the silence: Python's own timeout costs one more system call per send and receive."""
    whole = int(seconds)
    limit = struct.pack("@ll", whole, max(int((seconds - whole) * 1_000_000), 0 if whole else 1))
    sock.settimeout(None)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)


def _tunnel(sock: socket.socket, server: Address, proxy: Proxy) -> None:
    host = f"[{server.host}]" if ":" in server.host else server.host
    lines = [f"CONNECT {host}:{server.port} HTTP/1.1", f"host: {host}:{server.port}"]
    if proxy.authorization:
        lines.append(f"proxy-authorization: {proxy.authorization}")
    with contextlib.closing(_Borrowed(sock)) as through:
        answer = through.exchange(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"), b"", to_head=True)
    if answer.status != 200:
        raise ConnectionError(f"proxy refused the way to the server with status {answer.status}")


class _Borrowed(Connection):
    """A connection whose socket lives on after it."""

    __slots__ = ()

    def close(self) -> None:
        """Leave the socket open."""
