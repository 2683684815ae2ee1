from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from gwf.core.quickio import send_now

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def test_bytes_that_fit_are_sent_at_once(pair: Pair) -> None:
    sent = send_now(pair[0].fileno(), b"whole")
    assert pair[1].recv(100) == b"whole"[:sent]
    assert sent == 5


def test_a_full_socket_takes_a_part_and_then_nothing(pair: Pair) -> None:
    data = bytes(64 * 1024 * 1024)
    sent = send_now(pair[0].fileno(), data)
    assert 0 < sent < len(data)
    assert send_now(pair[0].fileno(), data) == 0


def test_a_broken_connection_takes_nothing_and_raises_no_signal(pair: Pair) -> None:
    pair[1].close()
    assert send_now(pair[0].fileno(), b"lost") == 0
