"""What the error answers of object stores mean: one table from their codes to our errors."""

from __future__ import annotations

from dataclasses import dataclass

from gwf.core.errors import (
    ConflictError,
    CorruptDataError,
    DeniedError,
    ErrorClass,
    FaultScope,
    GwfError,
    InputError,
    NotFoundError,
    OverloadedError,
    TooLargeError,
    UnavailableError,
)
from gwf.storage.bucket.xml import parse
from gwf.storage.http1.answer import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """How one code is to be understood."""

    error: type[GwfError]
    error_class: ErrorClass
    scope: FaultScope
    retryable: bool
    message: str


def _destination(error: type[GwfError], error_class: ErrorClass, message: str) -> Meaning:
    # whatever is wrong with a whole destination can be mended there: files wait for that, none is given up at once
    return Meaning(error=error, error_class=error_class, scope=FaultScope.DESTINATION, retryable=True, message=message)


def _object(error: type[GwfError], error_class: ErrorClass, message: str, *, retryable: bool = False) -> Meaning:
    return Meaning(error=error, error_class=error_class, scope=FaultScope.OBJECT, retryable=retryable, message=message)


_BAD_KEY = _destination(DeniedError, ErrorClass.AUTH, "access key is not known to the store: check access_key")
_BAD_SIGNATURE = _destination(DeniedError, ErrorClass.AUTH, "signature is refused: check secret_key and region")
_CLOCK = _destination(DeniedError, ErrorClass.AUTH, "clocks differ too much: set this host's clock right")
_EXPIRED = _destination(DeniedError, ErrorClass.AUTH, "session has expired: give a fresh session_token")
_UNPAID = _destination(DeniedError, ErrorClass.AUTH, "account or bucket is closed by its provider")
_DENIED = Meaning(
    error=DeniedError,
    error_class=ErrorClass.AUTH,
    scope=FaultScope.UNKNOWN,
    retryable=True,
    message="store denies access: check the policies of key and bucket",
)
_NO_BUCKET = _destination(
    NotFoundError,
    ErrorClass.NOT_FOUND,
    "bucket does not exist: create it, or correct the store's url, region or endpoint",
)
_WRONG_PLACE = _destination(
    UnavailableError, ErrorClass.CONFIG, "bucket is in another region or behind another endpoint: correct them"
)
_SLOW_DOWN = _destination(OverloadedError, ErrorClass.THROTTLED, "store asks us to slow down")
_SERVER = _destination(UnavailableError, ErrorClass.SERVER, "store failed")
_TIMEOUT = _destination(UnavailableError, ErrorClass.TIMEOUT, "store waited too long for our bytes")
_TOO_LARGE = _object(TooLargeError, ErrorClass.TOO_LARGE, "object is larger than the store allows")
_CHECKSUM = _object(CorruptDataError, ErrorClass.CHECKSUM, "store received other bytes than we sent", retryable=True)
_NO_OBJECT = _object(NotFoundError, ErrorClass.NOT_FOUND, "object does not exist")
_NO_UPLOAD = _object(NotFoundError, ErrorClass.NOT_FOUND, "upload is not known")
_BAD_PARTS = _object(CorruptDataError, ErrorClass.CHECKSUM, "store does not have the parts as sent", retryable=True)
_CONFLICT = _object(ConflictError, ErrorClass.CONFLICT, "store is busy with this object", retryable=True)
_FORBIDDEN_STATE = _object(ConflictError, ErrorClass.CONFLICT, "object is locked or of a kind that cannot be replaced")
_BAD_KEY_NAME = _object(InputError, ErrorClass.CONFIG, "store does not allow this object key")
_REFUSED = Meaning(
    error=InputError,
    error_class=ErrorClass.CONFIG,
    scope=FaultScope.UNKNOWN,
    retryable=False,
    message="store refused the request",
)

