"""What the error codes of object stores mean."""

from __future__ import annotations

import pytest

from gwf.core.errors import ErrorClass, FaultScope, UnavailableError
from gwf.storage.bucket.refusals import BY_CODE, BY_STATUS, refusal
from gwf.storage.bucket.xml import parse
from gwf.storage.http1.answer import Answer

DESTINATION, OBJECT, UNKNOWN = FaultScope.DESTINATION, FaultScope.OBJECT, FaultScope.UNKNOWN


def _answer(status: int, code: str = "", *lines: str) -> Answer:
    answer = Answer("\r\n".join((f"HTTP/1.1 {status} No", "content-length: 0", *lines)).encode())
    if code:
        answer.body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>m &amp; n</Message></Error>".encode()
    return answer


@pytest.mark.parametrize(
    ("status", "code", "error_class", "scope", "retryable"),
    [
        (403, "InvalidAccessKeyId", ErrorClass.AUTH, DESTINATION, True),
        (403, "SignatureDoesNotMatch", ErrorClass.AUTH, DESTINATION, True),
        (403, "RequestTimeTooSkewed", ErrorClass.AUTH, DESTINATION, True),
        (400, "ExpiredToken", ErrorClass.AUTH, DESTINATION, True),
        (403, "AccessDenied", ErrorClass.AUTH, UNKNOWN, True),
        (403, "", ErrorClass.AUTH, UNKNOWN, True),
        (404, "NoSuchBucket", ErrorClass.NOT_FOUND, DESTINATION, True),
        (404, "NoSuchKey", ErrorClass.NOT_FOUND, OBJECT, False),
        (404, "NoSuchUpload", ErrorClass.NOT_FOUND, OBJECT, False),
        (404, "", ErrorClass.NOT_FOUND, OBJECT, False),
        (503, "SlowDown", ErrorClass.THROTTLED, DESTINATION, True),
        (429, "", ErrorClass.THROTTLED, DESTINATION, True),
        (503, "", ErrorClass.THROTTLED, DESTINATION, True),
        (500, "InternalError", ErrorClass.SERVER, DESTINATION, True),
        (502, "", ErrorClass.SERVER, DESTINATION, True),
        (501, "NotImplemented", ErrorClass.SERVER, DESTINATION, True),
        (200, "InternalError", ErrorClass.SERVER, DESTINATION, True),
        (400, "RequestTimeout", ErrorClass.TIMEOUT, DESTINATION, True),
        (400, "EntityTooLarge", ErrorClass.TOO_LARGE, OBJECT, False),
        (413, "", ErrorClass.TOO_LARGE, OBJECT, False),
        (400, "BadDigest", ErrorClass.CHECKSUM, OBJECT, True),
        (400, "XAmzContentSHA256Mismatch", ErrorClass.CHECKSUM, OBJECT, True),
        (400, "InvalidPart", ErrorClass.CHECKSUM, OBJECT, True),
        (409, "OperationAborted", ErrorClass.CONFLICT, OBJECT, True),
        (409, "FileImmutable", ErrorClass.CONFLICT, OBJECT, False),
        (301, "PermanentRedirect", ErrorClass.CONFIG, DESTINATION, True),
        (400, "KeyTooLongError", ErrorClass.CONFIG, OBJECT, False),
        (400, "SomethingNew", ErrorClass.CONFIG, UNKNOWN, False),
    ],
)
def test_a_code_has_one_meaning(
    status: int, code: str, error_class: ErrorClass, scope: FaultScope, *, retryable: bool
) -> None:
    error = refusal(_answer(status, code), key="k", request_id="R1")
    assert (error.error_class, error.scope, error.retryable) == (error_class, scope, retryable)
    assert (error.context["store_code"], error.context["status"]) == (code, status)
    assert error.context["request_id"] == "R1"


def test_the_wait_asked_for_is_kept() -> None:
    assert refusal(_answer(503, "SlowDown", "retry-after: 9"), key="", request_id="").retry_after_s == 9.0


def test_a_page_of_some_proxy_is_judged_by_its_status() -> None:
    answer = _answer(502)
    answer.body = b"<html><head><title>Bad Gateway</title><body>"
    assert refusal(answer, key="k", request_id="").error_class is ErrorClass.SERVER


def test_every_fault_of_a_whole_destination_can_wait_for_its_repair() -> None:
    for meaning in (*BY_CODE.values(), *BY_STATUS.values()):
        assert meaning.retryable or meaning.scope is not DESTINATION
        assert meaning.message


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no xml",
        b"<a><b></a>",
        b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    ],
)
def test_documents_we_do_not_want_are_refused(body: bytes) -> None:
    with pytest.raises(UnavailableError):
        parse(body)


def test_namespaces_do_not_matter() -> None:
    root = parse(b'<n:A xmlns:n="urn:x"><n:B>1</n:B><B> 2 </B></n:A>')
    assert (root.name, [child.text for child in root.all("B")], root.number("B")) == ("A", ["1", " 2 "], 1)
