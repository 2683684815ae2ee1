"""Hints of changes on systems without inotify, by the watchfiles package; walks remain what counts."""

from __future__ import annotations

import importlib.util
import logging
import os
import threading
from collections.abc import Callable, Sequence

RETRY_S = 2.0  #: pause before a missing directory is watched again

log = logging.getLogger("gwf.agent.watch")


def is_available() -> bool:
    """Tell whether the watchfiles package is installed (it is required where there is no inotify)."""
    return importlib.util.find_spec("watchfiles") is not None


class ForeignWatcher(threading.Thread):
    """Calls back for each changed path below the roots. It may miss changes in directories that are new."""

    def __init__(self, roots: Sequence[bytes], changed: Callable[[bytes], None], *, began: Callable[[], None]) -> None:
        """Both are called from this thread; `began` each time that a watch begins: what came before it, nobody told."""
        super().__init__(name="gwf-foreign", daemon=True)
        self._roots = roots
        self._changed = changed
        self._began = began
        self._halt = threading.Event()

    def run(self) -> None:
        """Report until stopped; roots that are missing are tried again."""
        while not self._halt.is_set():
            present = [os.fsdecode(root) for root in self._roots if os.path.isdir(root)]
            try:
                self._report(present)
            except OSError as exc:
                log.warning("foreign_watch_failed", extra={"error": str(exc)})
            self._halt.wait(RETRY_S)

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._halt.set()
        if self.is_alive():
            self.join()

    def _report(self, present: list[str]) -> None:
        import watchfiles  # noqa: PLC0415 — not installed where inotify is

        if not present:
            return
        changes = watchfiles.watch(
            *present,
            watch_filter=None,
            debounce=200,
            step=50,
            stop_event=self._halt,
            rust_timeout=500,
            yield_on_timeout=True,
            raise_interrupt=False,
        )
        for number, batch in enumerate(changes):  # an empty one after half a second at the latest
            if number == 0:
                self._began()
            for _, path in batch:
                self._changed(os.fsencode(path))
            if len(present) < sum(os.path.isdir(root) for root in self._roots):
                return  # a missing root came back: watch all anew
