"""Our signatures against those of the services' own software."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from alibabacloud_oss_v2.credentials import StaticCredentialsProvider
from alibabacloud_oss_v2.signer import SignerV1, SignerV4
from alibabacloud_oss_v2.types import HttpRequest, SigningContext
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from hypothesis import given
from hypothesis import strategies as st

from gwf.storage.sign import oss1, oss4, sigv4
from gwf.storage.sign.credentials import Credentials, Pairs, Unsigned, encode_path, encode_query

AT_S = 1_795_356_275
KEY_NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40).filter(
    lambda key: not key.startswith("/")
)
QUERIES: list[Pairs] = [
    (),
    (("uploads", ""),),
    (("uploadId", "AbC+/="), ("partNumber", "7")),
    (("prefix", "a b/ü&="), ("list-type", "2"), ("encoding-type", "url")),
]


def _credentials(token: str | None = None) -> Credentials:
    return Credentials(access_key="AKID", secret_key="very-secret", session_token=token)


def _unsigned(method: str, key: str, query: Pairs, **headers: str) -> Unsigned:
    return Unsigned(
        method=method,
        path=f"/bkt/{encode_path(key)}",
        bucket="bkt",
        key=key,
        query=query,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def _boto_authorization(request: Unsigned, token: str | None) -> str:
    url = f"http://store.example:9000{request.path}?{encode_query(request.query)}".rstrip("?")
    covered = {name: value for name, value in request.headers.items() if name != "authorization"}
    aws = AWSRequest(method=request.method, url=url, headers=covered)
    aws.context["timestamp"] = request.headers["x-amz-date"]
    auth = S3SigV4Auth(BotoCredentials("AKID", "very-secret", token), "s3", "eu-west-1")
    signature = auth.signature(auth.string_to_sign(aws, auth.canonical_request(aws)), aws)
    return str(signature)


@given(key=KEY_NAMES, query=st.sampled_from(QUERIES), token=st.sampled_from([None, "session/token=="]))
def test_sigv4_equals_botocore(key: str, query: Pairs, token: str | None) -> None:
    request = _unsigned("PUT", key, query, host="store.example:9000", content_md5="1B2M2Y8AsgTpgAmy7PhCfg==")
    headers = sigv4.sign(request, _credentials(token), "eu-west-1", payload_sha256=sigv4.EMPTY_SHA256, at_s=AT_S)
    assert headers["authorization"].endswith(f"Signature={_boto_authorization(request, token)}")


def test_sigv4_reproduces_the_published_example() -> None:
    # "GET Object" of Amazon's documentation on signatures in the Authorization header
    request = Unsigned(
        method="GET",
        path="/test.txt",
        bucket="examplebucket",
        key="test.txt",
        query=(),
        headers={"host": "examplebucket.s3.amazonaws.com", "range": "bytes=0-9"},
    )
    credentials = Credentials(access_key="AKIAIOSFODNN7EXAMPLE", secret_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    moment = int(datetime(2013, 5, 24, tzinfo=UTC).timestamp())
    headers = sigv4.sign(request, credentials, "us-east-1", payload_sha256=sigv4.EMPTY_SHA256, at_s=moment)
    assert headers["authorization"].endswith(
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )


def _oss_context(request: Unsigned, token: str | None, **more: object) -> SigningContext:
    url = f"http://store.example/{encode_path(request.key)}?{encode_query(request.query, bare=True)}".rstrip("?")
    credentials = StaticCredentialsProvider("AKID", "very-secret", token).get_credentials()
    kept = {name: value for name, value in request.headers.items() if name in {"host", "content-md5"}}
    return SigningContext(
        request=HttpRequest(request.method, url, headers=kept),
        credentials=credentials,
        bucket=request.bucket,
        key=request.key,
        signing_time=datetime.fromtimestamp(AT_S, UTC),
        **more,
    )


@given(key=KEY_NAMES, query=st.sampled_from(QUERIES), token=st.sampled_from([None, "token=="]))
def test_oss_version_4_equals_the_sdk(key: str, query: Pairs, token: str | None) -> None:
    request = _unsigned("PUT", key, query, host="store.example", content_md5="1B2M2Y8AsgTpgAmy7PhCfg==")
    context = _oss_context(request, token, region="cn-hangzhou", product="oss", additional_headers={"host"})
    SignerV4().sign(context)
    headers = oss4.sign(request, _credentials(token), "cn-hangzhou", at_s=AT_S)
    assert headers["authorization"] == context.request.headers["authorization"]
    assert headers["x-oss-date"] == context.request.headers["x-oss-date"]


@given(key=KEY_NAMES, query=st.sampled_from(QUERIES))
def test_oss_version_1_equals_the_sdk(key: str, query: Pairs) -> None:
    request = _unsigned("PUT", key, query, host="store.example", content_md5="1B2M2Y8AsgTpgAmy7PhCfg==")
    context = _oss_context(request, None)
    SignerV1().sign(context)
    headers = oss1.sign(request, _credentials(), at_s=AT_S)
    assert headers["authorization"] == context.request.headers["authorization"]
    assert headers["date"] == context.request.headers["date"]


def test_oss_version_1_signs_the_session_token_among_its_headers() -> None:
    request = _unsigned("GET", "k", (), host="store.example")
    oss1.sign(request, _credentials("token"), at_s=AT_S)
    assert "\nx-oss-security-token:token\n/bkt/k" in oss1.to_sign(request)


def test_credentials_do_not_show_their_secrets() -> None:
    assert "very-secret" not in repr(_credentials("token"))
    assert "token=" not in repr(_credentials("token")).replace("session_token=", "")


@pytest.mark.parametrize(("bare", "text"), [(False, "a=&b=1%202"), (True, "a&b=1%202")])
def test_queries_are_sorted_and_encoded(*, bare: bool, text: str) -> None:
    assert encode_query((("b", "1 2"), ("a", "")), bare=bare) == text
