"""A TCP relay that counts what a client sends, to see from outside what was sent twice."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from urllib.parse import urlsplit

_CHUNK_BYTES = 256 * 1024


class Relay:
    """Passes connections on to a server; counts the bytes on their way there."""

    def __init__(self, target: str) -> None:
        """Listen on a free port for connections to the URL `target`."""
        parts = urlsplit(target)
        self._target = (parts.hostname or "", parts.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        #: bytes a client sent towards the server so far, heads of requests included
        self.sent_bytes = 0
        threading.Thread(target=self._accept, name="relay", daemon=True).start()

    @property
    def url(self) -> str:
        """The address to use in place of the server's."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        """Take no more connections."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listener was closed
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._target) as server:
            back = threading.Thread(target=_pump, args=(server, client, lambda _: None), daemon=True)
            back.start()
            _pump(client, server, self._count)
            back.join()

    def _count(self, size_bytes: int) -> None:
        with self._lock:
            self.sent_bytes += size_bytes


def _pump(source: socket.socket, target: socket.socket, passed: Callable[[int], None]) -> None:
    """Pass bytes on until an end goes away, as that of a killed client does."""
    with contextlib.suppress(OSError):
        while data := source.recv(_CHUNK_BYTES):
            passed(len(data))  # before they go on: who has the answer finds them counted
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def counting_relay(target: str) -> Generator[Relay]:
    """Run a relay until the block ends."""
    relay = Relay(target)
    try:
        yield relay
    finally:
        relay.close()
