from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.core.errors import ConfigError
from gwf.core.settings.envfile import parse_env, render_env
from gwf.core.settings.load import load_settings

VALUES = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)


@given(st.dictionaries(st.from_regex(r"[A-Z_][A-Z0-9_]{0,9}", fullmatch=True), VALUES, max_size=5))
def test_what_is_written_is_read_back(values: dict[str, str]) -> None:
    lines = parse_env(render_env(values), source="x")
    assert (lines.values, lines.problems) == (values, [])


def config(tmp_path: Path, env: str, *, mode: int = 0o600) -> Path:
    (tmp_path / "gwf.yaml").write_text("env_file: gwf.env\nlisten: 127.0.0.1:${PORT}\n")
    (tmp_path / "gwf.env").write_text(env)
    (tmp_path / "gwf.env").chmod(mode)
    return tmp_path / "gwf.yaml"


def test_placeholders_take_the_file_below_the_environment(tmp_path: Path) -> None:
    path = config(tmp_path, "PORT=1\nGWF_LOG__LEVEL=debug\n")
    assert load_settings(path, environ={}, overrides={}).settings.listen == "127.0.0.1:1"
    loaded = load_settings(path, environ={"PORT": "2"}, overrides={})
    assert (loaded.settings.listen, loaded.settings.log.level) == ("127.0.0.1:2", "debug")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(config(tmp_path, "PORT=1\n", mode=mode), environ={}, overrides={})
    assert "others may read or write it" in caught.value.problems[0]


@pytest.mark.parametrize("env", ["PORT\n", "PORT=1\0\n"])
def test_a_line_that_is_none_is_told(tmp_path: Path, env: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(config(tmp_path, env), environ={}, overrides={})
    assert "gwf.env line 1" in caught.value.problems[0]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path / "gwf.yaml", environ={"GWF_ENV_FILE": "none.env"}, overrides={}, text="")
    assert "none.env: cannot be read" in caught.value.problems[0]
