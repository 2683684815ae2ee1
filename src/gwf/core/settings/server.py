"""Settings of the centre: where it keeps its data, how people log in."""

from __future__ import annotations

from pydantic import Field

from gwf.core.settings.channels import ChannelSettings
from gwf.core.settings.inputs import InputSettings
from gwf.core.settings.section import Section
from gwf.core.settings.values import (
    Count,
    DatabaseUrl,
    Duration,
    Endpoint,
    LocalPath,
    Network,
    Secret,
    Size,
    StoreName,
)


class DatabaseSettings(Section):
    """Where the centre keeps its data."""

    #: sqlite (core.db and events.db in data_dir), sqlite:DIRECTORY, postgresql://USER@HOST:PORT/NAME, or memory, which
    #: keeps nothing over a restart
    url: DatabaseUrl = "sqlite"
    #: of the user in `url`
    password: Secret | None = None


class KeepSettings(Section):
    """For how long the centre keeps what happened, from the moment it learned of it."""

    #: events; their ids are known for as long, so that none is taken twice
    events: Duration = Field(default=90 * 86400.0, ge=86400, le=3650 * 86400)
    #: what happened to files, one by one
    file_events: Duration = Field(default=30 * 86400.0, ge=86400, le=3650 * 86400)
    #: finished tasks with their attempts and stories, alerts that ended with what was told of them, silences that are
    #: over, attempts at configurations that nothing depends on any more, and rollouts and versions of layers that were
    #: removed and that no agent runs
    work: Duration = Field(default=180 * 86400.0, ge=86400, le=3650 * 86400)
    #: sums of each minute
    minutes: Duration = Field(default=8 * 86400.0, ge=86400, le=3650 * 86400)
    #: sums of each hour
    hours: Duration = Field(default=400 * 86400.0, ge=86400, le=3650 * 86400)
    #: sums of each day
    days: Duration = Field(default=3650 * 86400.0, ge=86400, le=36500 * 86400)


class LoginSettings(Section):
    """How long people stay logged in, and how often they may guess."""

    #: a session ends this long after the login
    session: Duration = Field(default=12 * 3600.0, ge=60, le=90 * 86400)
    #: a session ends when it was not used for this long
    idle: Duration = Field(default=2 * 3600.0, ge=60, le=90 * 86400)
    #: wrong logins of one user, or from one address, before they have to wait
    max_failures: Count = Field(default=5, ge=1, le=100)
    #: first wait after too many wrong logins; doubled with each further one, up to an hour
    lock: Duration = Field(default=30.0, ge=1, le=3600)


class AgentsSettings(Section):
    """When agents call, and when one counts as late or offline; a group of agents may have its own times."""

    #: between two heartbeats of an agent
    heartbeat: Duration = Field(default=30.0, ge=1, le=3600)
    #: silence until an agent is degraded, at least 1.5 heartbeats; none = 2 heartbeats
    degraded_after: Duration | None = Field(default=None, ge=1, le=7 * 86400)
    #: silence until an agent is offline, at least 2 heartbeats and degraded_after; none = 3 heartbeats
    offline_after: Duration | None = Field(default=None, ge=1, le=7 * 86400)
    #: how long an agent must have been well before it is no longer degraded
    recover_after: Duration = Field(default=45.0, ge=0, le=86400)


class SecretSettings(Section):
    """The keys with which secrets are kept: those of the centre in its database, `${sealed:…}` in this file."""

    #: file with the keys, mode 0600; made at the first start of a centre; None = secrets.key in data_dir
    key_file: LocalPath | None = None


class WorkSettings(Section):
    """The tasks that the centre does itself: webhooks, notifications, what plug-ins bring."""

    #: done at a time by this process; 0 = none: `gwf worker` does them elsewhere
    slots: Count = Field(default=16, ge=0, le=1000)
    #: after so much silence of a worker another one takes over what it was doing
    lease: Duration = Field(default=15.0, ge=2, le=600)


class WebhookKeySettings(Section):
    """A key by which receivers know that a webhook is ours."""

    #: signs the body (HMAC-SHA-256)
    secret: Secret


class WebhookSettings(Section):
    """Where webhooks may go, and who signs them."""

    #: by the name that tasks call them
    keys: dict[StoreName, WebhookKeySettings] = Field(default_factory=dict)
    #: networks that webhooks may reach beside public addresses, for example 10.1.0.0/16
    allow_networks: tuple[Network, ...] = ()
    #: certificates to trust; None = the system's
    ca_file: LocalPath | None = None


class ServerSettings(Section):
    """The centre: it knows the agents, their events and who may change what."""

    #: this process contains the centre; `gwf server` and `gwf up` say so themselves
    enabled: bool = False
    #: where the centre keeps its data
    database: DatabaseSettings = DatabaseSettings()
    #: for how long what happened is kept
    keep: KeepSettings = KeepSettings()
    #: how people log in
    login: LoginSettings = LoginSettings()
    #: when agents call, and when one counts as late or offline
    agents: AgentsSettings = AgentsSettings()
    #: the tasks that the centre does itself
    work: WorkSettings = WorkSettings()
    #: where webhooks may go, and who signs them
    webhooks: WebhookSettings = WebhookSettings()
    #: ways by which people are told, by name
    channels: dict[StoreName, ChannelSettings] = Field(default_factory=dict)
    #: ways by which events of other systems come in
    inputs: InputSettings = InputSettings()
    #: largest body of a request, where its endpoint has no limit of its own
    max_body: Size = Field(default=2 * 1024**2, ge=1024**2, le=64 * 1024**2)
    #: address under which browsers reach the centre, for links and cookies behind a proxy; None = as asked
    public_url: Endpoint | None = None
