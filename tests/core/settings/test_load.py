from __future__ import annotations

import os
from pathlib import Path

import pytest

from gwf.agent.inputs.files.select import Selector
from gwf.core.errors import ConfigError
from gwf.core.settings.load import LoadedSettings, load_settings

ENVIRON = {"HOME": "/home/op"}


def load(tmp_path: Path, text: str, *, environ: dict[str, str] | None = None, **overrides: object) -> LoadedSettings:
    config = tmp_path / "gwf.yaml"
    config.write_text(text, encoding="utf-8")
    dotted = {name.replace("__", "."): value for name, value in overrides.items()}
    return load_settings(config, environ=ENVIRON | (environ or {}), overrides=dotted)


def problems(tmp_path: Path, text: str, *, environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text, environ=environ)
    return list(caught.value.problems)


def test_nothing_at_all_is_a_usable_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = load_settings(None, environ={}, overrides={})
    assert loaded.settings.data_dir == tmp_path / "gwf-data"
    assert loaded.settings.stores["default"].url == f"file://{tmp_path}/gwf-data/objects"
    assert loaded.origins == {}


def test_flags_beat_environment_beats_file(tmp_path: Path) -> None:
    text = "listen: 127.0.0.1:1\nagent: {transfer: {workers: 1}, reconcile_interval: 1m}\n"
    environ = {"GWF_AGENT__TRANSFER__WORKERS": "2", "GWF_LISTEN": "127.0.0.1:2"}
    loaded = load(tmp_path, text, environ=environ, listen="127.0.0.1:3")
    assert loaded.settings.listen == "127.0.0.1:3"
    assert loaded.settings.agent.transfer.workers == 2
    assert loaded.settings.agent.reconcile_interval == 60
    assert loaded.origins["listen"] == "command line"
    assert loaded.origins["agent.transfer.workers"] == "GWF_AGENT__TRANSFER__WORKERS"
    assert loaded.origins["agent.reconcile_interval"].endswith("gwf.yaml line 2")


def test_watched_paths_of_flags_are_added(tmp_path: Path) -> None:
    loaded = load(tmp_path, "agent: {watch: [{path: /a}]}", agent__watch=[{"path": "/b"}])
    assert [str(watch.path) for watch in loaded.settings.agent.watch] == ["/a", "/b"]
    assert loaded.origins["agent.watch[1].path"] == "command line"


def test_all_faults_of_all_sources_are_told_at_once(tmp_path: Path) -> None:
    text = """
listen: 0.0.0.0:8080
lisetn: 1
data_dir: /x
data_dir: /y
log: {level: loud, rotate: {max_bytes: -1}}
stores:
  main: {url: "s3://b", secret_key: "${NOPE}", secretkey: hunter2, region: 5}
agent:
  labels: {a: 1}
  watch:
    - {path: /tmp, silence: 5 parsecs, store: mian, suffixes: [log], key: "{hostnam}/x", priority: true}
    - /var/log
"""
    lines = problems(tmp_path, text, environ={"GWF_AGENT__WORKERS": "1", "GWF_STORES__MAIN__PATH_STYLE": "perhaps"})
    expected = {
        "data_dir": "given twice",
        "lisetn": "did you mean listen?",
        "log.level = 'loud'": "one of debug, info, warning, error",
        "log.rotate.max_bytes = -1": "at least 0",
        "stores.main.secret_key": "NOPE is not set",
        "stores.main.secretkey": "did you mean secret_key?",
        "stores.main.region = 5": "put it in quotes",
        "stores.main.path_style = 'perhaps'": "[GWF_STORES__MAIN__PATH_STYLE]",
        "stores.main.access_key": "is required for s3://",
        "agent.labels.a = 1": "put it in quotes",
        "agent.watch[0].silence = '5 parsecs'": "is not a duration",
        "agent.watch[0].store": "did you mean main?",
        "agent.watch[0].suffixes[0] = 'log'": "begins with a dot",
        "agent.watch[0].key": "{hostname}",
        "agent.watch[0].priority = True": "where a number belongs",
        "agent.watch[1] = text": "a block of keys",
        "api.token": "can be reached by other machines",
        "api.tls_cert": "allow_plain_http",
        "GWF_AGENT__WORKERS": "did you mean GWF_AGENT__TRANSFER__WORKERS?",
    }
    for head, words in expected.items():
        assert any(line.startswith(head) and words in line for line in lines), (head, lines)
    assert len(lines) == len(expected), lines
    assert not any("hunter2" in line for line in lines)


