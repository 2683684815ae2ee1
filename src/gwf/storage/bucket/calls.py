"""One signed request to a bucket: its head in bytes, its answer or the error that it means."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager

import msgspec

from gwf.storage.bucket.dialect import Dialect
from gwf.storage.bucket.refusals import refusal
from gwf.storage.http1.answer import Answer
from gwf.storage.http1.client import Client, Exchange
from gwf.storage.http1.connection import Body, Connection
from gwf.storage.sign.credentials import Pairs, Unsigned, encode_path, encode_query
from gwf.storage.sign.sigv4 import EMPTY_SHA256

_AGENT = "user-agent: gwf\r\n"


class Call(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One request."""

    method: str
    #: name of the object in the bucket, prefix included; "" = the bucket itself
    name: str = ""
    query: Pairs = ()
    #: lower-case names; the signature adds its own
    headers: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    body: Body = b""
    #: of the body, lower-case hex
    sha256: str = EMPTY_SHA256
    #: whether arriving twice does no harm
    repeatable: bool = True


class Bucket:
    """One bucket of one server."""

    def __init__(self, client: Client, dialect: Dialect, *, bucket: str, path_style: bool) -> None:
        """Address `bucket` in the path, or by the host name that the client's route already has."""
        self.dialect = dialect
        self.bucket = bucket
        self._client = client
        self._base = f"/{bucket}" if path_style else ""
        self._tail = f"{_AGENT}{client.proxy_header}"

    def send(self, call: Call) -> Answer:
        """Send `call` and return the answer if it is a success.

        Raises:
            GwfError: As the table of refusals says, or as the connection failed.
        """
        return self.finish(call, self.begin(call))

    def begin(self, call: Call) -> Exchange:
        """Send `call`; its answer is read by `finish`, which must follow."""
        to_head = call.method == "HEAD"
        return self._client.begin(self._head(call), call.body, to_head=to_head, repeatable=call.repeatable)

    def finish(self, call: Call, exchange: Exchange, *, overdue: bool = False) -> Answer:
        """Return the answer of a call that was begun, as `send` does; `overdue` = wait for it no longer."""
        answer = self._client.finish(exchange, overdue=overdue)
        if 200 <= answer.status < 300:
            return answer
        raise refusal(answer, key=call.name, request_id=self.request_id(answer))

    @contextmanager
    def stream(self, call: Call) -> Generator[tuple[Answer, Connection]]:
        """Send `call` and lend the connection to read the body of a successful answer."""
        with self._client.stream(self._head(call)) as (answer, connection):
            if not 200 <= answer.status < 300:
                connection.read_body(answer)
                raise refusal(answer, key=call.name, request_id=self.request_id(answer))
            yield answer, connection

    def request_id(self, answer: Answer) -> str:
        """Return the service's own id of a request."""
        return answer.header(self.dialect.request_id_header)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _head(self, call: Call) -> bytes:
        path = f"{self._base}/{encode_path(call.name)}"
        headers = call.headers
        headers["host"] = self._client.server
        request = Unsigned(
            method=call.method, path=path, bucket=self.bucket, key=call.name, query=call.query, headers=headers
        )
        headers = self.dialect.sign(request, payload_sha256=call.sha256, at_s=int(time.time()))
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        query = f"?{encode_query(call.query, bare=self.dialect.bare_query)}" if call.query else ""
        target = f"{self._client.target_prefix}{path}{query}"
        return f"{call.method} {target} HTTP/1.1\r\n{lines}{self._tail}{_length(call)}\r\n".encode("latin-1")


def _length(call: Call) -> str:
    body = call.body
    size = len(body) if isinstance(body, bytes) else body.size_bytes
    return f"content-length: {size}\r\n" if size or call.method in {"PUT", "POST"} else ""
