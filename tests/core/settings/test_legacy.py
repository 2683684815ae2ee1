from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.agent.inputs.files.select import Selector
from gwf.core.errors import ConfigError
from gwf.core.settings.effective import secret_values
from gwf.core.settings.legacy.keys import KEY_TYPES, VARIABLES
from gwf.core.settings.legacy.watch import excludes_below, go_silence_s
from gwf.core.settings.load import LoadedSettings, load_settings
from gwf.core.settings.model import Existing, Finish

SAMPLE = Path(__file__).parents[2] / "data" / "legacy"
REQUIRED = "bucket: b\nak: a1234\nsk: s1234\nendpoint: oss-cn-hangzhou.aliyuncs.com\nregion: cn-hangzhou\n"

Load = Callable[..., LoadedSettings]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    monkeypatch.chdir(tmp_path)

    def loaded(text: str, *, environ: dict[str, str] | None = None, **overrides: object) -> LoadedSettings:
        (tmp_path / "config.yaml").write_text(REQUIRED + text, encoding="utf-8")
        dotted = {name.replace("__", "."): value for name, value in overrides.items()}
        return load_settings(Path("config.yaml"), environ=environ or {}, overrides=dotted)

    return loaded


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LoadedSettings:
    monkeypatch.chdir(tmp_path)
    for name in ("config.yaml", "config.runtime.yaml"):
        shutil.copy(SAMPLE / name, tmp_path)
    shutil.copy(SAMPLE / "dot.env", tmp_path / ".env")
    return load_settings(Path("config.yaml"), environ={"OSS_AK": "AK-from-the-process"}, overrides={})


def problems(load: Load, text: str, **named: object) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text, **named)
    return list(caught.value.problems)


def note(loaded: LoadedSettings, key: str) -> tuple[str, str, str]:
    (found,) = [note for note in loaded.notes if note.key == key and (note.value or note.now)]
    return found.value, found.now, found.text


def test_the_sample_is_taken_as_it_is(sample: LoadedSettings, tmp_path: Path) -> None:
    settings, store = sample.settings, sample.settings.stores["default"]
    assert sample.format == "legacy"
    assert [str(watch.path) for watch in settings.agent.watch] == [
        "/data/logs", "/data/dumps", f"{tmp_path}/relative/spool",
    ]  # fmt: skip
    first = settings.agent.watch[0]
    assert (first.finish, first.existing, first.silence) == (Finish.SILENCE, Existing.SKIP, 300)
    assert first.suffixes == (".log", ".gz", ".tar.gz")
    assert [watch.key for watch in settings.agent.watch] == [
        "{hostname}/{path}", "{hostname}/{path}", "{hostname}/{relpath}",
    ]  # fmt: skip
    assert (store.url, store.region, store.path_style) == ("oss://legacy-bucket", "cn-hangzhou", False)
    assert store.endpoint == "https://oss-cn-hangzhou-internal.aliyuncs.com"
    assert (store.multipart_threshold, store.part_size, store.part_concurrency) == (20971520, 5242880, 32)
    assert (settings.agent.retry.max_attempts, settings.agent.retry.base, settings.agent.retry.cap) == (20, 1, 60)
    assert (settings.listen, settings.log.level, settings.log.stderr) == ("127.0.0.1:8082", "warning", True)


ALERTS = """
alert_enabled: true
alert_suppress_enabled: false
alert_log_paths: "/var/log/app.log，relative.log"
alert_poll_interval: 5秒
alert_start_from_end: false
alert_rules:
  rules:
    - {id: oom, level: FATAL, keywords: [OutOfMemory], colour: red}
"""


def test_log_alerts_are_taken_over(load: Load, tmp_path: Path) -> None:
    logs = load(ALERTS).settings.agent.logs
    assert (logs.enabled, logs.suppress, logs.start_from_end, logs.poll) == (True, False, False, 5)
    assert logs.paths == ("/var/log/app.log", f"{tmp_path}/relative.log")
    assert [(rule.id, rule.level, rule.keywords) for rule in logs.ruleset.rules] == [("oom", "FATAL", ("OutOfMemory",))]