BY_CODE: dict[str, Meaning] = {
    "InvalidAccessKeyId": _BAD_KEY,
    "InvalidAccessKey": _BAD_KEY,
    "SignatureDoesNotMatch": _BAD_SIGNATURE,
    "AuthorizationHeaderMalformed": _BAD_SIGNATURE,
    "InvalidSecurity": _BAD_SIGNATURE,
    "RequestTimeTooSkewed": _CLOCK,
    "ExpiredToken": _EXPIRED,
    "TokenRefreshRequired": _EXPIRED,
    "InvalidToken": _EXPIRED,
    "InvalidSecurityToken": _EXPIRED,
    "SecurityTokenExpired": _EXPIRED,
    "AccountProblem": _UNPAID,
    "UserDisable": _UNPAID,
    "AllAccessDisabled": _UNPAID,
    "AccessDenied": _DENIED,
    "AccessForbidden": _DENIED,
    "Forbidden": _DENIED,
    "NoSuchBucket": _NO_BUCKET,
    "InvalidBucketName": _NO_BUCKET,
    "PermanentRedirect": _WRONG_PLACE,
    "TemporaryRedirect": _WRONG_PLACE,
    "SecondLevelDomainForbidden": _WRONG_PLACE,
    "IllegalLocationConstraintException": _WRONG_PLACE,
    "SlowDown": _SLOW_DOWN,
    "TooManyRequests": _SLOW_DOWN,
    "RequestLimitExceeded": _SLOW_DOWN,
    "QpsLimitExceeded": _SLOW_DOWN,
    "UploadTrafficRateLimitExceeded": _SLOW_DOWN,
    "ServiceUnavailable": _SLOW_DOWN,
    "BandwidthLimitExceeded": _SLOW_DOWN,
    "InternalError": _SERVER,
    "XMinioStorageFull": _SERVER,
    "RequestTimeout": _TIMEOUT,
    "EntityTooLarge": _TOO_LARGE,
    "InvalidPartSizeExceeded": _TOO_LARGE,
    "BadDigest": _CHECKSUM,
    "InvalidDigest": _CHECKSUM,
    "XAmzContentSHA256Mismatch": _CHECKSUM,
    "XAmzContentChecksumMismatch": _CHECKSUM,
    "IncompleteBody": _CHECKSUM,
    "NoSuchKey": _NO_OBJECT,
    "NoSuchUpload": _NO_UPLOAD,
    "InvalidPart": _BAD_PARTS,
    "InvalidPartOrder": _BAD_PARTS,
    "EntityTooSmall": _BAD_PARTS,
    "OperationAborted": _CONFLICT,
    "ConditionalRequestConflict": _CONFLICT,
    "FileAlreadyExists": _FORBIDDEN_STATE,
    "FileImmutable": _FORBIDDEN_STATE,
    "ObjectNotAppendable": _FORBIDDEN_STATE,
    "InvalidObjectState": _FORBIDDEN_STATE,
    "KeyTooLongError": _BAD_KEY_NAME,
    "KeyTooLong": _BAD_KEY_NAME,
    "InvalidObjectName": _BAD_KEY_NAME,
    "XMinioInvalidObjectName": _BAD_KEY_NAME,
}

#: for answers without a code that we know
BY_STATUS: dict[int, Meaning] = {
    301: _WRONG_PLACE,
    302: _WRONG_PLACE,
    307: _WRONG_PLACE,
    308: _WRONG_PLACE,
    401: _BAD_SIGNATURE,
    403: _DENIED,
    404: _NO_OBJECT,
    407: _destination(UnavailableError, ErrorClass.AUTH, "proxy wants other credentials: check proxy"),
    408: _TIMEOUT,
    409: _CONFLICT,
    413: _TOO_LARGE,
    429: _SLOW_DOWN,
    503: _SLOW_DOWN,
}


def refusal(answer: Answer, *, key: str, request_id: str) -> GwfError:
    """Return our error for an answer that is none of success."""
    code, words = _code_and_words(answer.body)
    return refusal_of(code, answer, key=key, request_id=request_id, words=words)


def refusal_of(code: str, answer: Answer, *, key: str, request_id: str, words: str = "") -> GwfError:
    """Return our error for a known code, or by the answer's status."""
    meaning = BY_CODE.get(code) or BY_STATUS.get(answer.status) or (_SERVER if _is_server(answer) else _REFUSED)
    return meaning.error(
        meaning.message,
        error_class=meaning.error_class,
        scope=meaning.scope,
        retryable=meaning.retryable,
        retry_after_s=answer.retry_after_s(),
        key=key,
        status=answer.status,
        store_code=code,
        store_message=words[:300],
        request_id=request_id,
    )


def _is_server(answer: Answer) -> bool:
    return answer.status >= 500 or answer.status < 400


def _code_and_words(body: bytes) -> tuple[str, str]:
    if body.lstrip()[:1] != b"<":
        return "", ""
    try:
        root = parse(body)
    except UnavailableError:  # a proxy's HTML page: the status says what can be known
        return "", ""
    return (root.word("Code"), root.word("Message")) if root.name == "Error" else ("", "")
