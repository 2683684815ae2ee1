"""Loopback servers for tests of the HTTP client and the stores over it."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gwf.core.settings.model import StoreSettings
from gwf.storage.factory import open_store
from gwf.storage.ports import ObjectStore
from gwf.testing.fake_oss import FakeOss, fake_oss
from gwf.testing.s3_sink import S3Sink
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
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "loopback.pem"
    path.write_bytes(
        built.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