def test_log_alerts_without_rules_are_off_and_that_is_said(load: Load) -> None:
    loaded = load("alert_enabled: true\nalert_log_paths: /var/log/app.log\n")
    assert not loaded.settings.agent.logs.enabled
    assert note(loaded, "alert_enabled")[1:] == ("", "without logs or rules: off")


def test_precedence_is_file_then_runtime_file_then_variables(sample: LoadedSettings) -> None:
    store = sample.settings.stores["default"]
    assert sample.settings.agent.transfer.workers == 6
    assert store.access_key
    assert store.secret_key
    assert store.access_key.get_secret_value() == "AK-from-the-process"
    assert store.secret_key.get_secret_value() == "s3cr=et#1"
    assert store.url != "oss://never-read-from-here"


def test_every_key_of_the_sample_is_accounted_for_once(sample: LoadedSettings) -> None:
    keys = [note.key for note in sample.notes if note.value or note.now]
    assert sorted(keys) == sorted(set(keys))
    assert set(keys) == set(KEY_TYPES)
    assert all(note.now or note.text for note in sample.notes)


def test_the_notes_show_no_secret(sample: LoadedSettings) -> None:
    text = repr(sample.notes)
    leaked = {"abcdef", "mailpass", *secret_values(sample.settings)}
    assert not [secret for secret in leaked if secret in text]


def test_our_own_variables_and_flags_stand_above(load: Load) -> None:
    environ = {"GWF_API__TOKEN": "long-enough-for-a-token", "GWF_API__ALLOW_PLAIN_HTTP": "1", "GWF_BACKEND_PORT": "1"}
    loaded = load("api_bind: ':8082'", environ=environ, listen="0.0.0.0:8082")
    assert loaded.settings.listen == "0.0.0.0:8082"
    assert any(note.key == "GWF_BACKEND_PORT" for note in loaded.notes)


def test_another_store_takes_the_place_of_the_bucket(load: Load) -> None:
    loaded = load("", stores__default__url="file:///tmp/elsewhere")
    assert loaded.settings.stores["default"].url == "file:///tmp/elsewhere"
    assert note(loaded, "bucket") == ("b", "", "the store named default is given otherwise")


@pytest.mark.parametrize(
    ("text", "there_s", "here_s"),
    [
        ("10s", 10, 10), ("10秒", 10, 10), ("静默 30 秒钟", 30, 30), ("1m30s", 90, 90), ("500ms", 0.5, 0.5),
        ("5min", 5, 300), ("1d", 1, 86400), ("2分钟", 2, 120), ("7", 7, 7), ("1.5h", 5400, 5400),
    ],
)  # fmt: skip
def test_silence_is_read_as_written_and_differences_are_told(
    load: Load, text: str, there_s: float, here_s: float
) -> None:
    loaded = load(f"watch_dir: /in\nsilence: '{text}'")
    assert go_silence_s(text) == there_s
    assert loaded.settings.agent.watch[0].silence == here_s
    assert ("the Go version took it for" in note(loaded, "silence")[2]) is (there_s != here_s)


@pytest.mark.parametrize("text", ["2h30", "5 parsecs", "soon", "10x"])
def test_a_silence_that_nobody_can_read_is_refused(load: Load, text: str) -> None:
    (line,) = problems(load, f"watch_dir: /in\nsilence: '{text}'")
    assert line.startswith(f"silence = '{text}': is not a duration")
    assert "the Go version took it for" in line


@given(st.text(max_size=20))
def test_the_go_reading_is_total_and_positive(text: str) -> None:
    assert go_silence_s(text) > 0


