"""What a list of inputs says of the settings, and of an input that crashed."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from gwf.core.settings.inputs import SyslogSettings, WebhookInputSettings
from gwf.ingest.inputs.doors import Guard, doors_of
from gwf.ingest.inputs.listing import InputListing, InputState
from gwf.ingest.inputs.mapping import webhooks
from gwf.ingest.inputs.metrics import Fate, InputFacts
from gwf.ingest.inputs.news import MAX_ERROR_CHARS, InputNews
from gwf.ingest.inputs.plugins import PluginInput

TLS = {"tls_cert": "/a", "tls_key": "/b", "client_ca": "/c"}


@pytest.mark.parametrize(
    ("settings", "address", "guard", "is_on"),
    [
        ({}, "", Guard.LOOPBACK, False),
        ({"listen": "127.0.0.1:5514"}, "127.0.0.1:5514 udp/tcp", Guard.LOOPBACK, True),
        ({"listen": "127.0.0.1:5514", "tcp": False}, "127.0.0.1:5514 udp", Guard.LOOPBACK, True),
        ({"listen": "0.0.0.0:6514", "udp": False, **TLS}, "0.0.0.0:6514 tls", Guard.CERTIFICATE, True),
    ],
)
def test_syslog_is_shown_as_it_listens(settings: dict[str, object], address: str, guard: Guard, is_on: bool) -> None:
    door = next(one for one in doors_of({}, SyslogSettings.model_validate(settings), ()) if one.name == "syslog")
    assert (door.address, door.guard, door.is_on) == (address, guard, is_on)


def test_a_signed_webhook_and_what_listens_belong_to_one_tenant() -> None:
    hooks = webhooks(
        {
            "open": WebhookInputSettings(type="a"),
            "signed": WebhookInputSettings(type="a", secret=SecretStr("k"), tenant="acme"),
        }
    )
    plugin = PluginInput(name="bus", tenant="acme", web=None, listening=None)
    doors = doors_of(hooks, SyslogSettings(), [plugin])
    listing = InputListing(doors, InputNews(lambda: 1), InputFacts())
    of_acme = {one.door.name: one.door.guard for one in listing.all("acme")}
    assert set(of_acme) - {one.door.name for one in listing.all("default")} == {"webhook/signed", "plugin/bus"}
    assert (of_acme["webhook/open"], of_acme["webhook/signed"]) == (Guard.TOKEN, Guard.SIGNATURE)
    assert of_acme["plugin/bus"] is Guard.PACKAGE


def test_an_input_that_crashed_says_so_with_its_last_error() -> None:
    facts, news = InputFacts(), InputNews(lambda: 7)
    settings = SyslogSettings.model_validate({"listen": "127.0.0.1:0"})
    listing = InputListing(doors_of({}, settings, ()), news, facts)
    facts.connections["syslog"] = 3
    news.count("syslog", "default", Fate.ACCEPTED, events=2)
    news.count("syslog", "default", Fate.DROPPED, events=0)
    news.crash("syslog", "default", "x" * 1_000)
    now = next(one for one in listing.all("default") if one.door.name == "syslog")
    assert (now.state, now.connections, now.waiting, now.news.last_event_ms) == (InputState.CRASHED, 3, 0, 7)
    assert (now.news.fates, len(now.news.error)) == ({Fate.ACCEPTED: 2}, MAX_ERROR_CHARS)
