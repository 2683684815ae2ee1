"""The comparison of two configurations, for any two of them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.agent.config.overlay import from_json, overlay_of, overtaken, shown_over, still_needed, to_json
from gwf.agent.config.plan import cold_places, plan
from gwf.core.settings.compare import ABSENT, differences, laid_over, value_of
from gwf.core.settings.effective import MASK, revealed
from gwf.core.settings.hot import HOT, is_hot, is_hot_key
from gwf.core.settings.model import Settings
from gwf.core.settings.schema import Kind, walk

names = st.sampled_from(["a", "b", "c"])
stores = st.dictionaries(
    names,
    st.fixed_dictionaries(
        {"url": st.sampled_from(["memory://", "s3://one", "s3://two"])},
        optional={
            "secret_key": st.sampled_from(["geheim-1", "geheim-2"]),
            "workers": st.integers(1, 9),
            "read_timeout": st.sampled_from([5.0, 60.0]),
        },
    ),
    max_size=3,
)
watches = st.lists(
    st.fixed_dictionaries(
        {"path": st.sampled_from(["/w/1", "/w/2", "/w/3"])},
        optional={
            "silence": st.sampled_from([1.0, 10.0]),
            "suffixes": st.lists(st.sampled_from([".log", ".gz"]), max_size=2),
            "store": names,
            "max_size": st.none() | st.integers(1, 5),
        },
    ),
    max_size=3,
    unique_by=lambda watch: str(watch["path"]),
)
documents = st.fixed_dictionaries(
    {"stores": stores},
    optional={
        "listen": st.sampled_from(["127.0.0.1:1", "127.0.0.1:2"]),
        "log": st.fixed_dictionaries({"level": st.sampled_from(["debug", "info"])}),
        "api": st.fixed_dictionaries({}, optional={"token": st.sampled_from(["token-1", "token-2"])}),
        "agent": st.fixed_dictionaries(
            {"watch": watches},
            optional={
                "labels": st.dictionaries(names, names, max_size=2),
                "transfer": st.fixed_dictionaries({"workers": st.integers(1, 9)}),
            },
        ),
    },
)
settings = documents.map(Settings.model_validate)


@given(settings)
def test_a_configuration_does_not_differ_from_itself(one: Settings) -> None:
    step = plan(one, Settings.model_validate(revealed(one)))
    assert (step.changes, step.cold, step.replaced) == ((), (), ())


@given(settings, settings)
def test_differences_are_whole_and_lead_from_one_to_the_other(one: Settings, other: Settings) -> None:
    old, new = revealed(one), revealed(other)
    before = copy.deepcopy(old)
    found = list(differences(old, new))
    assert laid_over(old, found) == new
    assert old == before
    assert all(value_of(old, item.place) != value_of(new, item.place) for item in found)


@given(settings, settings)
def test_a_plan_tells_every_difference_and_no_secret(one: Settings, other: Settings) -> None:
    step = plan(one, other)
    assert bool(step.changes) is (one != other)
    told = json.dumps([change.model_dump(mode="json") for change in step.changes])
    assert "geheim" not in told
    assert "token-" not in told
    assert set(step.cold) <= {"listen", "data_dir"}
    assert ("listen" in step.cold) is (one.listen != other.listen)


@given(settings, settings)
def test_only_stores_that_differ_are_opened_anew(one: Settings, other: Settings) -> None:
    for words in plan(one, other).replaced:
        name = words.removeprefix("store ")
        old, new = one.stores[name], other.stores[name]
        assert old.model_copy(update={"workers": new.workers}) != new


@given(settings, settings, settings)
def test_an_overlay_makes_the_base_what_was_wanted_and_survives_writing(
    base: Settings, wanted: Settings, later: Settings
) -> None:
    file, new_file = revealed(base), revealed(later)
    overlay = overlay_of(file, revealed(wanted))
    assert laid_over(file, overlay) == revealed(wanted)
    assert from_json(json.loads(json.dumps(to_json(overlay)))) == overlay
    kept = still_needed(overlay, new_file)
    assert laid_over(new_file, kept) == laid_over(new_file, overlay)
    assert list(overtaken(overlay, file)) == []
    assert all(value_of(new_file, item.place) != item.new for item in kept)


@given(settings, settings)
def test_an_overlay_is_shown_without_secrets(base: Settings, wanted: Settings) -> None:
    shown = shown_over(overlay_of(revealed(base), revealed(wanted)), revealed(base))
    assert "geheim" not in json.dumps([change.model_dump(mode="json") for change in shown])


@given(settings)
def test_what_needs_a_restart_is_the_rest_of_what_does_not(one: Settings) -> None:
    document = revealed(one)
    cold = set(cold_places(document))
    for item in differences(document, {}):
        parts = [item.place] if len(item.place) == 1 else []
        assert all(part in cold or any(hot[0] == part[0] for hot in HOT) for part in parts)
    assert not any(is_hot(place) for place in cold)


def test_trees_are_told_by_their_path_and_an_order_that_changed_too() -> None:
    def watching(*watches: dict[str, Any]) -> Settings:
        return Settings.model_validate({"agent": {"watch": watches}})

    one, two = {"path": "/a"}, {"path": "/b"}
    (change,) = plan(watching(one, two), watching(one, {**two, "silence": 3})).changes
    assert (change.key, change.old, change.new) == ("agent.watch[/b].silence", 10.0, 3.0)
    (change,) = plan(watching(one, two), watching(two, one)).changes
    assert (change.key, change.old, change.new) == ("agent.watch", ["/a", "/b"], ["/b", "/a"])
    (change,) = plan(watching(one, two), watching(one)).changes
    assert (change.key, change.new) == ("agent.watch[/b]", None)


def test_a_secret_is_told_masked_and_still_counts_as_changed() -> None:
    def token(text: str) -> Settings:
        return Settings.model_validate({"api": {"token": text}})

    (change,) = plan(token("one"), token("two")).changes
    assert (change.key, change.old, change.new) == ("api.token", MASK, MASK)


@pytest.mark.parametrize(("place", "hot"), [(("data_dir",), False), (("api", "tls_key"), False), (("log",), True)])
def test_the_data_directory_and_the_port_need_a_restart(place: tuple[str, ...], hot: bool) -> None:
    assert is_hot(place) is hot


def test_every_setting_is_hot_or_its_row_of_the_reference_says_that_it_needs_a_restart() -> None:
    page = (Path(__file__).parents[3] / "docs/reference/settings.md").read_text(encoding="utf-8")
    rows = {line.split("`")[1]: "needs a restart" in line for line in page.splitlines() if line.startswith("| `")}
    keys = [key for key, _, shape in walk() if shape.kind is not Kind.SECTION]
    assert {key: rows[key] for key in keys} == {key: not is_hot_key(key) for key in keys}


def test_an_absent_side_has_no_key_in_writing() -> None:
    (item,) = overlay_of({"a": {"x": 1}}, {"a": {}})
    assert (item.place, item.new) == (("a", "x"), ABSENT)
    assert to_json([item]) == [{"place": ["a", "x"], "old": 1}]