@pytest.mark.parametrize(
    ("item", "left_out", "kept"),
    [
        ("cache", ["cache", "a/cache", "a/cache/b"], ["cached", "Cache"]),
        ("cache/tmp", ["cache/tmp", "a/cache/tmp"], ["cache", "cache/tmpx", "tmp"]),
        ("/data/logs/old", ["old"], ["older", "a/old"]),
        ("/data/logs/o[l]d", ["o[l]d"], ["old"]),
        ("/elsewhere", [], ["elsewhere"]),
        ("a*b", ["a*b"], ["axb"]),
        ("!x", ["!x"], ["x"]),
        ("with blank", ["with blank"], ["with"]),
    ],
)
def test_excludes_mean_the_same_directories(item: str, left_out: list[str], kept: list[str], load: Load) -> None:
    loaded = load(f"watch_dir: /data/logs\nwatch_exclude: '{item}'")
    selector = Selector(b"/data/logs", loaded.settings.agent.watch[0])
    enters = {name: _enters(selector, name) for name in (*left_out, *kept)}
    assert enters == {**dict.fromkeys(left_out, False), **dict.fromkeys(kept, True)}


def _enters(selector: Selector, relative: str) -> bool:
    parts = relative.split("/")
    return all(selector.enters(f"/data/logs/{'/'.join(parts[: n + 1])}".encode()) for n in range(len(parts)))


def test_an_absolute_exclude_of_the_tree_itself_is_no_pattern() -> None:
    assert excludes_below(Path("/data"), "/data, ., ;,\r\n", is_absolute=True) == []


@pytest.mark.parametrize(
    ("bind", "listen"),
    [(":9000", "127.0.0.1:9000"), ("0.0.0.0:9000", "127.0.0.1:9000"), ("10.0.0.5:9000", "127.0.0.1:9000"),
     ("127.0.0.1:9000", "127.0.0.1:9000"), ("localhost:9000", "localhost:9000")],
)  # fmt: skip
def test_an_open_port_is_closed_to_other_machines_and_says_how_to_open_it(load: Load, bind: str, listen: str) -> None:
    loaded = load(f"api_bind: '{bind}'")
    assert loaded.settings.listen == listen
    assert ("GWF_API__TOKEN" in note(loaded, "api_bind")[2]) is (not bind.startswith(("127", "local")))


def test_the_default_port_is_told_too(load: Load) -> None:
    loaded = load("")
    assert loaded.settings.listen == "127.0.0.1:8080"
    assert any(note.key == "listen" and "GWF_API__TOKEN" in note.text for note in loaded.notes)


@pytest.mark.parametrize(
    ("text", "endpoint", "path_style"),
    [
        ("endpoint: 10.0.0.1:9000\ndisable_ssl: true", "http://10.0.0.1:9000", True),
        ("endpoint: http://oss.local/base/", "http://oss.local", False),
        ("endpoint: oss.local\ndisable_ssl: false", "https://oss.local", False),
    ],
)
def test_addresses_are_formed_as_before(load: Load, text: str, endpoint: str, path_style: bool) -> None:
    first, _, rest = text.partition("\n")
    environ = {"OSS_ENDPOINT": first.removeprefix("endpoint: ")}
    store = load(rest, environ=environ).settings.stores["default"]
    assert (store.endpoint, store.path_style) == (endpoint, path_style)


def test_an_endpoint_that_is_no_address_is_refused(load: Load) -> None:
    (line,) = problems(load, "", environ={"OSS_ENDPOINT": "[::1"})
    assert line.startswith("endpoint = '[::1': is no address")


def test_switched_off_retries_mean_one_attempt(load: Load) -> None:
    retry = load("upload_retry_enabled: false\nupload_retry_max_attempts: 9").settings.agent.retry
    assert retry.max_attempts == 1


def test_switched_off_parts_leave_our_sizes(load: Load) -> None:
    store = load("upload_resumable_threshold: 1\nupload_resumable_routines: 9").settings.stores["default"]
    assert (store.multipart_threshold, store.part_concurrency) == (32 * 1024**2, 2)


