"""The way in for whoever may read the data directory of a process: a token in a file, links that log a browser in."""

from __future__ import annotations

import contextlib
import hmac
import logging
import os
import threading
from pathlib import Path

from gwf.core.clock import Clock
from gwf.core.durable import write_durably
from gwf.core.errors import LocalIoError
from gwf.identity.secrets import LOCAL_PREFIX, hash_of, new_secret

FILE = "local.token"
LINK_S = 600.0  #: a link that was not opened so long is no good
SESSION_S = 12 * 3600.0
MAX_LINKS = 20  #: that wait to be opened; the oldest goes first
MAX_SESSIONS = 100

log = logging.getLogger("gwf.identity")


class LocalAccess:
    """The token, links and sessions of this run of a process; they end with it. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        """Make a new token."""
        self.token = new_secret(LOCAL_PREFIX)
        self._clock = clock
        self._lock = threading.Lock()
        self._links: dict[bytes, float] = {}
        self._sessions: dict[bytes, float] = {}

    def is_token(self, secret: str) -> bool:
        """Return whether this is the token."""
        return hmac.compare_digest(hash_of(secret), hash_of(self.token))

    def new_link(self) -> str:
        """Return the code of a new link, good for one use within LINK_S."""
        code = new_secret(LOCAL_PREFIX)
        with self._lock:
            self._keep(self._links, code, seconds=LINK_S, most=MAX_LINKS)
        return code

    def open_link(self, code: str) -> str | None:
        """Return the secret of a new session; None for a code that is unknown, used or too old."""
        with self._lock:
            until_s = self._links.pop(hash_of(code), 0.0)
            if until_s <= self._clock.monotonic_s():
                return None
            secret = new_secret(LOCAL_PREFIX)
            self._keep(self._sessions, secret, seconds=SESSION_S, most=MAX_SESSIONS)
            return secret

    def is_session(self, secret: str) -> bool:
        """Return whether a session has this secret and lasts."""
        with self._lock:
            return self._sessions.get(hash_of(secret), 0.0) > self._clock.monotonic_s()

    def end_session(self, secret: str) -> None:
        """End a session."""
        with self._lock:
            self._sessions.pop(hash_of(secret), None)

    def _keep(self, kept: dict[bytes, float], secret: str, *, seconds: float, most: int) -> None:
        while len(kept) >= most:
            del kept[next(iter(kept))]
        kept[hash_of(secret)] = self._clock.monotonic_s() + seconds


def publish_token(directory: Path, access: LocalAccess) -> None:
    """Write the token down for the owner of the data directory; without it commands of this host need another login."""
    try:
        write_durably(directory / FILE, f"{access.token}\n".encode(), mode=0o600)
    except LocalIoError as exc:
        log.warning("local_token_not_written", extra={"error": str(exc)})


def withdraw_token(directory: Path, access: LocalAccess) -> None:
    """Remove the token, unless another process has put its own there."""
    if find_token(directory) == access.token:
        forget_token(directory)


def forget_token(directory: Path) -> None:
    """Remove the token of whichever process; call it with the lock of the directory."""
    with contextlib.suppress(OSError):
        os.unlink(directory / FILE)


def find_token(directory: Path) -> str | None:
    """Return the token in a data directory; None when there is none, or it may not be read."""
    try:
        text = (directory / FILE).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return text if text.startswith(LOCAL_PREFIX) else None
