from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gwf.core.errors import ConfigError
from gwf.core.settings.yamlfile import MAX_FILE_BYTES, parse_yaml, read_yaml_file


def problem_of(text: str) -> str:
    try:
        return "\n".join(parse_yaml(text, source="x.yaml").problems)
    except ConfigError as exc:
        return "\n".join(exc.problems)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{a: 1, b: [x, 'y'], c: {d: null}}", {"a": 1, "b": ["x", "y"], "c": {"d": None}}),
        ("{a: yes, b: on, c: true, d: 1:30, e: 010, f: 2024-01-01, g: 1_0}",
         {"a": "yes", "b": "on", "c": True, "d": "1:30", "e": 10, "f": "2024-01-01", "g": "1_0"}),
        ("{a: 0x10, b: -3, c: 1.5e3, d: ~, e: '', f: }",
         {"a": 16, "b": -3, "c": 1500.0, "d": None, "e": "", "f": None}),
        ("", None), ("# nothing\n", None), ("\ufeffa: 1", {"a": 1}), ("a: !!str 5", {"a": "5"}),
        ("base: &b {x: 1, y: 2}\nuse: {<<: *b, y: 3}", {"base": {"x": 1, "y": 2}, "use": {"x": 1, "y": 3}}),
    ],
)  # fmt: skip
def test_plain_values_follow_the_core_schema(text: str, value: object) -> None:
    content = parse_yaml(text.removeprefix("\ufeff"), source="x.yaml")
    assert (content.value, content.problems) == (value, [])


def test_every_value_knows_its_line() -> None:
    lines = parse_yaml("a: 1\nb:\n  - x\n  - c: 2\n", source="x.yaml").lines
    assert lines[("a",)] == 1
    assert lines[("b", 0)] == 3
    assert lines[("b", 1, "c")] == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\na: 2", ["a: is given twice, first on line 1", "x.yaml line 2"]),
        ("a: {b: 1, b: 2}", ["a.b: is given twice"]),
        ("a: [1, 2", ["line 1 column 9"]),
        ("a:\n\t- b", ["line 2 column 1"]),
        ("a: 1\n---\nb: 2", ["line 2 column 1", "document"]),
        ("a: !!python/object/apply:os.system ['id']", ["a: has the tag"]),
        ("a: !!binary aGk=", ["a: has the tag"]),
        ("? [1, 2]\n: x", ["a key that is no text"]),
        ("<<: 5", ["merges (<<) something that is no mapping"]),
        ("a: *nope", ["undefined alias"]),
        ("a: &x [*x]", ["levels once aliases are expanded"]),
        ("a: \x00", ["is no YAML"]),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, words: list[str]) -> None:
    problem = problem_of(text)
    assert all(word in problem for word in words), problem


@pytest.mark.parametrize("text", ["[" * 5000, "{a: " * 5000, "- " * 5000, "&a [" + "*a," * 10])
def test_deep_nesting_is_refused_quickly(text: str) -> None:
    start = time.perf_counter()
    assert problem_of(text)
    assert time.perf_counter() - start < 5


def test_an_alias_bomb_is_refused_quickly() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    start = time.perf_counter()
    assert "once aliases are expanded" in problem_of("\n".join(rows))
    assert time.perf_counter() - start < 5


@example("{a: !!float x}")
@given(st.text(alphabet=st.sampled_from("ab: -[]{}&*!<>|#\"'\n\t,?%@`0.~$"), max_size=60))
def test_any_text_is_read_or_refused_as_a_configuration_error(text: str) -> None:
    problem_of(text)


def test_unreadable_files_are_told_in_one_line(tmp_path: Path) -> None:
    cases = {
        "missing.yaml": None, "large.yaml": b"#" * (MAX_FILE_BYTES + 1), "latin.yaml": "a: ü".encode("latin-1"),
    }  # fmt: skip
    for name, raw in cases.items():
        if raw is not None:
            (tmp_path / name).write_bytes(raw)
        with pytest.raises(ConfigError) as caught:
            read_yaml_file(tmp_path / name)
        assert str(tmp_path / name) in caught.value.problems[0]
    with pytest.raises(ConfigError, match="not usable"):
        read_yaml_file(tmp_path)
