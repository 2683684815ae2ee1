"""The actions of workers put together: what GWF brings, and what plug-ins add."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping

from gwf.core.errors import ConfigError
from gwf.core.settings.server import ServerSettings
from gwf.tasks.actions.notify import Budgets, Channel, NotifyAction
from gwf.tasks.actions.outward import Outward
from gwf.tasks.actions.webhook import WebhookAction
from gwf.tasks.worker.catalog import Catalog
from gwf.tasks.worker.contract import WorkAction
from gwf.tasks.worker.plugins import plugin_actions


def catalog_of(settings: ServerSettings, channels: Mapping[str, Channel], budgets: Budgets) -> Catalog:
    """Return the kinds of tasks that a process with these settings knows; it tells people by `channels`.

    Raises:
        ConfigError: The certificates for webhooks cannot be used.
    """
    hooks = settings.webhooks
    keys = {name: key.secret.get_secret_value() for name, key in hooks.keys.items()}
    ca_file = None if hooks.ca_file is None else str(hooks.ca_file)
    try:
        webhook = WebhookAction(Outward(hooks.allow_networks), keys, ca_file=ca_file)
    except OSError as exc:
        problem = f"server.webhooks.ca_file: {ca_file}: {exc}"
        raise ConfigError("the certificates for webhooks cannot be used", problems=(problem,)) from exc
    own: list[WorkAction] = [webhook, NotifyAction(channels, budgets)]
    return Catalog([*own, *plugin_actions(action.kind for action in own)])


def worker_name() -> str:
    """Return a name that no worker had before: whoever comes back under an old one could be taken for it."""
    return f"worker:{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"
