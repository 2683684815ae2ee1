"""The thread that takes offers of the centre, one at a time, and reports what became of them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from gwf.agent.centre.apply import Applier
from gwf.agent.centre.facts import ConfigTrouble
from gwf.agent.centre.line import Line
from gwf.core.errors import GwfError, InputError, LocalIoError
from gwf.wire.agents import AttemptReport, ConfigOffer

IDLE_S = 5.0  #: reports that could not be sent are tried again after this, once the centre was heard

log = logging.getLogger("gwf.agent.centre")


class TrialThread:
    """Works on the newest offer. `offer` may be called by any thread."""

    def __init__(self, line: Line, applier: Applier, *, done: Callable[[], None]) -> None:
        """`done` is called after each trial: the centre should hear soon what runs now."""
        self._line = line
        self._applier = applier
        self._done = done
        self._facts = line.facts
        self._wake = threading.Event()
        self._offer: ConfigOffer | None = None
        self._thread = threading.Thread(target=self._run, name="gwf-centre-config", daemon=True)
        self._show()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Wait for the end; a trial that runs is left as it is: the next start begins with the configuration before."""
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10.0)

    def offer(self, offer: ConfigOffer | None) -> None:
        """Take what the centre says should run; None = what runs already."""
        self._offer = offer
        if offer is None and self._facts.config_trouble is not None:
            self._applier.trouble = self._facts.config_trouble = None
        if offer is not None or self._applier.attempts.reports:
            self._wake.set()

    def _run(self) -> None:
        while not self._line.halted.is_set():
            self._wake.wait(IDLE_S)
            self._wake.clear()
            try:
                self._turn()
            except GwfError as exc:  # tried again with the next heartbeat that offers it
                if not self._line.halted.is_set():
                    log.warning("centre_config_not_taken", extra={"error": str(exc)})
            except Exception:  # the edge of the thread: a fault of ours must not end it for good
                log.exception("centre_config_crashed")
                self._facts.crashes_total += 1

    def _turn(self) -> None:
        credential = self._line.credential
        if not credential or self._line.halted.is_set():
            return
        self._report_if_possible(credential)
        offer, self._offer = self._offer, None
        if offer is None:
            return
        try:
            self._take(offer, credential)
        finally:
            self._show()
        self._report_if_possible(credential)

    def _take(self, offer: ConfigOffer, credential: str) -> None:
        applier = self._applier
        if applier.is_settled(offer.hash, offer.attempt_id):
            return
        running = applier.attempts.running
        have = running.hash if running is not None and applier.follows() else None
        given = self._line.calls.config(credential, have=have)
        if given is None or (
            (given.hash, given.attempt_id) != (offer.hash, offer.attempt_id)
            and applier.is_settled(given.hash, given.attempt_id)
        ):
            return
        offered = applier.staged(given)
        self._show()
        self._report_if_possible(credential)
        if offered is not None:
            applier.apply(offered, confirm_s=self._line.settings.confirm_for)
        self._done()

    def _report_if_possible(self, credential: str) -> None:
        try:
            self._report(credential)
        except LocalIoError:
            raise
        except GwfError as exc:  # what follows is decided here; the centre hears of all of it later
            log.info("attempt_not_reported", extra={"error": str(exc)})

    def _report(self, credential: str) -> None:
        """Tell the centre what became of offers, in order."""
        for report in self._applier.attempts.reports:
            body = AttemptReport(hash=report.hash, phase=report.phase, reason=list(report.reason))
            try:
                self._line.calls.attempt(credential, report.attempt_id, body)
            except InputError as exc:  # it does not know this attempt any more: nobody waits for it
                log.info("attempt_not_wanted", extra={"attempt_id": report.attempt_id, "error": str(exc)})
            self._applier.reported(report)

    def _show(self) -> None:
        attempts, facts = self._applier.attempts, self._facts
        running = attempts.running
        facts.config_hash = running.hash if running is not None else None
        facts.config_version_id = running.version_id if running is not None else None
        facts.attempts = dict(self._applier.ended)
        trouble = self._applier.trouble
        if trouble is None:
            facts.config_trouble = None
        else:
            message = "; ".join(item.message for item in trouble.reason)[:500]
            facts.config_trouble = ConfigTrouble(hash=trouble.hash, phase=trouble.phase, message=message)
