from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.audit.changes import ABSENT, MAX_CHANGES, FieldChange, canonical_json, field_changes
from gwf.audit.model import SYSTEM, AuditEntry, Resource
from gwf.core.secrets import MASK

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
OBJECTS = st.dictionaries(st.text(), JSON, max_size=5)


def shown(before: dict[str, object] | None, after: dict[str, object] | None) -> list[dict[str, object]]:
    return [change.as_json() for change in field_changes(before, after)]


def test_a_change_names_the_field_by_its_pointer() -> None:
    assert shown({"labels": {"site": "sh", "a/b": 1}}, {"labels": {"site": "bj", "a/b": 2}}) == [
        {"path": "/labels/a~1b", "before": 1, "after": 2},
        {"path": "/labels/site", "before": "sh", "after": "bj"},
    ]


def test_what_comes_and_goes_has_one_side_and_none_is_a_value() -> None:
    assert shown({"old": None}, {"new": None}) == [{"path": "/new", "after": None}, {"path": "/old", "before": None}]


def test_a_thing_that_is_made_shows_each_field_and_one_removed_too() -> None:
    assert shown(None, {"a": 1, "b": {"c": 2}}) == [{"path": "/a", "after": 1}, {"path": "/b/c", "after": 2}]
    assert shown({"a": 1}, None) == [{"path": "/a", "before": 1}]


def test_lists_of_one_length_are_compared_place_by_place() -> None:
    assert shown({"w": [1, 10, 100]}, {"w": [1, 20, 100]}) == [{"path": "/w/1", "before": 10, "after": 20}]
    assert shown({"w": [1]}, {"w": [1, 2]}) == [{"path": "/w", "before": [1], "after": [1, 2]}]


def test_true_is_not_one() -> None:
    assert shown({"on": 1}, {"on": True}) == [{"path": "/on", "before": 1, "after": True}]


def test_a_new_secret_shows_as_a_change_without_being_shown() -> None:
    assert shown({"secret_access_key": "old"}, {"secret_access_key": "new"}) == [
        {"path": "/secret_access_key", "before": MASK, "after": MASK}
    ]


@pytest.mark.parametrize(
    "name", ["password", "smtpPassword", "API-Token", "clientSecret", "access_key", "private-key", "credentials"]
)
def test_fields_that_hold_secrets_are_masked_at_any_depth(name: str) -> None:
    change = FieldChange(path="/stores/0", after={"x": [{name: {"inner": "s3cr3t", "number": 7}}]})
    assert "s3cr3t" not in json.dumps(change.as_json())
    assert "7" not in json.dumps(change.as_json())


@pytest.mark.parametrize("name", ["token_id", "author", "credential_kind", "agentKey", "keys", "secret_expired"])
def test_fields_that_only_tell_about_secrets_are_shown(name: str) -> None:
    assert FieldChange(path=f"/{name}", after="seen").after == "seen"


def test_secrets_inside_texts_are_masked_in_reasons_and_details() -> None:
    entry = AuditEntry(
        tenant="default",
        actor=SYSTEM,
        action="channel.update",
        resource=Resource(kind="channel", id="c1"),
        at_ms=0,
        reason="new password=hunter2 set",
        detail={"webhook": "https://host/robot?access_token=abcdef", "token": "abcdef"},
    )
    assert "hunter2" not in entry.reason
    assert "abcdef" not in json.dumps(entry.detail)


def test_many_changes_and_long_values_are_bounded_and_say_so() -> None:
    changes = field_changes({}, {f"f{number:04}": "x" * 10_000 for number in range(MAX_CHANGES + 5)})
    assert len(changes) == MAX_CHANGES + 1
    assert changes[-1].after == "5 more fields differ"
    assert str(changes[0].after).endswith("… (10000 characters)")


@given(OBJECTS, OBJECTS)
def test_any_difference_can_be_stored_and_read_again(before: dict[str, object], after: dict[str, object]) -> None:
    text = canonical_json(shown(before, after))
    assert canonical_json(json.loads(text)) == text
    assert "\x00" not in text
    text.encode()


@given(OBJECTS)
def test_what_is_equal_has_no_changes(value: dict[str, object]) -> None:
    assert field_changes(value, json.loads(json.dumps(value))) == ()


def test_an_absent_side_is_told_from_none() -> None:
    assert FieldChange(path="/x", before=None).before is None
    assert FieldChange(path="/x").before is ABSENT
