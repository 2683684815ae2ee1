"""What the HTTP port asks about the host: facts, environments, and ending a process; each only where allowed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

import psutil

from gwf.agent.host.collector import HostCollector
from gwf.agent.host.masking import masked_environment
from gwf.agent.host.terminate import SAME_START_MS, Waits, terminate
from gwf.core.errors import DeniedError, GwfError
from gwf.core.settings.legacyapi import LegacyApiSettings
from gwf.wire.host import HostProcess, HostView, Termination

log = logging.getLogger("gwf.agent.host")


class HostDisabledError(DeniedError):
    """The settings do not allow showing this host, or ending its processes."""

    code = "host_disabled"


class Host:
    """This host (api.ports.HostSource)."""

    def __init__(
        self,
        collector: HostCollector,
        *,
        rights: Callable[[], LegacyApiSettings],
        note: Callable[[str, Mapping[str, object]], None],
        clean: Callable[[str], str] = str,
        waits: Waits | None = None,
    ) -> None:
        """Join the parts.

        Args:
            collector: Takes the samples.
            rights: Asked anew at every call, because settings may change.
            note: Keeps an event for good: its kind and its body.
            clean: Takes secrets out of texts that are known by their value.
            waits: How long an ending process is waited for; None = as in production.
        """
        self._collector = collector
        self._rights = rights
        self._note = note
        self._clean = clean
        self._waits = waits

    def check(self, *, ending: bool = False) -> None:
        """Refuse what the settings do not allow; `ending` asks about ending processes.

        Raises:
            HostDisabledError: It is switched off.
        """
        rights = self._rights()
        if not rights.system:
            raise HostDisabledError("facts about the host are switched off", setting="legacy_api.system")
        if ending and not rights.terminate:
            raise HostDisabledError("ending processes is switched off", setting="legacy_api.terminate")

    def view(self) -> HostView:
        """Return the host as it was seconds ago.

        Raises:
            HostDisabledError: It is switched off.
            LocalIoError: The system does not tell.
        """
        self.check()
        return self._collector.get()

    def environments(self, processes: Sequence[HostProcess]) -> dict[int, list[str]]:
        """Return the first variables of each process that we may look into, secrets masked.

        Raises:
            HostDisabledError: It is switched off.
        """
        self.check()
        values = self._rights().environment
        found: dict[int, list[str]] = {}
        for item in processes:
            try:
                process = psutil.Process(item.pid)
                if abs(process.create_time() * 1000 - item.started_at_ms) > SAME_START_MS:
                    continue
                found[item.pid] = masked_environment(process.environ(), values=values, clean=self._clean)
            except (psutil.Error, OSError):  # another user's, or it has ended
                continue
        return found

    def terminate(self, pid: int, *, force: bool, author: str) -> Termination:
        """End a process: TERM first, or KILL at once with `force`; both the deed and a refusal are written down.

        Raises:
            HostDisabledError: It is switched off.
            InputError: There is no such process, or it is protected.
            DeniedError: The system does not allow it.
            LocalIoError: It does not end.
        """
        about: dict[str, object] = {"pid": pid, "force": force, "author": author}
        try:
            self.check(ending=True)
            done = terminate(
                pid, force=force, seen_start_ms=self._seen_start_ms(pid), clean=self._clean, waits=self._waits
            )
        except GwfError as exc:
            log.warning("process_not_terminated", extra={**about, "error_code": exc.code, "error": str(exc)})
            raise
        about |= {"program": done.name, "command": done.command, "signal": done.signal, "forced": done.forced}
        self._note("process_terminated", about)
        log.warning("process_terminated", extra=about)
        return done

    def _seen_start_ms(self, pid: int) -> int | None:
        view = self._collector.latest()
        return next((item.started_at_ms for item in view.processes if item.pid == pid), None) if view else None