def test_all_faults_are_told_in_the_words_of_the_file(load: Load) -> None:
    text = "upload_workers: many\nlog_level: loud\napi_bind: nowhere\nlog_to_std: perhaps\n"
    text += "file_ext: log\nwatch_dir: /in\n"
    lines = problems(load, text, environ={"UPLOAD_RETRY_MAX_ATTEMPTS": "x"})
    heads = ["upload_workers = 'many'", "log_level = 'loud'", "api_bind = 'nowhere'", "log_to_std = 'perhaps'",
             "UPLOAD_RETRY_MAX_ATTEMPTS", "[file_ext in config.yaml"]  # fmt: skip
    assert len(lines) == len(heads)
    assert all(any(head in line for line in lines) for head in heads), lines


def test_missing_store_values_name_their_variables(tmp_path: Path) -> None:
    config = tmp_path / "old.yaml"
    config.write_text("watch_dir: /in\nsk: '${UNSET}'\nbucket: '${ANY}'\n")
    with pytest.raises(ConfigError) as caught:
        load_settings(config, environ={"ANY": "not used for this key"}, overrides={})
    keys = ("bucket", "endpoint", "ak", "sk")
    assert [line.split(":")[0] for line in caught.value.problems] == list(keys)
    assert all(f"OSS_{key.upper()}" in line for key, line in zip(keys, caught.value.problems, strict=True))


def test_env_files_never_override_and_the_nearer_one_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "conf").mkdir()
    config = tmp_path / "conf" / "old.yaml"
    config.write_text(REQUIRED)
    (tmp_path / ".env").write_text("# c\n\nOSS_BUCKET='near'\nOSS_AK=near-key\n")
    (tmp_path / "conf" / ".env").write_text('OSS_BUCKET=far\nOSS_SK="far secret"\n')
    monkeypatch.chdir(tmp_path)
    store = load_settings(config, environ={"OSS_AK": "real-key"}, overrides={}).settings.stores["default"]
    assert store.url == "oss://near"
    assert store.access_key
    assert store.secret_key
    assert store.access_key.get_secret_value() == "real-key"
    assert store.secret_key.get_secret_value() == "far secret"


def test_a_line_without_equals_sign_is_told_with_its_place(load: Load) -> None:
    Path(".env").write_text("export\n")
    (line,) = problems(load, "")
    assert line == ".env line 1: has no '=': write NAME=VALUE"


def test_every_variable_sets_a_known_key() -> None:
    assert set(VARIABLES.values()) <= set(KEY_TYPES)


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("", ("*",)),
        ("api_cors_origins: ' '\n", ("*",)),
        ("api_cors_origins: 'http://a.example, *'\n", ("*",)),
        ("api_cors_origins: 'http://a.example; http://b.example:81 http://a.example'\n",
         ("http://a.example", "http://b.example:81")),
        ("api_cors_origins: 'http://a.example/, b.example'\n", ()),
    ],
)  # fmt: skip
def test_origins_are_taken_over_and_an_empty_list_lets_every_page_read(
    load: Load, text: str, origins: tuple[str, ...]
) -> None:
    assert load(text).settings.legacy_api.cors_origins == origins


@pytest.mark.parametrize(("text", "on"), [("", False), ("system_resource_enabled: true\n", True)])
def test_the_system_page_stays_as_it_was_and_ends_nothing(load: Load, text: str, on: bool) -> None:
    legacy_api = load(text).settings.legacy_api
    assert (legacy_api.system, legacy_api.terminate, legacy_api.environment) == (on, False, False)


def test_a_system_page_that_was_off_is_accounted_for(load: Load) -> None:
    assert note(load("system_resource_enabled: false\n"), "system_resource_enabled")[1:] == ("", "off, as here")
