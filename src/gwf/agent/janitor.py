"""Aborts unfinished uploads of ours that no journal knows and that are older than the store's grace time."""

from __future__ import annotations

import logging
import math
import re
import threading
from collections.abc import Callable, Sequence

from gwf.agent.engine import Edge
from gwf.agent.journal.uploads import JournalUploads
from gwf.agent.model import host_name
from gwf.agent.transfer.destination import Destination
from gwf.core.breaker import BreakerState
from gwf.core.errors import DeniedError, GwfError
from gwf.core.mounts import real_path
from gwf.storage.keys import KeyParts, key_pattern
from gwf.storage.model import MultipartState

SWEEP_EVERY_S = 3600.0  #: longest pause between two looks at a store
FIRST_SWEEP_S = 60.0  #: from the start to the first look, when there is enough else to do
LEAST_PAUSE_S = 1.0
LOOK_EVERY_S = 15.0  #: longest sleep: other settings and new stores are seen after it
SWEEPS_IN_GRACE = 4.0  #: how often a store is looked at within its grace time

#: only between slashes a host's name cannot be the beginning of another's, as in web-1 and web-1-b
_WHOLE_NAME = re.compile(r"(?:^|/)\{hostname\}(?:/|$)")

log = logging.getLogger("gwf.agent.janitor")


class UploadJanitor:
    """A thread that looks at every store now and then.

    A bucket may be shared. An upload is ours if this host's templates can make its key and carry the host's name
    as a whole segment of it, or if the journal has a file of that key. Of ours, those are left alone that the journal
    knows (for any store: two may lead to one bucket), and those that are younger than `stores.<name>.orphan_grace`
    or of no known age.
    """

    def __init__(self, edge: Edge, *, also: Sequence[Callable[[], None]] = ()) -> None:
        """Look at nothing before `start`; `also` are other sweeps, called every LOOK_EVERY_S or sooner."""
        self._edge = edge
        self._also = also
        self._halt = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gwf-janitor", daemon=True)
        self._due_s: dict[str, float] = {}
        self._refused: set[str] = set()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; a look in progress ends after the request it is at."""
        self._halt.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5.0)

    def _run(self) -> None:
        pause_s = LEAST_PAUSE_S
        while not self._halt.wait(pause_s):
            try:
                self._sweep_due()
                for sweep in self._also:
                    sweep()
                pause_s = self._pause_s()
            except Exception:  # the edge of the thread: a fault of ours must not end the looking
                log.exception("orphan_sweep_crashed")

    def _pause_s(self) -> float:
        soonest_s = min(self._due_s.values(), default=math.inf) - self._edge.clock.monotonic_s()
        return max(LEAST_PAUSE_S, min(LOOK_EVERY_S, soonest_s))

    def _sweep_due(self) -> None:
        now_s = self._edge.clock.monotonic_s()
        self._due_s = {name: due_s for name, due_s in self._due_s.items() if name in self._edge.destinations}
        for name, destination in list(self._edge.destinations.items()):
            settings = self._edge.store_settings.get(name)
            if settings is None or not settings.orphan_grace or self._halt.is_set():
                continue
            pause_s = max(LEAST_PAUSE_S, min(SWEEP_EVERY_S, settings.orphan_grace / SWEEPS_IN_GRACE))
            if now_s < self._due_s.setdefault(name, now_s + min(pause_s, FIRST_SWEEP_S)):
                continue
            if destination.breaker.state is BreakerState.CLOSED:
                self._due_s[name] = now_s + pause_s
                self.sweep(destination, settings.orphan_grace)

    def sweep(self, destination: Destination, grace_s: float) -> int:
        """Look at one store now; return how many uploads were aborted."""
        name = destination.name
        try:
            uploads = destination.store.list_uploads("")
            self._edge.metrics.unfinished_uploads[name] = len(uploads)
            self._refused.discard(name)
            return self._abort(destination, self._forgotten(name, uploads, grace_s))
        except DeniedError as exc:  # credentials that may only write: a rule of the bucket has to do it
            if name not in self._refused:
                log.info("uploads_not_listed", extra={"store": name, "error": str(exc)})
            self._refused.add(name)
        except GwfError as exc:
            log.warning("orphan_sweep_failed", extra={"store": name, "error": str(exc)})
        return 0

    def _forgotten(self, store: str, uploads: Sequence[MultipartState], grace_s: float) -> list[MultipartState]:
        before_ms = self._edge.clock.now_ms() - grace_s * 1000
        old = [upload for upload in uploads if upload.begun_at_ms is not None and upload.begun_at_ms < before_ms]
        if not old:
            return []
        journal = JournalUploads(self._edge.journal.path)
        try:  # asked after the listing: what is begun meanwhile is not in it
            known, remembered = journal.ids(), journal.files_with_keys(store, {upload.key for upload in old})
        finally:
            journal.close()
        patterns = self._own_keys(store)
        return [
            upload
            for upload in old
            if upload.upload_id not in known
            and (upload.key in remembered or any(pattern.fullmatch(upload.key) for pattern in patterns))
        ]

    def _own_keys(self, store: str) -> list[re.Pattern[str]]:
        """Return what the keys look like that only this host makes."""
        agent = self._edge.agent
        return [
            key_pattern(
                watch.key,
                KeyParts(hostname=host_name(agent.hostname), path=b"", root=real_path(watch.path), labels=agent.labels),
            )
            for watch in agent.watch
            if watch.store == store and _WHOLE_NAME.search(watch.key)
        ]

    def _abort(self, destination: Destination, forgotten: Sequence[MultipartState]) -> int:
        aborted = 0
        for upload in forgotten:
            if self._halt.is_set():
                break
            destination.store.abort(upload)
            aborted += 1
            self._edge.metrics.orphans_aborted[destination.name] += 1
            age_s = (self._edge.clock.now_ms() - (upload.begun_at_ms or 0)) / 1000
            facts = {"store": destination.name, "key": upload.key, "upload_id": upload.upload_id, "age_s": round(age_s)}
            log.info("orphan_upload_aborted", extra=facts)
        if aborted:
            self._edge.metrics.unfinished_uploads[destination.name] -= aborted
        return aborted
