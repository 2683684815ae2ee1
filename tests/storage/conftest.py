"""Loopback servers for tests of the HTTP client and the stores over it."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gwf.core.settings.model import StoreSettings
from gwf.storage.factory import open_store
from gwf.storage.ports import ObjectStore
from gwf.testing.fake_oss import FakeOss, fake_oss
from gwf.testing.s3_sink import S3Sink
from tests.certificates import certificate_in
from tests.conftest import ACCESS_KEY, BUCKET, SECRET_KEY

OpenStore = Callable[..., ObjectStore]


@pytest.fixture
def open_sink(sink: S3Sink) -> Iterator[OpenStore]:
    """Open S3 stores on the sink, or on an endpoint in front of it."""
    opened: list[ObjectStore] = []

    def open_it(**overrides: object) -> ObjectStore:
        values = {
            "url": f"s3://{BUCKET}",
            "endpoint": sink.url,
            "access_key": ACCESS_KEY,
            "secret_key": SECRET_KEY,
            "read_timeout": 5,
            "part_size": 128 * 1024,
        }
        opened.append(open_store("default", StoreSettings.model_validate(values | overrides), workers=4))
        return opened[-1]

    yield open_it
    for store in opened:
        store.close()


@pytest.fixture
def oss() -> Iterator[FakeOss]:
    with fake_oss(bucket=BUCKET, access_key=ACCESS_KEY, secret_key=SECRET_KEY, session_token="tok") as server:
        yield server


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate and its key for 127.0.0.1, in one PEM file."""
    return certificate_in(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
