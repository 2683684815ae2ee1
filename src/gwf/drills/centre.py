"""The scratch centre of a drill: a real one as a child process, taken away, brought back, and asked what it knows."""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from gwf.core.errors import UnavailableError
from gwf.core.settings.draft import is_block, is_list
from gwf.drills.instance import ANSWER_S, Instance
from gwf.drills.model import STORE, CentreAccount
from gwf.identity.local import find_token

PAGE = 1000
AWAY_AFTER_S = 1.0  #: when health tells of it; a drill has no patience
HEARTBEAT_S = 0.5


class ScratchCentre:
    """A centre on an address that stays the same over its lives."""

    def __init__(self, home: Path, *, started: Callable[[int], None]) -> None:
        """Write its configuration; nothing runs before `start`."""
        home.mkdir(mode=0o700)
        self._data = home / "data"
        listen = f"127.0.0.1:{_free_port()}"
        self.url = f"http://{listen}"
        document = {"data_dir": str(self._data), "listen": listen, "log": {"format": "json"}}
        self._instance = Instance(home, document, started=started, command="server")

    def start(self) -> None:
        """Start it and wait until it answers; one that runs is left alone.

        Raises:
            UnavailableError: It ended, or did not answer in time.
        """
        if not self._instance.alive:
            self._instance.start()

    def kill(self) -> None:
        """End it by SIGKILL."""
        self._instance.kill()

    def agent_settings(self) -> dict[str, object]:
        """Return what lets an edge report here; call it while the centre runs."""
        answer = self.ask("/api/v1/enrolment-tokens", {"name": "drill", "max_uses": 10})
        return {
            "url": self.url,
            "enrolment_token": str(answer["secret"]),
            "heartbeat": HEARTBEAT_S,
            "away_after": AWAY_AFTER_S,
            "connect_timeout": 1.0,
            "read_timeout": 5.0,
        }

    def account(self, top: str, files: int, *, within_s: float) -> CentreAccount:
        """Return what the centre was told of the files below `top`, once it was told of all or the time is over."""
        end_s = time.monotonic() + within_s
        while True:
            known = self._told(top)
            if len(known) >= files or time.monotonic() >= end_s:
                doubled = tuple(sorted(path for path, count in known.items() if count > 1))
                return CentreAccount(told=len(known), missing=files - len(known), doubled=doubled)
            time.sleep(0.2)

    def ask(self, path: str, body: Mapping[str, object] | None = None) -> dict[str, object]:
        """Return the JSON of a GET, or with `body` of a POST.

        Raises:
            UnavailableError: It does not answer, or refuses.
        """
        content = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {find_token(self._data) or ''}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}{path}", content, headers)  # noqa: S310 - loopback
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:  # noqa: S310 - as above
                return dict(json.load(answer))
        except urllib.error.HTTPError as refusal:
            with refusal:
                what = refusal.read(500).decode("utf-8", "replace")
            raise UnavailableError("the centre refuses", path=path, status=refusal.code, answer=what) from refusal
        except (OSError, ValueError) as exc:
            raise UnavailableError("the centre does not answer", path=path, reason=str(exc)) from exc

    def _told(self, top: str) -> Counter[str]:
        """Return how often the centre was told of the arrival of each file."""
        known: Counter[str] = Counter()
        query = f"/api/v1/file-events?status=done&store={STORE}&limit={PAGE}"
        cursor: object = ""
        while cursor is not None:
            answer = self.ask(query if not cursor else f"{query}&cursor={cursor}")
            items = answer["items"]
            if not is_list(items):
                raise UnavailableError("the centre lists no file events", answer=str(answer)[:200])
            paths = [str(item["path"]) for item in items if is_block(item)]
            known.update(path for path in paths if path.startswith(top))
            cursor = answer["next_cursor"]
        return known


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
