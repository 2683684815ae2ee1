from __future__ import annotations

import pytest

from gwf.control.config.check import FaultyDocumentError, checked, faults_of
from gwf.core.errors import InputError, TooLargeError

USABLE = {
    "stores": {"cloud": {"url": "s3://logs", "region": "cn-1", "access_key": "${KEY}", "secret_key": "${SECRET}"}},
    "log": {"level": "debug"},
    "agent": {
        "watch": [{"path": "/var/log/app", "store": "cloud", "key": "{label.site}/{path}", "after": [{"script": "x"}]}],
        "transfer": {"workers": 4, "max_bytes_per_s": "${PACE:-10 MiB}"},
        "breaker": {"open_for": "${REST}"},
    },
}


def told(document: dict[str, object], **kwargs: object) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in faults_of(document, **kwargs)]  # type: ignore[arg-type]  # a test's


def test_what_only_a_host_knows_is_taken_as_it_is() -> None:
    assert faults_of(USABLE) == ()
    assert checked(USABLE) == USABLE


def test_every_fault_is_told_at_once_with_its_place() -> None:
    document: dict[str, object] = {
        "agent": {
            "transfer": {"workers": 0, "wokers": 3},
            "watch": [{"path": "/a", "silence": "10 parsecs"}, {"path": "/a"}],
            "retry": {"base": "10s", "cap": "1s"},
        }
    }
    faults = told(document)
    assert {pointer for pointer, _ in faults} == {
        "/agent/transfer/workers",
        "/agent/transfer/wokers",
        "/agent/watch/0/silence",
        "/agent/watch/1/path",
        "/agent/retry/cap",
    }
    assert {code for _, code in faults} == {"invalid_value"}


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"listen": "0.0.0.0:1"}, "/listen"),
        ({"api": {"token": "x"}}, "/api"),
        ({"data_dir": "/x"}, "/data_dir"),
        ({"log": {"file": "/x"}}, "/log/file"),
        ({"agent": {"actions": {"scripts": {"x": {"command": ["/bin/sh"]}}}}}, "/agent/actions/scripts"),
        ({"agent": {"actions": {"archive_dirs": ["/"]}}}, "/agent/actions/archive_dirs"),
        ({"agent": {"hostname": "x"}}, "/agent/hostname"),
        ({"faults": {"kill_at": "before_send"}}, "/faults"),
    ],
)
def test_what_belongs_to_the_host_is_refused(document: dict[str, object], pointer: str) -> None:
    assert told(document) == [(pointer, "local_only")]


def test_secrets_may_be_there_in_any_form_and_a_wrong_one_is_not_repeated() -> None:
    store = {"url": "s3://b", "region": "r", "access_key": "AKIA123", "secret_key": "${secret:a1b2}"}
    assert told({"stores": {"x": {**store, "proxy": "http://${secret:c3}@proxy:1", "session_token": "${TOKEN}"}}}) == []
    faults = faults_of({"stores": {"x": {**store, "secret_key": "hunter\n22", "proxy": "ftp://me:pass99@proxy:1"}}})
    assert [fault.pointer for fault in faults] == ["/stores/x/secret_key", "/stores/x/proxy"]
    assert not any(word in fault.message for fault in faults for word in ("hunter", "pass99"))


def test_an_unknown_key_at_the_top_is_told_with_a_likely_name() -> None:
    (fault,) = faults_of({"store": {}})
    assert (fault.pointer, fault.code) == ("/store", "invalid_value")
    assert "stores" in fault.message


def test_a_label_that_the_agent_does_not_have_is_told_for_that_agent() -> None:
    assert told(USABLE, labels={"site": "sh"}) == []
    assert told(USABLE, labels={"env": "prod"}) == [("/agent/watch/0/key", "invalid_value")]


def test_a_refused_document_carries_all_its_faults() -> None:
    with pytest.raises(FaultyDocumentError) as caught:
        checked({"agent": {"transfer": {"workers": "many"}}, "listen": "x"})
    assert len(caught.value.faults) == len(caught.value.problems) == 2


def test_a_document_has_a_largest_size_and_is_json() -> None:
    with pytest.raises(TooLargeError):
        checked({"agent": {"watch": ["x" * 300_000]}})
    with pytest.raises(InputError):
        checked({"agent": {"breaker": {"failure_ratio": float("nan")}}})
    with pytest.raises(InputError):
        checked({"agent": {"watch": [{"path": "\ud800"}]}})
