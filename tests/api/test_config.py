"""/api/v1/config over real HTTP."""

from __future__ import annotations

import json

import pytest

from tests.api.conftest import Port

JSON = "application/json"


def post(port: Port, path: str, body: object, **headers: str) -> tuple[int, object]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = port.ask(f"/api/v1/config{path}", "POST", body=raw, **{"Content_Type": JSON, **headers})
    return answer.status, answer.json


def test_the_configuration_in_force_and_an_older_one_can_be_read(port: Port) -> None:
    assert port.ask("/api/v1/config").json["config"] == {"listen": "127.0.0.1:8080", "data_dir": "/var/lib/gwf"}
    assert port.ask("/api/v1/config/versions/1").json["version"]["author"] == "system"
    assert port.ask("/api/v1/config/versions/77").status == 404
    assert port.ask("/api/v1/config/versions").json[-1]["number"] == 1


def test_a_document_is_applied_with_author_and_reason(port: Port) -> None:
    headers = {"X_Gwf_Author": "li wei"}
    status, body = post(port, "?reason=more%20workers&base_version=1", {"agent": {}}, **headers)
    assert status == 200, body
    assert (port.fakes.config.kept[0].author, port.fakes.config.kept[0].reason) == ("li wei", "more workers")
    assert (port.fakes.config.document, port.fakes.config.expected) == ({"agent": {}}, 1)


def test_yaml_is_as_good_as_json(port: Port) -> None:
    raw = b"agent:\n  transfer: {workers: 8}\n"
    assert post(port, "?dry_run=true", raw, Content_Type="application/yaml")[0] == 200
    assert port.fakes.config.document == {"agent": {"transfer": {"workers": 8}}}


def test_every_fault_of_a_document_is_told(port: Port) -> None:
    status, body = post(port, "", {"bad": 1})
    assert status == 400
    assert isinstance(body, dict)
    assert body["code"] == "invalid_config"
    assert [error["message"] for error in body["errors"]] == ["bad: is no key", "worse: neither"]


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400),
        (b"[1]", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 60 + b"1" + b"}" * 60, 400),
        (b" " * (1024 * 1024 + 1), 413),
    ],
)
def test_a_body_that_is_no_document_is_refused(port: Port, raw: bytes, status: int) -> None:
    before = len(port.fakes.config.kept)
    assert post(port, "", raw)[0] == status
    assert len(port.fakes.config.kept) == before


def test_a_yaml_body_that_names_a_key_twice_is_refused(port: Port) -> None:
    status, body = post(port, "", b"a: 1\na: 2\n", Content_Type="application/yaml")
    assert status == 400
    assert "given twice" in json.dumps(body)


def test_an_older_version_is_put_into_force_again(port: Port) -> None:
    assert post(port, "/rollback", {"number": 1, "reason": "as it was"})[0] == 200
    assert (port.fakes.config.kept[0].source, port.fakes.config.kept[0].reason) == ("rollback", "as it was")
    assert post(port, "/rollback", {"number": 4711})[0] == 404
    assert post(port, "/rollback", {"number": 0})[0] == 422


def test_a_foreign_page_cannot_change_the_configuration(port: Port) -> None:
    assert post(port, "", {}, Origin="http://evil.example")[0] == 403
    assert post(port, "/rollback", {"number": 1}, Sec_Fetch_Site="cross-site")[0] == 403
