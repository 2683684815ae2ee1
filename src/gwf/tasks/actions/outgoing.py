"""One HTTP request on its way out: sent to where it may go, redirects followed, cut off when told to."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urljoin

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from gwf import __version__
from gwf.core.errors import InputError, UnavailableError
from gwf.storage.http1.address import Address
from gwf.storage.http1.answer import Answer
from gwf.storage.http1.client import Client
from gwf.storage.http1.dial import Route
from gwf.tasks.actions.outward import Outward, Target, target_of

MAX_ANSWER_BYTES = 1024 * 1024  #: of a longer answer only the beginning is read
CONNECT_S = 10.0
_SAME_METHOD = frozenset({307, 308})  #: other redirects would turn the request into another one

HeaderName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
HeaderValue = Annotated[str, Field(max_length=4000, pattern=r"^[\x20-\x7e]*$")]


class Call(BaseModel):
    """One request."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, Field(min_length=1, max_length=2000)]
    method: Literal["POST", "PUT", "PATCH", "DELETE", "GET"] = "POST"
    headers: Annotated[dict[HeaderName, HeaderValue], Field(max_length=50)] = {}
    #: sent as JSON; a text is sent as it is
    body: JsonValue = None


class Look(Call):
    """A request for the head alone, which does nothing; no task can send it."""


def verb(call: Call) -> str:
    """Return the method that a request is sent with."""
    return "HEAD" if isinstance(call, Look) else call.method


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An answer, and who gave it."""

    answer: Answer
    url: str


class Outgoing:
    """One request on its way, redirects included."""

    def __init__(self, outward: Outward, tls: ssl.SSLContext, call: Call, *, redirects: int) -> None:
        self._outward, self._tls, self._call, self._redirects = outward, tls, call, redirects
        is_text = isinstance(call.body, str)
        self.body: bytes = b"" if call.body is None else _text(call.body).encode()
        self._type = "text/plain; charset=utf-8" if is_text else "application/json"
        self._client: Client | None = None
        self._aborted = False

    def abort(self) -> None:
        """Make what is under way fail, and begin nothing more."""
        self._aborted = True
        if self._client is not None:
            self._client.close()

    def send(self, ours: Mapping[str, str], *, timeout_s: float) -> Heard:
        """Send it and return the last answer; blocks.

        Raises:
            GwfError: There is none.
        """
        url, first = self._call.url, target_of(self._call.url)
        target = first
        left = self._redirects
        while True:
            answer = self._sent(target, ours, timeout_s=timeout_s, is_first=target.origin == first.origin)
            where = answer.header("location")
            if answer.status not in _SAME_METHOD or not where or not left:
                return Heard(answer=answer, url=url)
            left -= 1
            url = urljoin(url, where)
            onward = target_of(url)
            if target.scheme == "https" and onward.scheme != "https":
                raise InputError("the redirect leads from https to http", url=url[:200])
            target = onward

    def _sent(self, target: Target, ours: Mapping[str, str], *, timeout_s: float, is_first: bool) -> Answer:
        """Send to one place; headers of the configuration go to the first origin only, they may be confidential."""
        given = self._call.headers if is_first else {}
        own = {"host": _authority(target), "user-agent": f"gwf/{__version__}", "connection": "close", **ours}
        if self.body or self._call.method in {"POST", "PUT", "PATCH"}:
            own["content-length"] = str(len(self.body))
        if self.body and "content-type" not in {name.lower() for name in given}:
            own["content-type"] = self._type
        lines = [f"{verb(self._call)} {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in own.items())]
        lines += [f"{name}: {value}" for name, value in given.items()]
        route = self._route(target, timeout_s)
        self._client = client = Client(route, max_idle=0, most_body_bytes=MAX_ANSWER_BYTES)
        if self._aborted:
            raise UnavailableError("it was stopped before it was sent", host=target.host)
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        return client.request(head, self.body, to_head=isinstance(self._call, Look), repeatable=False)

    def _route(self, target: Target, timeout_s: float) -> Route:
        return Route(
            server=Address(scheme=target.scheme, host=target.host, port=target.port),
            tls=self._tls if target.scheme == "https" else None,
            connect_timeout_s=min(CONNECT_S, timeout_s),
            read_timeout_s=timeout_s,
            connect_to=self._outward.address_of(target),
        )


def _authority(target: Target) -> str:
    return Address(scheme=target.scheme, host=target.host, port=target.port).authority


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
