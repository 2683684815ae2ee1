from __future__ import annotations

from pathlib import Path

import pytest

from gwf.core.errors import ConfigError
from gwf.core.settings.load import LoadedSettings, load_settings


def load(**environ: str) -> LoadedSettings:
    return load_settings(None, environ=environ, overrides={})


def problem_of(**environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(**environ)
    (line,) = caught.value.problems
    return line


def test_variables_set_values_of_every_kind() -> None:
    settings = load(
        GWF_DATA_DIR="/srv/gwf",
        GWF_AGENT__RECONCILE_INTERVAL="90",
        GWF_AGENT__TRANSFER__MAX_BYTES_PER_S="10MiB",
        GWF_API__ALLOW_PLAIN_HTTP="true",
        GWF_AGENT__LABELS="{site: hz1, tier: '2'}",
        GWF_AGENT__LABELS__ROLE="web",
        GWF_AGENT__WATCH="[{path: /in, suffixes: [.log]}]",
        GWF_STORES__DEFAULT__URL="s3://b",
        GWF_STORES__DEFAULT__ACCESS_KEY="a",
        GWF_STORES__DEFAULT__SECRET_KEY="b",
        GWF_STORES__DEFAULT__ENDPOINT="http://127.0.0.1:9000",
    ).settings
    assert settings.data_dir == Path("/srv/gwf")
    assert settings.agent.reconcile_interval == 90
    assert settings.agent.transfer.max_bytes_per_s == 10 * 1024**2
    assert settings.api.allow_plain_http is True
    assert settings.agent.labels == {"site": "hz1", "tier": "2", "role": "web"}
    assert settings.agent.watch[0].suffixes == (".log",)
    assert settings.stores["default"].endpoint == "http://127.0.0.1:9000"


def test_a_store_is_found_whatever_the_case_and_dashes_of_its_name(tmp_path: Path) -> None:
    config = tmp_path / "gwf.yaml"
    config.write_text("stores: {Main-OSS: {url: 'oss://b', region: cn-hangzhou, access_key: a}}")
    environ = {"GWF_STORES__MAIN_OSS__SECRET_KEY": "from-env"}
    store = load_settings(config, environ=environ, overrides={}).settings.stores["Main-OSS"]
    assert store.secret_key
    assert store.secret_key.get_secret_value() == "from-env"


def test_blank_variables_count_as_unset() -> None:
    assert load(GWF_API__TOKEN="", GWF_LISTEN="  ").origins == {}


@pytest.mark.parametrize(
    "name",
    ["GWF_CONFIG", "GWF_CONSOLE", "GWF_TEST_PG_DSN", "GWF_SERVICE_HOST", "GWF_SERVER_SERVICE_PORT_HTTP",
     "GWF_PORT_8080_TCP_ADDR"],
)  # fmt: skip
def test_variables_with_another_use_are_left_alone(name: str) -> None:
    assert load(**{name: "x"}).origins == {}
    assert load(GWF_PORT="tcp://10.0.0.1:8080").origins == {}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("GWF_DATADIR", "x", "did you mean GWF_DATA_DIR?"),
        ("GWF_AGENT__TRANSFER__WORKER", "x", "did you mean GWF_AGENT__TRANSFER__WORKERS?"),
        ("GWF_LOG", "debug", "GWF_LOG__LEVEL"),
        ("GWF_STORES", "{}", "GWF_STORES__MAIN__URL"),
        ("GWF_STORES__MAIN", "s3://b", "GWF_STORES__MAIN__URL"),
        ("GWF_AGENT__WATCH__0__PATH", "/x", "list items are set whole"),
        ("GWF_AGENT__WATCH", "[{path: ", "GWF_AGENT__WATCH"),
        ("GWF_", "x", "no setting"),
        ("GWF_PORT", "8080", "no setting"),
        ("GWF_AGENT__LABELS__A__B", "x", "no setting"),
    ],
)
def test_unknown_or_unusable_variables_are_problems(name: str, value: str, words: str) -> None:
    line = problem_of(**{name: value})
    assert line.startswith(name)
    assert words in line
