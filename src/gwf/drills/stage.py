"""The scratch installation of a drill: an S3 endpoint of its own, a proxy before it, an instance, a watched tree."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import ExitStack
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from gwf.drills.account import account
from gwf.drills.centre import ScratchCentre
from gwf.drills.instance import Instance
from gwf.drills.live import LiveInstance
from gwf.drills.model import STORE, Account, CentreAccount, DrillPlan
from gwf.drills.notes import DrillNotes
from gwf.drills.watcher import Watched
from gwf.drills.writer import PART_BYTES, THRESHOLD_BYTES, Writer
from gwf.testing.fault_proxy import FaultProxy, fault_proxy
from gwf.testing.s3_sink import S3Sink, s3_sink

CHECK_S = 60.0
TRIED = ("transfer", "retry", "breaker", "high_water", "reconcile_interval")  #: settings taken from the operator


class Stage:
    """Everything a drill plays with; leave the `with` block and nothing of it is left."""

    def __init__(
        self, plan: DrillPlan, notes: DrillNotes, *, live: LiveInstance | None = None, with_centre: bool = False
    ) -> None:
        """Start nothing yet; with `live` the drill joins a running process instead of one of its own."""
        self.plan = plan
        self._with_centre = with_centre
        self.live = live
        self._joined = False
        self._notes = notes
        self._open = ExitStack()
        self.watched = notes.scratch / "watched"
        self.data = notes.scratch / "data"
        self.writer = Writer(str(self.watched), size_bytes=plan.size_bytes)
        self.halted = threading.Event()
        self.sink: S3Sink
        self.proxy: FaultProxy
        self.instance: Instance
        #: None in drills without one
        self.centre: ScratchCentre | None = None

    def __enter__(self) -> Self:
        """Start the endpoint, the proxy and the instance."""
        try:
            self.watched.mkdir()
            self._open.callback(self._clear)
            self.sink = self._open.enter_context(s3_sink(bucket=STORE, started=self._notes.add_child))
            parts = urlsplit(self.sink.url)
            self.proxy = self._open.enter_context(fault_proxy((parts.hostname or "", parts.port or 0)))
            if self._with_centre:
                self.centre = ScratchCentre(self._notes.scratch / "centre", started=self._notes.add_child)
                self._open.callback(self.centre.kill)
                self.centre.start()
            self.instance = Instance(self._notes.scratch, self._document(), started=self._notes.add_child)
            self._open.callback(self._leave)
            self._open.callback(self.writer.stop)
            self._join()
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all of it, in the reverse order."""
        self.halted.set()
        self._open.close()

    @property
    def played_on(self) -> Watched:
        """What the drill looks at."""
        return self.live or self.instance

    def _join(self) -> None:
        if self.live is None:
            self.instance.start()
            return
        self._notes.join_live()
        self._joined = True  # perhaps, from now on
        self.live.add(self._store(), self._watch())

    def _leave(self) -> None:
        if self.live is None:
            self.instance.kill()
        elif self._joined:
            self.live.remove()
            self._joined = False

    def _clear(self) -> None:
        """Remove the scratch directory, unless the note in it is still needed."""
        if not self._joined:
            self._notes.clear()

    def account(self) -> Account:
        """Compare what lies on disk with what the endpoint was sent."""
        return account(
            str(self.watched),
            self.sink.manifest(),
            part_bytes=PART_BYTES,
            unfinished=self.sink.unfinished_uploads(),
        )

    def centre_account(self) -> CentreAccount | None:
        """Ask the centre what it was told of the files; None without one."""
        if self.centre is None:
            return None
        return self.centre.account(str(self.watched), self.writer.written, within_s=CHECK_S)

    def journal_problems(self) -> str:
        """Return what the command says of our own journal; "" when it is sound."""
        if self.live is not None:
            return ""
        asked = subprocess.run(
            [sys.executable, "-m", "gwf", "queue", "check", "--data", str(self.data)],
            capture_output=True, text=True, timeout=CHECK_S, check=False,
        )  # fmt: skip
        return "" if asked.returncode == 0 else (asked.stdout + asked.stderr).strip()[-500:]

    def _document(self) -> dict[str, object]:
        kept = self.plan.agent.model_dump(mode="json", include=set(TRIED))
        return {
            "data_dir": str(self.data),
            "listen": "127.0.0.1:0",
            "log": {"format": "json"},
            "stores": {STORE: self._store()},
            "agent": {
                "hostname": STORE,
                "watch": [self._watch()],
                "centre": self.centre.agent_settings() if self.centre is not None else None,
                **kept,
            },
        }

    def _store(self) -> dict[str, object]:
        store = self.plan.store
        return {
            "url": f"s3://{STORE}",
            "endpoint": self.proxy.url,
            "region": "us-east-1",
            "access_key": "scratch-access-key",
            "secret_key": "scratch-secret-key",
            "connect_timeout": store.connect_timeout,
            "read_timeout": store.read_timeout,
            "health_timeout": store.health_timeout,
            "multipart_threshold": THRESHOLD_BYTES,
            "part_size": PART_BYTES,
            "part_concurrency": store.part_concurrency,
            "workers": store.workers,
        }

    def _watch(self) -> dict[str, object]:
        return {"path": str(self.watched), "store": STORE, "key": "{relpath}", "settle": 0.1, "silence": 1.0}
