from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gwf.control.config.canonical import canonical, hash_of, pointer
from gwf.control.config.diff import Change, ChangeKind, diff

KEYS = st.text("ab/~", min_size=1, max_size=3)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("xy", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=4)


def test_a_difference_names_each_value_by_pointer() -> None:
    old = {"agent": {"transfer": {"workers": 2}, "watch": [{"path": "/a"}, {"path": "/b"}]}}
    new = {"agent": {"transfer": {"workers": 4}, "watch": [{"path": "/a", "priority": 1}], "retry": {"base": "1s"}}}
    assert diff(old, new) == (
        Change(pointer="/agent/transfer/workers", kind=ChangeKind.CHANGED, old=2, new=4),
        Change(pointer="/agent/watch/0/priority", kind=ChangeKind.ADDED, old=None, new=1),
        Change(pointer="/agent/watch/1/path", kind=ChangeKind.REMOVED, old="/b", new=None),
        Change(pointer="/agent/retry/base", kind=ChangeKind.ADDED, old=None, new="1s"),
    )


def test_secrets_are_masked_but_for_names_of_variables() -> None:
    (change,) = diff({"stores": {"x": {"access_key": "${A}"}}}, {"stores": {"x": {"access_key": "${B}"}}})
    assert (change.old, change.new) == ("${A}", "${B}")
    (change,) = diff({"stores": {"x": {"access_key": "${A:-x}"}}}, {"stores": {"x": {"access_key": "${A:-y}"}}})
    assert (change.old, change.new) == ("******", "******")


@given(DOCUMENTS, DOCUMENTS)
def test_documents_differ_exactly_when_their_hashes_do(old: dict[str, object], new: dict[str, object]) -> None:
    assert (diff(old, new) == ()) == (hash_of(old) == hash_of(new))


@given(DOCUMENTS)
def test_the_order_of_keys_does_not_count(document: dict[str, object]) -> None:
    assert canonical(dict(reversed(document.items()))) == canonical(document)


def test_pointers_escape_what_has_a_meaning() -> None:
    assert pointer(("a/b", "c~d", 0)) == "/a~1b/c~0d/0"
