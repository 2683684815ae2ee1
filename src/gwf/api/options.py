"""Who may talk to the HTTP port, and under which address."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from pydantic import SecretStr

from gwf.api.forwarded import TrustedProxies
from gwf.api.legacy.cors import ANY, CorsPolicy
from gwf.api.listen import LOOPBACK_NAMES, ListenAddress, host_name, parse_listen
from gwf.core.errors import ConfigError
from gwf.core.settings.model import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiOptions:
    """What the HTTP side takes from the settings, checked together."""

    listen: ListenAddress
    #: None = no login; allowed on loopback only
    token: SecretStr | None = None
    #: path under which a proxy shows this process, without a slash at the end
    url_prefix: str = ""
    #: host names accepted besides loopback names and the listen address
    allowed_hosts: tuple[str, ...] = ()
    #: other origins that may use the legacy interface
    cors: CorsPolicy = field(default_factory=lambda: CorsPolicy(()))
    #: the legacy interface answers without the token
    anonymous_legacy: bool = False
    #: without `token`, everybody on this host may change things through the legacy interface
    legacy_changes: bool = True
    proxies: TrustedProxies = field(default_factory=lambda: TrustedProxies(()))
    #: largest body of a request, where its endpoint has no limit of its own
    max_body_bytes: int = 2 * 1024**2
    #: people and programs may log in with accounts: the process contains a centre
    accounts: bool = False
    #: without `api.token`, anybody on this host may read
    open_to_host: bool = True

    @property
    def reads_freely(self) -> bool:
        """True when reading needs no login; only this host reaches the port then."""
        return self.token is None and self.open_to_host and self.listen.loopback

    def knows_host(self, header: str) -> bool:
        """Return whether a Host header names this process; other names hint at DNS rebinding."""
        return host_name(header) in {*LOOPBACK_NAMES, self.listen.host.lower(), *map(host_name, self.allowed_hosts)}


def options_from(settings: Settings, *, accounts: bool = False, open_to_host: bool = True) -> ApiOptions:
    """Return the options of `settings`, for a process with or without `accounts`.

    Raises:
        ConfigError: The port would be open to other hosts without a login, or without encryption.
    """
    listen, api = parse_listen(settings.listen), settings.api
    problems: list[str] = []
    if not (listen.loopback or accounts) and api.token is None:
        problems.append("api.token: needed because listen is not a loopback address; set it or GWF_API__TOKEN")
    if not (listen.loopback or api.allow_plain_http or api.tls_cert):
        problems.append(
            "api.tls_cert: needed because listen is not a loopback address; set it with api.tls_key, "
            "or say api.allow_plain_http: true when a TLS proxy stands in front"
        )
    if (api.tls_cert is None) != (api.tls_key is None):
        problems.append("api.tls_key: certificate and key belong together; set both or neither")
    if problems:
        raise ConfigError("the HTTP port would not be safe", problems=tuple(problems), listen=settings.listen)
    legacy = settings.legacy_api
    if ANY in legacy.cors_origins:
        log.warning("legacy_open_to_every_origin", extra={"setting": "legacy_api.cors_origins"})
    return ApiOptions(
        listen=listen,
        token=api.token,
        url_prefix=api.url_prefix,
        allowed_hosts=tuple(api.allowed_hosts),
        cors=CorsPolicy(legacy.cors_origins),
        anonymous_legacy=legacy.anonymous,
        legacy_changes=legacy.local_changes,
        proxies=TrustedProxies(api.trusted_proxies),
        max_body_bytes=settings.server.max_body,
        accounts=accounts,
        open_to_host=open_to_host,
    )