def test_each_fault_names_its_line(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, "# head\nagent:\n  reconcile_interval: soon\n")
    assert line.endswith("gwf.yaml line 3]")


def test_secrets_are_masked_in_problems(tmp_path: Path) -> None:
    lines = problems(
        tmp_path,
        "api: {token: [tok3n]}\nstores: {a: {url: 's3://AKID:s3cret@b', access_key: 12345678}, b: s3://AKID:s3cret@b}",
    )
    assert len(lines) >= 3
    assert not any(secret in line for line in lines for secret in ("tok3n", "s3cret", "12345678"))


def test_placeholders_take_variables_and_defaults(tmp_path: Path) -> None:
    text = """
stores: {main: {url: "s3://${BUCKET}", access_key: "${AK}", secret_key: "${SK:-dev}", region: "${R:-eu}-1"}}
agent:
  labels: {note: "cost $5 and $${LITERAL}"}
  watch: [{path: "~/in", store: main, suffixes: "${SUFFIXES:-[.log, .gz]}"}]
"""
    settings = load(tmp_path, text, environ={"BUCKET": "b", "AK": "${NOT_EXPANDED}"}).settings
    store = settings.stores["main"]
    assert (store.url, store.region) == ("s3://b", "eu-1")
    assert store.access_key
    assert store.access_key.get_secret_value() == "${NOT_EXPANDED}"
    assert settings.agent.labels["note"] == "cost $5 and ${LITERAL}"
    assert settings.agent.watch[0].suffixes == (".log", ".gz")
    assert settings.agent.watch[0].path == Path("/home/op/in")


@pytest.mark.parametrize(
    ("value", "words"),
    [("${X}", "X is not set"), ("${}", "is no ${NAME}"), ("${a b}", "is no ${NAME}"), ("${X", "is no ${NAME}")],
)
def test_bad_placeholders_are_problems(tmp_path: Path, value: str, words: str) -> None:
    (line,) = problems(tmp_path, f"agent: {{hostname: '{value}'}}")
    assert line.startswith("agent.hostname")
    assert words in line


def test_keys_without_a_value_are_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path, "stores:\nlisten:\nagent:\n  watch:\n").settings
    assert settings.listen == "127.0.0.1:8080"
    assert settings.agent.watch == ()


@pytest.mark.parametrize("text", ["- a", "just text", "5"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    (line,) = problems(tmp_path, text)
    assert "no mapping of keys" in line


def test_keys_of_the_go_version_do_not_mix_with_ours(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, "listen: 127.0.0.1:1\nwatch_dir: /data")
    assert line.startswith("watch_dir: is a key of the Go version")


def test_nul_characters_are_refused_everywhere_a_path_is_made(tmp_path: Path) -> None:
    text = 'data_dir: "a\\0b"\nstores: {a: {url: "file:///x%00y"}}\nagent: {watch: [{path: "c\\0d"}]}'
    lines = problems(tmp_path, text)
    assert sum("NUL" in line for line in lines) == 3


def test_our_own_directories_are_left_out_of_watched_trees(tmp_path: Path) -> None:
    data = tmp_path / "data"
    text = f"data_dir: {data}\nagent: {{watch: [{{path: {tmp_path}, exclude: [cache/]}}]}}"
    loaded = load(tmp_path, text)
    assert loaded.settings.agent.watch[0].exclude == ("cache/", str(data))
    assert any(note.key == "agent.watch[0].exclude" for note in loaded.notes)


def test_our_own_directories_are_found_through_symlinks(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    os.symlink(tmp_path / "real", tmp_path / "link")
    text = f"data_dir: {tmp_path}/real/data\nagent: {{watch: [{{path: {tmp_path}/link}}]}}"
    assert load(tmp_path, text).settings.agent.watch[0].exclude == (f"{tmp_path}/real/data",)


@pytest.mark.parametrize("name", ["we[i]rd", "st*r", "wh?t"])
def test_our_own_directories_are_excluded_literally(tmp_path: Path, name: str) -> None:
    settings = load(tmp_path, f"data_dir: '{tmp_path}/{name}'\nagent: {{watch: [{{path: {tmp_path}}}]}}").settings
    root = os.fsencode(tmp_path)
    selector = Selector(root, settings.agent.watch[0])
    assert not selector.enters(root + b"/" + name.encode())
    assert selector.enters(root + b"/weird")
    assert selector.enters(root + b"/star")
