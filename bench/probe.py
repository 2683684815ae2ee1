"""One more agent that calls a centre often, alone: how long that takes is the centre's doing, not a simulation's."""

from __future__ import annotations

import http.client
import json
import threading
import time
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from bench.centre import Centre, CentreError
from gwf.sim.agent import SimAgent
from gwf.sim.model import Plan

EVERY_S = 0.05
TIMEOUT_S = 30.0
SEED = 777  #: makes an installation that no simulated fleet has


class Probe:
    """Calls until the `with` block ends. A centre that refuses the connection is away, which is no answer."""

    def __init__(self, centre: Centre) -> None:
        """Enrol at `centre`."""
        parts = urlsplit(centre.url)
        self._address = (parts.hostname or "", parts.port or 80)
        token = str(centre.send("/api/v1/enrolment-tokens", {"name": "probe", "max_uses": 1})["secret"])
        self._agent = SimAgent(Plan(url=centre.url, token=token, agents=1, seconds=1, seed=SEED, prefix="probe"), 1)
        self._agent.credential = token
        self._took_ms: list[float] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="probe", daemon=True)

    def __enter__(self) -> Self:
        """Begin to call."""
        self._agent.credential = json.loads(self._post("register", self._agent.registration()))["credential"]
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self._stopping.set()
        self._thread.join()

    def taken_ms(self) -> list[float]:
        """Return how long the answers took since the last call, in the order of length."""
        taken, self._took_ms = self._took_ms, []
        return sorted(taken)

    def _run(self) -> None:
        while not self._stopping.wait(EVERY_S):
            began_s = time.perf_counter()
            try:
                self._post("heartbeat", self._agent.heartbeat())
            except (OSError, http.client.HTTPException):  # it is away
                continue
            self._took_ms.append(1000 * (time.perf_counter() - began_s))

    def _post(self, name: str, body: bytes) -> bytes:
        connection = http.client.HTTPConnection(*self._address, timeout=TIMEOUT_S)
        try:
            headers = {"Authorization": f"Bearer {self._agent.credential}", "Content-Type": "application/json"}
            connection.request("POST", f"/api/v1/agents/{name}", body, headers)
            answer = connection.getresponse()
            told = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            raise CentreError(f"{answer.status} {told[:300]!r}")
        return told
