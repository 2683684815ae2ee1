from __future__ import annotations

from hypothesis import given

from gwf.control.config.canonical import hash_of, pointer
from gwf.control.config.effective import effective
from gwf.core.settings.draft import is_block
from tests.control.config.test_diff import DOCUMENTS
from tests.control.config.versions import version

BASE = version("base", {"agent": {"transfer": {"workers": 4, "drain_timeout": "5s"}, "watch": [{"path": "/a"}]}})
LINE = version("line", {"agent": {"transfer": {"workers": 8}, "watch": [{"path": "/b"}, {"path": "/c"}]}})
ONE = version("one", {"agent": {"transfer": {"drain_timeout": None}, "retry": {"base": "2s"}}})


def test_a_higher_layer_replaces_values_and_lists_and_takes_away() -> None:
    result = effective([BASE, LINE, ONE])
    assert result.document == {
        "agent": {"transfer": {"workers": 8}, "watch": [{"path": "/b"}, {"path": "/c"}], "retry": {"base": "2s"}}
    }
    assert result.hash == hash_of(result.document)
    assert result.versions == ("base-1", "line-1", "one-1")


def test_each_value_knows_its_layer_and_version() -> None:
    origins = {place: origin.version for place, origin in effective([BASE, LINE, ONE]).origins.items()}
    assert origins == {
        "/agent/transfer/workers": "line-1",
        "/agent/watch": "line-1",
        "/agent/retry/base": "one-1",
    }


def test_no_layers_amount_to_nothing() -> None:
    assert effective([]).document == {}


@given(DOCUMENTS, DOCUMENTS, DOCUMENTS)
def test_every_value_has_exactly_one_origin(a: dict[str, object], b: dict[str, object], c: dict[str, object]) -> None:
    result = effective([version("a", a), version("b", b), version("c", c)])
    assert set(result.origins) == {pointer(place) for place in _values(result.document, ())}


@given(DOCUMENTS, DOCUMENTS)
def test_laying_a_version_over_itself_changes_nothing(a: dict[str, object], b: dict[str, object]) -> None:
    once = effective([version("a", a), version("b", b)])
    twice = effective([version("a", a), version("b", b), version("c", b)])
    assert once.hash == twice.hash


@given(DOCUMENTS)
def test_versions_are_never_changed(a: dict[str, object]) -> None:
    before = version("a", a)
    effective([before, version("b", {"a": {"b": 1}, "ab": None})])
    assert hash_of(before.document) == before.hash


def _values(value: object, place: tuple[str, ...]) -> list[tuple[str, ...]]:
    if is_block(value) and (value or not place):
        return [found for key, inner in value.items() for found in _values(inner, (*place, key))]
    return [place]
