"""POST /api/config: what is read from the body, and what refusals look like."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gwf.api.legacy.config import config_route
from gwf.core.errors import ConfigError, InputError
from gwf.wire.goconfig import GoConfigChange
from tests.api.conftest import Port, open_port
from tests.api.fake_edge import FakeEdge


class Desk:
    """Notes what is wished."""

    def __init__(self) -> None:
        self.wishes: list[GoConfigChange] = []

    def change(self, wish: GoConfigChange, *, author: str) -> dict[str, object]:
        if wish.silence == "soon":
            raise InputError("静默时间无效", reason="soon")
        if wish.workers == 7:
            raise ConfigError("configuration is not usable", problems=("a: is wrong", "b: too"))
        self.wishes.append(wish)
        return {"watchDir": "/a", "by": author}


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def port(desk: Desk) -> Iterator[Port]:
    with open_port(FakeEdge(), legacy=[config_route(desk)]) as running:
        yield running


def test_every_member_is_read(port: Port, desk: Desk) -> None:
    body = (
        b'{"WATCHDIR":"/a","fileExt":"","silence":"1s","uploadWorkers":4,"uploadQueueSize":-1,'
        b'"uploadRetryDelays":"1s","uploadRetryEnabled":false,"systemResourceEnabled":true,"bucket":"evil"} tail'
    )
    answer = port.ask("/api/config", "POST", body=body, X_Gwf_Author="zhang")
    assert answer.body == b'{"config":{"watchDir":"/a","by":"zhang"},"ok":true}\n'
    assert desk.wishes == [
        GoConfigChange(
            watch_dir="/a", file_ext="", silence="1s", workers=4, queue_size=-1, retry_delays="1s",
            retry_enabled=False, system_enabled=True,
        )
    ]  # fmt: skip


@pytest.mark.parametrize("body", [b"{}", b"null", b'{"silence":null}'])
def test_what_is_not_given_stays(port: Port, desk: Desk, body: bytes) -> None:
    assert port.ask("/api/config", "POST", body=body).status == 200
    assert desk.wishes == [GoConfigChange()]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"{", "invalid payload"),
        (b'{"uploadWorkers":"ten"}', "invalid payload"),
        (b'{"silence":"soon"}', "静默时间无效: soon"),
        (b'{"uploadWorkers":7}', "a: is wrong; b: too"),
    ],
)
def test_refusals_have_the_one_form(port: Port, body: bytes, text: str) -> None:
    answer = port.ask("/api/config", "POST", body=body)
    assert (answer.status, answer.json) == (400, {"error": text})


def test_it_cannot_be_read(port: Port) -> None:
    assert port.ask("/api/config").status == 405
