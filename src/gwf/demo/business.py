"""The made-up business beyond a demo: a small HTTP server that hears its webhooks and has moods."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: how long it thinks about a check, and a receipt
CHECK_S, RECEIPT_S = 1.6, 0.2
LARGEST = 1_000_000


@dataclass
class Business:
    """What it answers: `/register`, `/check`, `/oncall` are well; `/stock` is busy once; `/archive` is gone."""

    url: str = ""
    #: whether `/vendor` still refuses our key
    vendor_refuses: bool = True
    #: keys of what `/stock` was asked for once and told to come again
    _told: set[str] = field(default_factory=set[str])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def mend_vendor(self) -> None:
        """Let the vendor accept our key from now on."""
        self.vendor_refuses = False

    def status(self, path: str, key: str = "") -> int:
        """Return the answer to a path; without a key of its work nothing is asked for but whether it is there."""
        if path == "/archive":
            return 404
        if path == "/vendor":
            return 403 if self.vendor_refuses else 200
        if path == "/stock" and key:
            with self._lock:
                is_first = key not in self._told
                self._told.add(key)
            return 503 if is_first else 200
        return 200


@contextmanager
def open_business() -> Generator[Business]:
    """Listen on loopback until the block ends."""
    business = Business()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(business))
    business.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, name="demo-business", daemon=True)
    thread.start()
    try:
        yield business
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10.0)


def _handler(business: Business) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 30

        def do_POST(self) -> None:  # the library's name
            length = int(self.headers.get("content-length") or 0)
            if length > LARGEST:
                self._answer(413, {})
                return
            self.rfile.read(length)
            time.sleep(CHECK_S if self.path == "/check" else RECEIPT_S)
            key = self.headers.get("idempotency-key", "")
            status = business.status(self.path, key)
            self._answer(status, {"ok": status < 300, "receipt": f"R-{key[-8:]}"})

        def do_HEAD(self) -> None:  # the library's name
            self._answer(business.status(self.path), None)

        do_DELETE = do_PUT = do_POST  # noqa: N815  # the library's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the library's name
            """Say nothing."""

        def _answer(self, status: int, body: dict[str, object] | None) -> None:
            content = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler
