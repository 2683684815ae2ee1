"""One connection to a server: sends a request, reads the answer, knows whether it can be used again."""

from __future__ import annotations

import errno
import os
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass

from gwf.core.errors import LocalIoError
from gwf.core.quickio import receive_now, send_now
from gwf.storage.hashing import chunks, short_source
from gwf.storage.http1.answer import CHUNKED, MAX_BODY_BYTES, MAX_HEAD_BYTES, UNTIL_CLOSE, Answer
from gwf.storage.http1.failures import BadAnswerError, NoAnswerError
from gwf.storage.model import FileSource

_RECV_BYTES = 16 * 1024
_STREAM_BYTES = 256 * 1024
_JOIN_BYTES = 32 * 1024  #: up to here copying head and body together is cheaper than a second system call
_MAX_LINE_BYTES = 4096
_SOURCE_FAILED = {errno.EIO, errno.ESTALE, errno.EINVAL, errno.EOVERFLOW}  #: of sendfile: the file, not the socket
_MORE: int = getattr(socket, "MSG_MORE", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileBody:
    """A range of an open file as the body of a request."""

    source: FileSource
    offset: int
    size_bytes: int


Body = bytes | FileBody


class Connection:
    """A connected socket and the bytes received beyond the current answer. Used by one thread at a time."""

    __slots__ = ("_ahead", "_failed", "idle_since_s", "is_tls", "reused", "sock")

    def __init__(self, sock: socket.socket) -> None:
        """Own `sock` from now on."""
        self.sock = sock
        self.is_tls = isinstance(sock, ssl.SSLSocket)
        self.reused = False
        self.idle_since_s = time.monotonic()
        self._ahead = b""
        #: why the request could not be sent whole
        self._failed: OSError | None = None

    def close(self) -> None:
        """Close the socket."""
        self.sock.close()

    def abort(self) -> None:
        """Make a call in another thread that waits on this connection fail now."""
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:  # it is not connected any more: nobody waits on it
            return

    def is_quiet(self) -> bool:
        """Tell whether the server has neither closed the idle connection nor sent anything into it."""
        try:
            socket.socket.recv(self.sock, 1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except (BlockingIOError, InterruptedError):
            return True
        except OSError:
            return False
        return False

    @property
    def has_rest(self) -> bool:
        """Whether bytes came that belong to no answer asked for."""
        return bool(self._ahead)

    def exchange(self, head: bytes, body: Body, *, to_head: bool = False) -> Answer:
        """Send one request and return its answer's head; the body is still to be read.

        Raises:
            NoAnswerError: The connection ended before an answer began.
            SourceChangedError: The file ends inside the range.
            OSError, BadAnswerError: As said by the system, or by what came.
        """
        self.begin(head, body)
        return self.answer(to_head=to_head)

    def begin(self, head: bytes, body: Body) -> None:
        """Send one request. What the system says against it is told by `answer`: the server may have refused it.

        Raises:
            SourceChangedError, LocalIoError: The file ends inside the range, or cannot be read.
        """
        try:
            self._send(head, body)
        except OSError as exc:
            self._failed = exc

    def has_answer(self) -> bool:
        """Tell whether `answer` has something to read; with TLS only poll(2) can tell that the first bytes came."""
        if self._ahead or self._failed is not None:
            return True
        if isinstance(self.sock, ssl.SSLSocket):
            return self.sock.pending() > 0
        data = receive_now(self.sock)
        if data:
            self._ahead = data
        return data is not None

    def answer(self, *, to_head: bool = False) -> Answer:
        """Return the head of the answer to the request that was begun; see `exchange`."""
        failed, self._failed = self._failed, None
        if failed is None:
            return self._read_head(to_head=to_head)
        if not isinstance(failed, (ConnectionError, ssl.SSLEOFError)):
            raise failed
        answer = self._early_answer()
        if answer is None:
            raise NoAnswerError(str(failed)) from failed
        return answer

    def read_body(self, answer: Answer, *, most: int | None = None) -> Answer:
        """Read the body into `answer.body`: the whole of it, or with `most` its beginning and no more.

        Raises:
            BadAnswerError: It is larger than is sensible to hold, or broken.
        """
        length = answer.length
        if 0 <= length <= len(self._ahead):
            answer.body, self._ahead = self._ahead[:length], self._ahead[length:]
            return answer
        pieces: list[bytes] = []
        total = 0
        for piece in self.stream_body(answer):
            total += len(piece)
            pieces.append(piece)
            if most is not None and total >= most:
                answer.reusable = False  # the rest of it is still to come
                break
            if total > MAX_BODY_BYTES:
                raise BadAnswerError("body is too large")
        answer.body = b"".join(pieces)[:most]
        return answer

    def stream_body(self, answer: Answer) -> Iterator[bytes]:
        """Yield the body in pieces as they come."""
        if answer.length == CHUNKED:
            yield from self._chunked()
        elif answer.length == UNTIL_CLOSE:
            while piece := self._some(_STREAM_BYTES, at_end=b""):
                yield piece
        else:
            yield from self._exactly(answer.length)

    def _send(self, head: bytes, body: Body) -> None:
        if isinstance(body, bytes):
            self._send_bytes(head, body)
        elif self.is_tls:
            self.sock.sendall(head)
            for chunk in chunks(body.source, body.offset, body.size_bytes):
                self.sock.sendall(chunk)
        else:
            self.sock.sendall(head, _MORE)
            _send_file(self.sock.fileno(), body)

    def _send_bytes(self, head: bytes, body: bytes) -> None:
        if len(body) <= _JOIN_BYTES or self.is_tls:
            data = head + body if body else head
            sent = 0 if self.is_tls else send_now(self.sock.fileno(), data)
            if sent < len(data):
                self.sock.sendall(memoryview(data)[sent:])
            return
        sent = self.sock.sendmsg((head, body))
        if sent < len(head):
            self.sock.sendall(head[sent:])
            sent = len(head)
        rest = memoryview(body)[sent - len(head) :]
        if rest:
            self.sock.sendall(rest)

    def _early_answer(self) -> Answer | None:
        """Return the answer of a server that refused while we still sent, if one arrived before the end."""
        if self.is_tls:
            return None
        try:
            self._ahead += self.sock.recv(_RECV_BYTES, socket.MSG_DONTWAIT)
            answer = self._read_head(to_head=False)
        except (OSError, BadAnswerError):
            return None
        answer.reusable = False
        return answer

    def _read_head(self, *, to_head: bool) -> Answer:
        data = self._ahead or self._first()
        while True:
            end = data.find(b"\r\n\r\n")
            while end < 0:
                if len(data) > MAX_HEAD_BYTES:
                    raise BadAnswerError("head is too large")
                more = self.sock.recv(_RECV_BYTES)
                if not more:
                    raise BadAnswerError("answer ended inside its head")
                data += more
                end = data.find(b"\r\n\r\n")
            answer = Answer(data[:end], to_head=to_head)
            self._ahead = data = data[end + 4 :]
            if answer.status >= 200:
                return answer
            # 100 Continue and its kin announce the real answer

    def _first(self) -> bytes:
        try:
            data = self.sock.recv(_RECV_BYTES)
        except ConnectionError as exc:
            raise NoAnswerError(str(exc)) from exc
        if not data:
            raise NoAnswerError("closed by the server")
        return data

    def _some(self, limit: int, *, at_end: bytes | None = None) -> bytes:
        if self._ahead:
            piece, self._ahead = self._ahead[:limit], self._ahead[limit:]
            return piece
        piece = self.sock.recv(limit)
        if piece or at_end is not None:
            return piece
        raise BadAnswerError("answer ended inside its body")

    def _exactly(self, count: int) -> Iterator[bytes]:
        while count:
            piece = self._some(min(count, _STREAM_BYTES))
            count -= len(piece)
            yield piece

    def _chunked(self) -> Iterator[bytes]:
        while True:
            text = self._line().partition(b";")[0].strip()
            try:
                size = int(text, 16)
            except ValueError as exc:
                raise BadAnswerError("chunk size is not usable") from exc
            if size < 0 or text[:1] in b"+-":
                raise BadAnswerError("chunk size is not usable")
            if size == 0:
                break
            yield from self._exactly(size)
            if self._line():
                raise BadAnswerError("chunk is longer than it says")
        while self._line():
            pass  # trailers

    def _line(self) -> bytes:
        while (end := self._ahead.find(b"\r\n")) < 0:
            if len(self._ahead) > _MAX_LINE_BYTES:
                raise BadAnswerError("line is too long")
            more = self.sock.recv(_RECV_BYTES)
            if not more:
                raise BadAnswerError("answer ended inside its body")
            self._ahead += more
        line, self._ahead = self._ahead[:end], self._ahead[end + 2 :]
        return line


def _send_file(sock_fd: int, body: FileBody) -> None:
    at, end = body.offset, body.offset + body.size_bytes
    while at < end:
        try:
            sent = os.sendfile(sock_fd, body.source.fd, at, end - at)
        except OSError as exc:
            if exc.errno in _SOURCE_FAILED:
                raise LocalIoError("file could not be read", errno=exc.errno, reason=exc.strerror) from exc
            raise
        if not sent:
            raise short_source(body.source, at)
        at += sent
