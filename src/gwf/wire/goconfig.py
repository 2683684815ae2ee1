"""A change of the configuration as the Go version's console sends it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GoConfigChange:
    """What is None stays as it is."""

    #: directories parted by commas, semicolons or line breaks; blank = keep
    watch_dir: str | None = None
    #: endings parted by commas, semicolons or blanks; blank = every file
    file_ext: str | None = None
    #: a duration, in Chinese or English; blank = keep
    silence: str | None = None
    #: not above 0 = keep
    workers: int | None = None
    #: not above 0 = keep
    queue_size: int | None = None
    #: durations parted by commas, semicolons or blanks; blank = keep
    retry_delays: str | None = None
    retry_enabled: bool | None = None
    system_enabled: bool | None = None
