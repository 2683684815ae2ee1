from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from gwf.core.errors import ConfigError
from gwf.core.settings.load import load_settings
from gwf.core.settings.model import ActionSettings, Compress, Settings
from gwf.core.settings.scripts import widened

SCRIPT: dict[str, Any] = {"command": ["/bin/true", "{path}"]}


def write(tmp_path: Path, *after: Any, watch: str = "in", **actions: Any) -> Path:
    path = tmp_path / "gwf.yaml"
    (tmp_path / "in").mkdir(exist_ok=True)
    document = {
        "data_dir": str(tmp_path / "data"),
        "agent": {"watch": [{"path": str(tmp_path / watch), "after": list(after)}], "actions": actions},
    }
    path.write_text(yaml.safe_dump(document))
    path.chmod(0o644)
    return path


def load(path: Path, environ: dict[str, str] | None = None) -> Settings:
    return load_settings(path, environ=environ or {}, overrides={}).settings


def problems(path: Path, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path, environ)
    return "\n".join(caught.value.problems)


def test_a_step_with_defaults_archives_inside_the_watched_directory(tmp_path: Path) -> None:
    settings = load(write(tmp_path, {"script": "note"}, {"archive": {}}, scripts={"note": SCRIPT}))
    (watch,) = settings.agent.watch
    archive = watch.after[1].archive
    assert archive is not None
    assert (archive.compress, archive.into, archive.delete) == (Compress.GZIP, Path(".gwf-archive"), False)
    assert watch.exclude == (str(tmp_path / "in" / ".gwf-archive"),)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({}, "is one step: give either archive"),
        ({"archive": {}, "script": "note"}, "is one step: give either archive"),
        ({"script": "nte"}, "did you mean note?"),
        ({"archive": {"into": ".."}}, "lies neither inside"),
        ({"archive": {"into": "."}}, "lies neither inside"),
        ({"archive": {"into": "/elsewhere"}}, "nor in one of agent.actions.archive_dirs"),
        ({"archive": {"compress": "rar"}}, "one of none, gzip, zstd"),
    ],
)
def test_a_step_that_cannot_be_is_told(tmp_path: Path, step: dict[str, Any], words: str) -> None:
    assert words in problems(write(tmp_path, step, scripts={"note": SCRIPT}))


def test_an_allowed_directory_takes_archives_and_is_not_watched(tmp_path: Path) -> None:
    allowed = tmp_path / "in" / "old"
    settings = load(write(tmp_path, {"archive": {"into": str(allowed / "a")}}, archive_dirs=[str(allowed)]))
    assert str(allowed / "a") in settings.agent.watch[0].exclude


def test_an_archive_never_lies_in_our_own_directories(tmp_path: Path) -> None:
    path = write(tmp_path, {"archive": {"into": str(tmp_path / "data" / "x")}}, archive_dirs=[str(tmp_path)])
    assert "lies in data_dir or in a store" in problems(path)


def test_nothing_follows_a_step_that_takes_the_file_away(tmp_path: Path) -> None:
    path = write(tmp_path, {"archive": {}}, {"script": "note"}, scripts={"note": SCRIPT})
    assert "agent.watch[0].after[0]: takes the file away: let it be the last step" in problems(path)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ({"command": ["true"]}, "begins with no absolute path"),
        ({"command": ["/bin/{name}"]}, "begins with no absolute path"),
        ({"command": ["/bin/true", "{nam}"]}, "uses the unknown variable {nam}"),
        ({"command": ["/bin/true", "{"]}, "has a stray '{'"),
        ({"command": ["/bin/true"], "undo": ["rm"]}, "undo: begins with no absolute path"),
        ({"command": ["/bin/true"], "env": {"LD_PRELOAD": "x"}}, "may not set LD_PRELOAD"),
        ({"command": []}, "command"),
    ],
)
def test_a_program_that_cannot_be_is_told(tmp_path: Path, script: dict[str, Any], words: str) -> None:
    assert words in problems(write(tmp_path, scripts={"note": script}))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("GWF_AGENT__ACTIONS__SCRIPTS__NOTE__COMMAND", "[/bin/sh, -c, id]"),
        ("GWF_AGENT__ACTIONS__SCRIPTS__MORE__COMMAND", "[/bin/sh, -c, id]"),
        ("GWF_AGENT__ACTIONS__SCRIPTS__NOTE__USER", "root"),
    ],
)
def test_the_environment_allows_no_program(tmp_path: Path, name: str, text: str) -> None:
    path = write(tmp_path, scripts={"note": SCRIPT})
    assert "programs are allowed by the configuration file only" in problems(path, {name: text})


def test_a_file_that_every_user_may_write_allows_no_program(tmp_path: Path) -> None:
    path = write(tmp_path, scripts={"note": SCRIPT})
    path.chmod(0o666)
    assert "every user may write" in problems(path)


def test_a_configuration_from_elsewhere_allows_no_more_than_the_file_here(tmp_path: Path) -> None:
    def actions(*directories: str, **scripts: dict[str, Any]) -> ActionSettings:
        return ActionSettings.model_validate({"archive_dirs": directories, "scripts": scripts})

    here, other = actions("/old", note=SCRIPT), actions(note={**SCRIPT, "timeout": 5})
    assert widened(here, here) == widened(here, actions()) == widened(here, actions("/old/deeper")) == []
    assert widened(here, other) == widened(actions(), other)
    assert "agent.actions.scripts.note: programs are allowed" in widened(here, other)[0]
    for wider in ("/", "/older", "/old/../etc"):
        assert "directories are allowed by the configuration file" in widened(here, actions(wider))[0]
