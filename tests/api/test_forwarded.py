from __future__ import annotations

import pytest

from gwf.api.forwarded import TrustedProxies
from gwf.core.errors import ConfigError
from gwf.core.settings.load import load_settings

PROXIES = TrustedProxies(["10.0.0.0/24", "::1"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "source"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),  # nobody whose word counts
        ("10.0.0.7", "203.0.113.9", "203.0.113.9"),
        ("::1", "203.0.113.9, 10.0.0.8", "203.0.113.9"),
        ("10.0.0.7", "1.1.1.1, 203.0.113.9", "203.0.113.9"),  # what the client wrote itself does not count
        ("10.0.0.7", "nonsense", "10.0.0.7"),
        ("10.0.0.7", "", "10.0.0.7"),
        ("10.0.0.7", "203.0.113.9, ", "10.0.0.7"),
        ("unknown", "203.0.113.9", "unknown"),
    ],
)
def test_the_word_of_trusted_proxies_counts(peer: str, forwarded: str, source: str) -> None:
    assert PROXIES.source(peer, forwarded) == source


def test_a_long_header_is_cut() -> None:
    assert PROXIES.source("10.0.0.7", ",".join(["10.0.0.1"] * 10_000)) == "10.0.0.1"


def test_a_proxy_is_an_address_or_a_network() -> None:
    with pytest.raises(ConfigError):
        load_settings(None, environ={}, overrides={"api.trusted_proxies": ["proxy.example"]})
