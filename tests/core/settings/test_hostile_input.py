from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gwf.core.errors import ConfigError
from gwf.core.settings.environ import variable_name
from gwf.core.settings.legacy.keys import KEY_TYPES, VARIABLES
from gwf.core.settings.load import load_settings
from gwf.core.settings.schema import walk

SECRET = "hunter2hunter2"
names = sorted({part for key, _, _ in walk() for part in key.replace("[]", "").replace("<name>", "main").split(".")})
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12),
    st.sampled_from([
        "10s", "5 parsecs", "1MiB", "s3://b", "file:///x", "file:///x%00", "oss://", "${X}", "${X:-y}", "$${", "~/x",
        "0.0.0.0:80", "[::1", "{path}", "{label.a}", ".log", "/", "a\0b", "\ud800", "!x", "http://h",
    ]),
)  # fmt: skip
trees = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from([*names, "x", "", "a b"]), inner, max_size=4)
    ),
    max_leaves=25,
)


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.sampled_from(names), trees, max_size=5))
def test_any_tree_of_values_loads_or_is_told_line_by_line(tree: dict[str, object]) -> None:
    _load(yaml.safe_dump(tree), {})


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.sampled_from([key for key, _, _ in walk() if "[]" not in key]), trees, max_size=6))
def test_any_variables_load_or_are_told(values: dict[str, object]) -> None:
    texts = {variable_name(key).replace("<NAME>", "M"): str(value) for key, value in values.items()}
    _load("{}", {name: text.replace("\0", "") for name, text in texts.items()})


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(KEY_TYPES)), scalars, min_size=1, max_size=20), st.data())
def test_any_configuration_of_the_go_version_is_taken_or_told(tree: dict[str, object], data: st.DataObject) -> None:
    environ = data.draw(st.dictionaries(st.sampled_from(sorted(VARIABLES)), st.text(max_size=8), max_size=4))
    _load(yaml.safe_dump(tree), environ)


@settings(max_examples=80, deadline=None)
@given(trees)
def test_secrets_in_the_wrong_shape_are_not_shown(shape: object) -> None:
    stores = {"a": SECRET, "b": {"url": f"s3://u:{SECRET}@b", "key": SECRET}}
    tree = {"api": {"token": [SECRET, shape]}, "stores": stores}
    problems = _load(yaml.safe_dump(tree), {})
    assert problems
    assert not [line for line in problems if SECRET in line]


def _load(text: str, environ: dict[str, str]) -> tuple[str, ...]:
    with tempfile.TemporaryDirectory() as directory, contextlib.chdir(directory):
        config = Path(directory, "c.yaml")
        config.write_bytes(text.encode("utf-8", "replace"))
        problems: tuple[str, ...] | None = None
        try:
            load_settings(config, environ={"HOME": os.sep} | environ, overrides={})
        except ConfigError as exc:
            problems = exc.problems
    assert problems is None or (problems and all(line.strip() for line in problems))
    return problems or ()
