"""How S3 and OSS confirm what they hold."""

from __future__ import annotations

import hashlib

import pytest

from gwf.core.errors import DeniedError
from gwf.core.settings.model import StoreSettings
from gwf.storage.factory import open_store
from gwf.storage.hashing import PartDigest, crc64_of
from gwf.storage.http1.answer import Answer
from gwf.storage.model import Checksums
from gwf.storage.multipart import md5_of_md5s
from gwf.storage.oss import OssDialect
from gwf.storage.s3 import S3Dialect
from gwf.storage.sign.credentials import Credentials
from gwf.testing.fake_oss import FakeOss
from tests.conftest import ACCESS_KEY, BUCKET, SECRET_KEY, MakeSource

WHO = Credentials(access_key="a", secret_key="s")
S3 = S3Dialect(WHO, "us-east-1")
OSS = OssDialect(WHO, "cn-hangzhou")
DATA = b"hello"
MD5 = hashlib.md5(DATA, usedforsecurity=False).hexdigest()
OTHER = "0" * 32
SUMS = Checksums(md5=MD5, sha256=hashlib.sha256(DATA).hexdigest(), crc64=crc64_of(DATA))
PARTS = tuple(
    PartDigest(
        number=number,
        size_bytes=len(data),
        md5=hashlib.md5(data, usedforsecurity=False).hexdigest(),
        crc64=crc64_of(data),
    )
    for number, data in enumerate((b"he", b"llo"), start=1)
)


def _answer(*lines: str) -> Answer:
    return Answer("\r\n".join(("HTTP/1.1 200 OK", "content-length: 0", *lines)).encode())


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        ((f'etag: "{MD5}"',), True),
        ((f'etag: "{MD5.upper()}"',), True),
        ((f'etag: "{OTHER}"',), False),
        ((f'etag: "{OTHER}"', "x-amz-server-side-encryption: aws:kms"), None),
        ((f'etag: "{OTHER}"', "x-amz-server-side-encryption: AES256"), False),
        ((f'etag: "{OTHER}"', "x-amz-server-side-encryption-customer-algorithm: AES256"), None),
        ((f'etag: "{OTHER}-3"',), None),
        (('etag: "not-a-digest"',), None),
    ],
)
def test_s3_is_judged_by_etags_that_are_md5s(lines: tuple[str, ...], *, verdict: bool | None) -> None:
    assert S3.holds(_answer(*lines), SUMS) is verdict


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        ((f"x-oss-hash-crc64ecma: {SUMS.crc64}",), True),
        ((f"x-oss-hash-crc64ecma: {SUMS.crc64}", f'etag: "{OTHER}"'), True),
        (("x-oss-hash-crc64ecma: 1", f'etag: "{MD5}"'), False),
        ((f'etag: "{MD5.upper()}"',), True),
        ((f'etag: "{OTHER}"', "x-oss-object-type: Normal"), False),
        ((f'etag: "{OTHER}"', "x-oss-object-type: Multipart"), None),
    ],
)
def test_oss_is_judged_by_its_crc_first(lines: tuple[str, ...], *, verdict: bool | None) -> None:
    assert OSS.holds(_answer(*lines), SUMS) is verdict


@pytest.mark.parametrize(
    ("etag", "lines", "verdict"),
    [
        (md5_of_md5s(PARTS), (), True),
        (f"{OTHER}-2", (), False),
        (f"{OTHER}-2", ("x-amz-server-side-encryption: aws:kms",), None),
        (MD5, (), None),
        ("", (), None),
    ],
)
def test_s3_parts_are_judged_by_the_md5_of_md5s(etag: str, lines: tuple[str, ...], *, verdict: bool | None) -> None:
    assert S3.is_made_of(_answer(*lines), etag, PARTS) is verdict


@pytest.mark.parametrize(("crc", "verdict"), [(str(SUMS.crc64), True), ("7", False), ("", None)])
def test_oss_parts_are_judged_by_the_joined_crc(crc: str, *, verdict: bool | None) -> None:
    assert OSS.is_made_of(_answer(f"x-oss-hash-crc64ecma: {crc}"), "ANY-2", PARTS) is verdict


def test_plus_signs_in_listed_keys_are_read_as_each_service_writes_them() -> None:
    assert (S3.listed_key("a+b%2Bc"), OSS.listed_key("a+b%2Bc%20d")) == ("a b+c", "a+b+c d")


@pytest.mark.parametrize("region", ["cn-hangzhou", None])
def test_a_session_token_is_signed_and_sent(oss: FakeOss, make_source: MakeSource, region: str | None) -> None:
    values = {
        "url": f"oss://{BUCKET}",
        "endpoint": f"http://127.0.0.1:{oss.port}",
        "region": region,
        "access_key": ACCESS_KEY,
        "secret_key": SECRET_KEY,
    }
    store = open_store("o", StoreSettings.model_validate(values | {"session_token": "tok"}), workers=1)
    store.put_object("k", make_source(DATA))
    assert oss.signatures.seen[4 if region else 1] == 1
    store.close()
    other = open_store("o", StoreSettings.model_validate(values | {"session_token": "old"}), workers=1)
    with pytest.raises(DeniedError, match="session has expired"):
        other.put_object("k", make_source(DATA))
    other.close()
