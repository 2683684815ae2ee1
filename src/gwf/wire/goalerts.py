"""Settings of log alerts as the Go version's console sends them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GoAlertChange:
    """All of it at once: what was not given is false or blank, as the Go version had it."""

    enabled: bool
    #: None = as it is
    suppress: bool | None
    #: paths parted by commas, semicolons or blanks
    log_paths: str
    #: a duration, in Chinese or English; blank = 2s
    poll_interval: str
    start_from_end: bool
