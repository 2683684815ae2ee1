"""Asks the HTTP port of an agent and measures how long each answer takes."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer and the time from sending the request to the last byte."""

    took_ms: float
    body: Any


class AskError(Exception):
    """The agent refused."""


class Asker:
    """One connection that is kept open."""

    def __init__(self, url: str) -> None:
        """Connect to the agent at `url`."""
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        self._connection.connect()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self._connection.close()

    def ask(self, path: str, body: object = None) -> Answer:
        """GET `path`, or POST `body` as JSON.

        Raises:
            AskError: The answer is not 200.
        """
        sent = None if body is None else json.dumps(body).encode()
        started_s = time.perf_counter()
        self._connection.request("GET" if sent is None else "POST", path, sent)
        response = self._connection.getresponse()
        raw = response.read()
        took_ms = 1000 * (time.perf_counter() - started_s)
        if response.status != 200:
            raise AskError(f"{path}: {response.status} {raw[:200]!r}")
        return Answer(took_ms=took_ms, body=json.loads(raw))


def percentiles(took_ms: list[float]) -> dict[str, float]:
    """Return the middle and the 95th of a hundred values."""
    ordered = sorted(took_ms)
    return {f"p{share}_ms": ordered[min(len(ordered) - 1, len(ordered) * share // 100)] for share in (50, 95)}
