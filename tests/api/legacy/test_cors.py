"""Which pages may use the legacy interface, and with which login."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from gwf.api.access import Asked, recognised_by_token, refusal_of
from gwf.api.legacy.cors import CorsPolicy
from gwf.api.listen import ListenAddress, same_place
from gwf.api.options import ApiOptions, options_from
from gwf.core.settings.legacyapi import LegacyApiSettings
from gwf.core.settings.model import Settings
from tests.api.conftest import open_port
from tests.api.fake_edge import FakeEdge

LOOPBACK = ListenAddress(host="127.0.0.1", port=8080)
ALLOW = ("Access-Control-Allow-Headers", "Access-Control-Allow-Methods")


def code(origins: tuple[str, ...], *, method: str = "GET", path: str = "/api/config", **headers: str) -> str | None:
    options = ApiOptions(listen=LOOPBACK, cors=CorsPolicy(origins))
    headers = {"host": "localhost:8080", **{name.replace("_", "-"): value for name, value in headers.items()}}
    asked = Asked(method=method, path=path, headers=headers)
    refusal = refusal_of(options, asked, recognised_by_token(options, headers))
    return refusal.code if refusal else None


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_without_a_list_only_our_own_pages_are_let_in(method: str) -> None:
    assert code((), method=method, origin="http://localhost:8080") is None
    assert code((), method=method, origin="http://localhost:3000") == "origin_not_allowed"
    assert code((), method=method, origin="http://good.example") == "origin_not_allowed"
    assert code((), method=method) is None


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "OPTIONS"])
def test_a_named_origin_may_do_everything(method: str) -> None:
    good = ("http://good.example", "http://two.example")
    assert code(good, method=method, origin="http://good.example") is None
    assert code(good, method=method, origin="http://good.example", sec_fetch_site="cross-site") is None
    for other in ("http://good.example:80", "https://good.example", "HTTP://good.example", "null"):
        assert code(good, method=method, origin=other) == "origin_not_allowed"


@pytest.mark.parametrize("origin", ["http://x.example", "null"])
def test_every_origin_may_read_but_only_a_named_one_may_change(origin: str) -> None:
    anyone = ("*", "http://good.example")
    assert code(anyone, origin=origin) is None
    assert code(anyone, method="OPTIONS", origin=origin) is None
    assert code(anyone, method="POST", origin=origin) == "origin_not_allowed"
    assert code(anyone, method="POST", origin="http://good.example") is None


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_change_that_a_foreign_page_began_is_refused_without_origin_too(site: str) -> None:
    assert code(("*",), method="POST", sec_fetch_site=site) == "origin_not_allowed"
    assert code(("*",), sec_fetch_site=site) is None


def test_the_list_has_no_meaning_for_the_versioned_api() -> None:
    good = ("http://good.example",)
    for path in ("/api/v1/config", "/api/x/../v1/config", "/"):
        assert code(good, method="POST", path=path, origin="http://good.example") == "cross_origin"


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("http://a:80", "a", True),
        ("http://a", "a:80", True),
        ("https://A", "a:443", True),
        ("https://a", "a:80", False),
        ("http://a:81", "a:82", False),
        ("http://a:81", "a:81", True),
        ("http://[::1]:8080", "[::1]:8080", True),
        ("http://[::1]:8080", "[::1]:8081", False),
        ("null", "a", False),
        ("http://b", "a", False),
    ],
)
def test_the_same_place_has_the_same_name_and_port(origin: str, host: str, same: bool) -> None:
    assert same_place(origin, host) is same


def test_an_allowed_origin_is_named_in_the_answer() -> None:
    with open_port(FakeEdge(), cors=CorsPolicy(("http://good.example",))) as port:
        for path, method in (
            ("/api/health", "GET"),
            ("/api/health", "OPTIONS"),
            ("/api/nope", "GET"),
            ("/metrics", "GET"),
        ):
            headers = port.ask(path, method, Origin="http://good.example").headers
            assert headers["Access-Control-Allow-Origin"] == "http://good.example"
            assert headers["Vary"] == "Origin"
            assert [headers[name] for name in ALLOW] == ["Content-Type,Authorization", "GET,POST,OPTIONS"]


def test_another_origin_is_refused_for_every_method() -> None:
    with open_port(FakeEdge(), cors=CorsPolicy(("http://good.example",))) as port:
        for method in ("GET", "POST", "OPTIONS"):
            answer = port.ask("/api/health", method, Origin="http://evil.example")
            assert (answer.status, answer.body) == (403, b'{"error":"origin not allowed"}\n')
            assert "Access-Control-Allow-Origin" not in answer.headers
            assert answer.headers["Access-Control-Allow-Methods"] == "GET,POST,OPTIONS"


def test_no_origin_no_header() -> None:
    with open_port(FakeEdge(), cors=CorsPolicy(("*",))) as port:
        headers = port.ask("/api/health").headers
        assert "Access-Control-Allow-Origin" not in headers
        assert "Vary" not in headers
        assert "Access-Control-Allow-Methods" not in port.ask("/api/v1/overview").headers


LOCKED: dict[str, Any] = {"token": SecretStr("t0")}


def test_the_token_is_asked_for_except_by_the_first_question_of_a_browser() -> None:
    with open_port(FakeEdge(), cors=CorsPolicy(("http://good.example",)), **LOCKED) as port:
        answer = port.ask("/api/health", Origin="http://good.example")
        assert (answer.status, answer.headers["WWW-Authenticate"][:5]) == (401, "Basic")
        assert list(answer.json) == ["error"]
        assert answer.headers["Access-Control-Allow-Origin"] == "http://good.example"
        assert port.ask("/api/health", "OPTIONS", Origin="http://good.example").status == 204
        assert port.ask("/api/health", Authorization="Bearer t0").status == 200


def test_who_wants_it_open_gets_it_open_for_the_legacy_interface_only() -> None:
    with open_port(FakeEdge(), anonymous_legacy=True, **LOCKED) as port:
        assert port.ask("/api/health", Host="10.1.2.3:8080").status == 200
        assert port.ask("/metrics").status == 200
        assert port.ask("/api/v1/overview").status == 401
        assert port.ask("/api/x/../v1/overview").status == 401
        assert port.ask("/api/health", Host="evil.example").status == 403  # a name that may point here by rebinding


def test_settings_reach_the_port(caplog: pytest.LogCaptureFixture) -> None:
    options = options_from(Settings(legacy_api=LegacyApiSettings(cors_origins=("*",), anonymous=True)))
    assert options.anonymous_legacy
    assert options.cors.allows("http://x.example", changing=False)
    assert "legacy_open_to_every_origin" in caplog.text
