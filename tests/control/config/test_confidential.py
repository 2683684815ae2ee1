from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from gwf.control.config.confidential import Separated, separated
from gwf.core.settings.effective import mask
from gwf.core.settings.references import filled, references_in

STORE = {"url": "s3://b", "access_key": "AKIA", "secret_key": "hunter22", "proxy": "http://me:pw@proxy:1"}


def apart(store: dict[str, Any], before: Mapping[str, Any] | None = None, **known: str) -> Separated:
    ids = (f"n{number}" for number in itertools.count(1))
    old = {} if before is None else {"stores": {"x": before}}
    return separated({"stores": {"x": store}}, old, known, new_id=lambda: next(ids))


def store_of(result: Separated) -> Any:
    return result.document["stores"]["x"]  # type: ignore[index]  # a document of these tests


def test_secrets_and_users_of_urls_are_taken_out_and_fill_it_again() -> None:
    result = apart(STORE)
    assert store_of(result) == {
        "url": "s3://b",
        "access_key": "${secret:n1}",
        "secret_key": "${secret:n2}",
        "proxy": "http://${secret:n3}@proxy:1",
    }
    assert references_in(result.document) == {"n1", "n2", "n3"}
    assert filled(result.document, {one.id: one.text for one in result.secrets}) == {"stores": {"x": STORE}}
    assert "hunter22" not in repr(result)


def test_masked_values_stay_as_they_were() -> None:
    before = store_of(apart(STORE))
    shown: Any = mask({"stores": {"x": before}})
    assert shown["stores"]["x"]["proxy"] == "http://******@proxy:1"
    result = apart(shown["stores"]["x"], before)
    assert (store_of(result), result.secrets, result.faults) == (before, (), ())


def test_the_same_value_again_keeps_its_reference_so_that_nothing_changes() -> None:
    before = store_of(apart(STORE))
    result = apart(STORE, before, n1="AKIA", n2="hunter22", n3="me:pw")
    assert (store_of(result), result.secrets) == (before, ())


def test_another_value_gets_a_reference_of_its_own() -> None:
    before = store_of(apart(STORE))
    result = apart({**STORE, "secret_key": "hunter23"}, before, n1="AKIA", n2="hunter22", n3="me:pw")
    assert [one.text for one in result.secrets] == ["hunter23"]
    assert store_of(result)["access_key"] == before["access_key"]


def test_a_mask_without_a_value_before_it_is_refused() -> None:
    result = apart(
        {"secret_key": "******", "proxy": "http://******@other:1"}, store_of(apart(STORE)) | {"secret_key": None}
    )
    assert [(fault.pointer, fault.code) for fault in result.faults] == [
        ("/stores/x/secret_key", "nothing_to_keep"),
        ("/stores/x/proxy", "nothing_to_keep"),
    ]


def test_a_password_never_follows_a_url_to_another_host() -> None:
    before = store_of(apart(STORE))
    (fault,) = apart({**before, "proxy": "http://******@evil:1"}, before).faults
    assert (fault.pointer, fault.code) == ("/stores/x/proxy", "nothing_to_keep")


def test_a_reference_to_a_secret_of_another_place_is_refused() -> None:
    before = store_of(apart(STORE))
    faults = apart({"access_key": before["secret_key"], "url": "${secret:n1}"}, before).faults
    assert [(fault.pointer, fault.code) for fault in faults] == [
        ("/stores/x/access_key", "unknown_reference"),
        ("/stores/x/url", "unknown_reference"),
    ]


def test_variables_of_the_host_stay_and_defaults_in_clear_do_not() -> None:
    store = {"access_key": "${KEY}", "secret_key": "${KEY:-hunter22}", "proxy": "http://${U}:${P}@proxy:1"}
    result = apart(store)
    assert store_of(result) == {**store, "secret_key": "${secret:n1}"}
    assert [one.text for one in result.secrets] == ["${KEY:-hunter22}"]
