from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gwf.core.errors import ConfigError
from gwf.core.settings.legacy.salvage import read_damaged_yaml

KEYS = st.dictionaries(
    st.from_regex(r"[a-z][a-z_]{0,9}", fullmatch=True).filter(lambda key: key not in {"null", "true", "false"}),
    st.from_regex(r"[a-z][a-z0-9 ]{0,10}[a-z]", fullmatch=True).map(lambda text: f"x{text}"),
    min_size=1,
    max_size=6,
)


def read(tmp_path: Path, raw: bytes) -> tuple[dict[str, object], list[str]]:
    path = tmp_path / "config.runtime.yaml"
    path.write_bytes(raw)
    content, damage = read_damaged_yaml(path)
    assert content.value is None or isinstance(content.value, dict)
    problems = [problem.replace(str(path), "FILE") for problem in damage.problems] if damage else []
    return content.value or {}, problems


def test_a_sound_file_is_no_damage(tmp_path: Path) -> None:
    assert read(tmp_path, b"a: 1\nb:\n  c: [x]\n") == ({"a": 1, "b": {"c": ["x"]}}, [])


def test_a_key_that_cannot_be_read_costs_no_other(tmp_path: Path) -> None:
    values, problems = read(tmp_path, b'# note\na: "open\nb: 2\nrules:\n  - id: [\nc: x\n')
    assert values == {"b": 2, "c": "x"}
    assert problems[1:] == ["FILE line 2: left out", "FILE lines 4 to 5: left out"]


def test_zeros_after_a_power_failure_are_left_out(tmp_path: Path) -> None:
    values, problems = read(tmp_path, b"a: 1\nb: 2\n" + bytes(4096))
    assert values == {"a": 1, "b": 2}
    assert problems[-1] == "FILE line 3: left out"


def test_the_first_of_two_keys_counts(tmp_path: Path) -> None:
    values, problems = read(tmp_path, b"a: 1\na: 2\n")
    assert values == {"a": 1}
    assert problems[-1] == "FILE line 2: left out"


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        read_damaged_yaml(tmp_path / "none.yaml")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=KEYS, data=st.data())
def test_a_cut_off_file_keeps_its_whole_lines(tmp_path: Path, values: dict[str, str], data: st.DataObject) -> None:
    whole = yaml.safe_dump(values, sort_keys=False).encode() + b'last: "'
    cut = data.draw(st.integers(0, len(whole)))
    saved, _ = read(tmp_path, whole[:cut])
    complete = whole[:cut].count(b"\n")
    names = list(values)[:complete]
    assert {name: saved.get(name) for name in names} == {name: values[name] for name in names}
