"""An input for results of Nagios checks, as send_nsca takes them: lines of host, service, code and text, by tabs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from gwf.ingest.cloudevents import Fault
from gwf.ingest.inputs.contract import CloudEvent, Made, Options, Posted

_SEVERITIES = {"0": "info", "1": "warning", "2": "critical", "3": "error"}


class NagiosInput:
    """Reads what is posted to /api/v1/inputs/plugin/NAME; `options.site` becomes a label of every event."""

    def __init__(self, options: Options) -> None:
        """Take what the settings say."""
        self._site = options.options.get("site", "")

    def read(self, posted: Posted) -> Sequence[Made]:
        """Return one event for each line; the same line again is the same event."""
        lines = posted.body.decode("utf-8", "replace").splitlines()
        return [Made(pointer=f"/{at}", event=self._event(line)) for at, line in enumerate(lines) if line.strip()]

    def _event(self, line: str) -> CloudEvent | Fault:
        fields = line.split("\t")
        if len(fields) != 4 or fields[2] not in _SEVERITIES:
            return Fault(
                pointer="", code="bad_format", message="a line is: host, service, 0 to 3, text, with tabs between"
            )
        host, service, code, text = fields
        return {
            "specversion": "1.0",
            "id": hashlib.sha256(line.encode()).hexdigest(),
            "source": "/nagios",
            "type": "nagios.check",
            "subject": f"{host}/{service}",
            "severity": _SEVERITIES[code],
            "labels": f"site={self._site}" if self._site else "",
            "data": {"host": host, "service": service, "code": int(code), "text": text},
        }
