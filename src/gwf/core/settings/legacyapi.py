"""Settings of the HTTP interface that the Go version had."""

from __future__ import annotations

from pydantic import Field

from gwf.core.settings.section import Section
from gwf.core.settings.values import Count, Origin


class LegacyShown(Section):
    """Texts as a configuration of the Go version had them. They are shown where it showed them and decide nothing."""

    #: its `silence`; shown as long as it means what is in force
    silence: str | None = None
    #: its `upload_retry_delays`; shown as long as it means what is in force
    retry_delays: str | None = None
    #: its `upload_queue_size`; here the queue is the journal and has no fixed size
    queue_size: Count = Field(default=100, ge=1)
    #: its `endpoint`
    endpoint: str | None = None
    #: its `region`
    region: str | None = None
    #: its `alert_log_paths`; shown as long as it means what is in force
    alert_log_paths: str | None = None
    #: its `alert_poll_interval`; shown as long as it means what is in force
    alert_poll_interval: str | None = None
    #: attempts per file that come back when retries are switched on again
    max_attempts: Count | None = Field(default=None, ge=2, le=1000)


class LegacyApiSettings(Section):
    """The HTTP interface of the Go version: /api/* except /api/v1, and /metrics."""

    #: other origins whose pages may use it, as browsers write them; * = every origin may read, those named may change
    cors_origins: tuple[Origin, ...] = ()
    #: answer it without `api.token`, as the Go version did; anyone who reaches the port may then use it
    anonymous: bool = False
    #: without `api.token`, let every user of this host change things through it, as the Go version did
    local_changes: bool = False
    #: answer /api/system and /api/v1/host with this host and its processes; secrets in command lines are masked
    system: bool = False
    #: let /api/system/terminate end processes; needs `system`
    terminate: bool = False
    #: show values of environment variables in /api/system, but for those that look like secrets
    environment: bool = False
    #: texts that it shows
    shown: LegacyShown = LegacyShown()
