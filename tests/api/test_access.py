"""Who is let in: host names, tokens, origins, prefixes."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from pydantic import SecretStr

from gwf.api.access import Asked, recognised_by_token, refusal_of
from gwf.api.listen import ListenAddress, parse_listen
from gwf.api.options import ApiOptions, options_from
from gwf.core.errors import ConfigError
from gwf.core.settings.model import ApiSettings, Settings
from tests.api.conftest import open_port
from tests.api.fake_edge import FakeEdge

OPEN = ApiOptions(listen=ListenAddress(host="127.0.0.1", port=8080), allowed_hosts=("ops.example",))
LOCKED = ApiOptions(listen=ListenAddress(host="0.0.0.0", port=8080), token=SecretStr("s3cret-密钥"))
#: the token as a header shows it: UTF-8 bytes, each read as one character
SENT = "s3cret-密钥".encode().decode("latin-1")


def code(options: ApiOptions, path: str = "/api/v1/overview", method: str = "GET", **headers: str) -> str | None:
    asked = Asked(method=method, path=path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    refusal = refusal_of(options, asked, recognised_by_token(options, asked.headers))
    return refusal.code if refusal else None


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"anyone:{password}".encode()).decode()


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "[::1]:8080", "OPS.example", "ops.example.:443"])
def test_names_of_this_process_are_let_in(host: str) -> None:
    assert code(OPEN, host=host) is None


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "10.0.0.1"])
def test_other_names_are_refused_against_dns_rebinding(host: str) -> None:
    assert code(OPEN, host=host) == "host_not_allowed"


@pytest.mark.parametrize("header", [f"Bearer {SENT}", basic("s3cret-密钥"), f"bearer  {SENT}"])
def test_the_token_opens_as_bearer_and_as_password(header: str) -> None:
    assert code(LOCKED, host="anything.example", authorization=header) is None


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer s3cret", "Basic !!", f"Basic {SENT}", basic(""), basic("s3cret-密钥x"), "Digest a"],
)
def test_anything_else_does_not_open(header: str) -> None:
    assert code(LOCKED, host="localhost", authorization=header) == "login_required"


@pytest.mark.parametrize(("accounts", "way"), [(True, "gwf token create"), (False, "Basic password")])
def test_a_stranger_is_told_how_to_log_in(accounts: bool, way: str) -> None:
    options = ApiOptions(listen=ListenAddress(host="127.0.0.1", port=8080), accounts=accounts, open_to_host=False)
    refusal = refusal_of(options, Asked(method="GET", path="/api/v1/agents", headers={}), None)
    assert refusal is not None
    assert way in refusal.detail


@pytest.mark.parametrize("path", ["/live", "/ready"])
def test_probes_need_no_login(path: str) -> None:
    assert code(LOCKED, path, host="10.2.3.4") is None


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, False),
        ({"sec_fetch_site": "same-origin"}, False),
        ({"sec_fetch_site": "cross-site"}, True),
        ({"sec_fetch_site": "same-site"}, True),
        ({"origin": "http://localhost:8080"}, False),
        ({"origin": "http://evil.example"}, True),
        ({"origin": "null"}, True),
    ],
)
def test_changes_come_from_our_own_pages_or_from_programs(headers: dict[str, str], refused: bool) -> None:
    assert (code(OPEN, method="POST", host="localhost:8080", **headers) == "cross_origin") is refused


def test_a_browser_is_asked_for_the_password() -> None:
    with open_port(FakeEdge(), token=SecretStr("t0")) as port:
        answer = port.ask("/api/v1/overview")
        assert (answer.status, answer.json["code"]) == (401, "login_required")
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
        assert "wrong" not in answer.json["detail"]
        assert "the token is wrong" in port.ask("/api/v1/overview", Authorization="Bearer t1").json["detail"]
        assert port.ask("/api/v1/overview", Authorization="Bearer t0").status == 200
        assert port.ask("/live").status == 200


def test_every_answer_carries_the_security_headers() -> None:
    with open_port(FakeEdge()) as port:
        for path in ("/live", "/nothing", "/metrics", "/api/v1/overview"):
            headers = port.ask(path).headers
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Cache-Control"] == "no-store"
        assert port.ask("/api/v1/overview", Host="evil.example").json["code"] == "host_not_allowed"


def test_a_prefix_is_served_cut_or_whole() -> None:
    with open_port(FakeEdge(), url_prefix="/ops/gwf") as port:
        assert port.ask("/ops/gwf/api/v1/overview").status == 200
        assert port.ask("/api/v1/overview").status == 200
        assert port.ask("/ops/gwfx/api/v1/overview").status == 404


@pytest.mark.parametrize(
    ("text", "host", "port", "loopback"),
    [
        ("127.0.0.1:8080", "127.0.0.1", 8080, True),
        ("localhost:0", "localhost", 0, True),
        ("[::1]:9", "::1", 9, True),
        ("gwf.example:80", "gwf.example", 80, False),
    ],
)
def test_listen_addresses(text: str, host: str, port: int, loopback: bool) -> None:
    address = parse_listen(text)
    assert (address.host, address.port, address.loopback) == (host, port, loopback)


@pytest.mark.parametrize("text", ["8080", ":8080", "localhost", "a:b", "a:70000", "::1:80", "a:-1"])
def test_other_listen_texts_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="host"):
        parse_listen(text)


def test_an_open_port_without_protection_is_refused_with_every_reason() -> None:
    with pytest.raises(ConfigError) as caught:
        options_from(Settings(listen="0.0.0.0:80", api=ApiSettings(tls_key=Path("k.pem"))))
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "api.token",
        "api.tls_cert",
        "api.tls_key",
    ]


def test_an_open_port_with_token_and_tls_is_accepted() -> None:
    api = ApiSettings(token=SecretStr("t"), tls_cert=Path("c.pem"), tls_key=Path("k.pem"))
    assert options_from(Settings(listen="0.0.0.0:443", api=api)).token == SecretStr("t")
