"""The thread that listens for hints of the centre; a hint brings the next heartbeat forward, or fetches questions."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterable, Iterator

from gwf.agent.centre.line import Line
from gwf.core.errors import GwfError, InputError

AGAIN_S = (1.0, 15.0)  #: between two tries
WITHOUT_S = 600.0  #: pause when the centre has no stream
UNHEARD_S = 1.0
MAX_LINE_BYTES = 4096

log = logging.getLogger("gwf.agent.centre")


def hints(pieces: Iterable[bytes]) -> Iterator[str]:
    """Yield the data of each server-sent event. Pure."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        rest = rest[:MAX_LINE_BYTES]
        for line in lines:
            name, _, value = line.rstrip(b"\r").partition(b":")
            if name == b"data":
                yield value.strip().decode("utf-8", "replace")


class HintListener:
    """Listens while there is a credential; without the stream heartbeats alone bring what is new."""

    def __init__(self, line: Line, *, hinted: Callable[[str], None]) -> None:
        """Listen to nothing before `start`; `hinted` is told what is new: config, asks …"""
        self._line = line
        self._hinted = hinted
        self._thread = threading.Thread(target=self._run, name="gwf-centre-hints", daemon=True)
        #: whether the stream is open
        self.listening = False

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Wait for the end; the line must have been halted and its calls closed."""
        if self._thread.is_alive():
            self._thread.join(timeout=10.0)

    def _run(self) -> None:
        pause_s = 0.0
        while not self._line.halted.wait(pause_s):
            credential = self._line.credential
            if not credential:
                pause_s = UNHEARD_S
                continue
            try:
                self._listen(credential)
                pause_s = random.uniform(*AGAIN_S)  # noqa: S311 — a wait, no secret
            except InputError:
                pause_s = WITHOUT_S
            except GwfError as exc:
                log.debug("hints_ended", extra={"error": str(exc)})
                pause_s = random.uniform(*AGAIN_S)  # noqa: S311 — as above
            except Exception:  # the edge of the thread: heartbeats bring what is new all the same
                log.exception("hints_crashed")
                pause_s = WITHOUT_S
            finally:
                self.listening = False

    def _listen(self, credential: str) -> None:
        with self._line.calls.stream(credential) as (answer, connection):
            self.listening = True
            for word in hints(connection.stream_body(answer)):
                self._hinted(word)
                if self._line.halted.is_set():
                    return
