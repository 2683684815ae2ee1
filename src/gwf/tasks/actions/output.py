"""Keeps the output of an action within a bound: its beginning and its end."""

from __future__ import annotations

from collections import deque


class BoundedOutput:
    """Takes any amount of bytes and keeps at most `max_bytes`: half from the beginning, half from the end."""

    def __init__(self, max_bytes: int) -> None:
        """Start empty."""
        self._head_room = max_bytes // 2
        self._tail_room = max_bytes - self._head_room
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_bytes = 0
        #: bytes that were written in all
        self.total_bytes = 0

    def write(self, data: bytes) -> None:
        """Take more output."""
        self.total_bytes += len(data)
        room = self._head_room - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        data = data[-self._tail_room :] if self._tail_room else b""
        if not data:
            return
        self._tail.append(data)
        self._tail_bytes += len(data)
        while self._tail_bytes - len(self._tail[0]) >= self._tail_room:
            self._tail_bytes -= len(self._tail.popleft())

    def text(self) -> str:
        """Return what is kept as text, with a line where something was left out."""
        tail = b"".join(self._tail)[-self._tail_room :] if self._tail_room else b""
        left_out = self.total_bytes - len(self._head) - len(tail)
        gap = f"\n… {left_out} bytes left out …\n".encode() if left_out else b""
        return (bytes(self._head) + gap + tail).decode("utf-8", "replace")
