"""A proxy that holds back what never ends, as some do between a reader and the platform: its streams do not arrive."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

CHUNK = 65_536


@contextmanager
def buffering_proxy(port: int) -> Iterator[str]:
    """Yield the address of a proxy before the port on this host; it passes whole answers on, and no stream."""
    door = socket.create_server(("127.0.0.1", 0))
    calls: list[socket.socket] = []

    def receive() -> None:
        while True:
            try:
                call, _ = door.accept()
            except OSError:  # the door was closed: the end
                return
            calls.append(call)
            threading.Thread(target=_serve, args=(call, port, calls), daemon=True).start()

    threading.Thread(target=receive, name="buffering-proxy", daemon=True).start()
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        for one in (door, *calls):
            with contextlib.suppress(OSError):  # it is closed already
                one.shutdown(socket.SHUT_RDWR)
            one.close()


def _serve(call: socket.socket, port: int, calls: list[socket.socket]) -> None:
    """Carry one request and its answer; a connection is for one request, so that each first line is seen."""
    with contextlib.suppress(OSError), call, socket.create_connection(("127.0.0.1", port)) as behind:
        calls.append(behind)
        head, body = _head(call)
        line, *fields = head.split(b"\r\n")
        kept = [one for one in fields if not one.lower().startswith(b"connection:")]
        behind.sendall(b"\r\n".join([line, *kept, b"Connection: close"]) + b"\r\n\r\n" + body)
        is_stream = b"/api/v1/stream" in line
        while piece := behind.recv(CHUNK):
            if not is_stream:  # a stream fills a buffer that is passed on when it is full, or at its end: never
                call.sendall(piece)


def _head(call: socket.socket) -> tuple[bytes, bytes]:
    got = b""
    while b"\r\n\r\n" not in got:
        piece = call.recv(CHUNK)
        if not piece:
            raise ConnectionResetError
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    return head, body
