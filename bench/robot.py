"""A DingTalk robot that enforces its limit: a process of its own that checks signatures and notes what arrives."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import multiprocessing
import threading
import time
from collections import deque
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

SECRET = "SEC-of-the-robot"
WINDOW_S = 60.0
TOO_FAST = 130101
BAD_SIGNATURE = 310000


class Robot:
    """Answers as DingTalk does; leave the `with` block to end it."""

    def __init__(self, home: Path, *, per_minute: int) -> None:
        """Let through so many messages in any minute; 0 = all."""
        self._notes = home / "robot.jsonl"
        self._notes.touch()
        ready, told = multiprocessing.Pipe(duplex=False)
        work = multiprocessing.get_context("fork").Process(
            target=_serve, args=(self._notes, per_minute, told), daemon=True
        )
        work.start()
        self._work = work
        self.url = f"http://127.0.0.1:{ready.recv()}/robot/send?access_token=t"

    def __enter__(self) -> Self:
        """It runs already."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._work.terminate()
        self._work.join()

    def notes(self) -> Sequence[dict[str, Any]]:
        """Return what arrived: `at_s`, `code` that was answered, `title`, `text`, `key`."""
        return [json.loads(line) for line in self._notes.read_text(encoding="utf-8").splitlines()]


def _is_signed(path: str, now_s: float) -> bool:
    """Tell whether a request has the right signature, or none as webhooks have."""
    query = parse_qs(urlsplit(path).query)
    if "sign" not in query:
        return True
    stamp = query["timestamp"][0]
    digest = hmac.digest(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256)
    return query["sign"][0] == base64.b64encode(digest).decode() and abs(now_s - int(stamp) / 1000) < 3600


def _serve(notes: Path, per_minute: int, told: Any) -> None:
    taken: deque[float] = deque()
    keys: set[str] = set()
    lock = threading.Lock()
    file = notes.open("a", encoding="utf-8")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            now_s = time.time()
            key = self.headers.get("idempotency-key", "")
            with lock:
                code = self._code(now_s)
                is_known = not body.get("markdown") and key in keys
                keys.add(key)
                text = body.get("markdown") or body
                note = {"at_s": now_s, "code": code, "key": key, "again": is_known, "title": text["title"],
                        "text": text["text"]}  # fmt: skip
                file.write(json.dumps(note) + "\n")
                file.flush()
            answer = json.dumps({"errcode": code, "errmsg": "ok" if code == 0 else "refused"}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def _code(self, now_s: float) -> int:
            if not _is_signed(self.path, now_s):
                return BAD_SIGNATURE
            while taken and taken[0] <= now_s - WINDOW_S:
                taken.popleft()
            if per_minute and len(taken) >= per_minute:
                return TOO_FAST
            taken.append(now_s)
            return 0

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128

        def handle_error(self, *_: object) -> None:
            """Pass over those who were killed before they heard the answer."""

    server = Server(("127.0.0.1", 0), Handler)
    told.send(server.server_address[1])
    server.serve_forever()
