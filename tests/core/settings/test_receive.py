from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from gwf.core.errors import ConfigError
from gwf.core.settings.hot import is_hot_key
from gwf.core.settings.load import load_settings
from gwf.core.settings.part import part_problems


def notes(watched: Path, centre: Mapping[str, object] | None = None, **receive: object) -> dict[str, str]:
    given: dict[str, object] = {f"agent.receive.{name}": value for name, value in receive.items()}
    given |= {f"agent.centre.{name}": value for name, value in (centre or {}).items()}
    given["agent.watch"] = [{"path": str(watched)}]
    loaded = load_settings(None, environ={}, overrides=given)
    return {note.key: note.text for note in loaded.notes if note.key.startswith("agent.receive")}


def test_nothing_is_taken_unless_that_is_said() -> None:
    assert not load_settings(None, environ={}, overrides={}).settings.agent.receive.enabled


def test_what_has_no_effect_is_told(tmp_path: Path) -> None:
    assert notes(tmp_path, enabled=True, into=[str(tmp_path / "in")]) == {}
    assert "not in a watched directory" in notes(tmp_path, enabled=True, into=["/elsewhere"])["agent.receive.into[0]"]
    assert "no effect" in notes(tmp_path, into=[str(tmp_path)])["agent.receive.into"]
    centre = {"url": "http://127.0.0.1:1", "remote_files": "read"}
    assert "write act" in notes(tmp_path, centre, enabled=True)["agent.receive.enabled"]


def test_a_relative_directory_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(None, environ={}, overrides={"agent.receive.into": ["in"]})
    assert caught.value.problems == ("agent.receive.into[0]: in is not absolute  [command line]",)


def test_only_the_host_decides_and_without_a_restart() -> None:
    assert [problem.code for problem in part_problems({"agent": {"receive": {"enabled": True}}})] == ["local_only"]
    assert is_hot_key("agent.receive.enabled")
