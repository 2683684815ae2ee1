from __future__ import annotations

from pathlib import Path

import pytest

from gwf.core.errors import ConfigError
from gwf.core.settings.load import LoadedSettings, load_settings


def load(**overrides: object) -> LoadedSettings:
    dotted = {name.replace("__", "."): value for name, value in overrides.items()}
    return load_settings(None, environ={}, overrides=dotted)


def problems(**overrides: object) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(**overrides)
    return list(caught.value.problems)


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "127.8.8.8:80", "localhost:8080", "[::1]:8080"])
def test_loopback_needs_no_token(listen: str) -> None:
    assert load(listen=listen).settings.listen == listen


@pytest.mark.parametrize("listen", ["0.0.0.0:80", "[::]:80", "192.168.1.2:80", "gwf.example.com:80"])
def test_other_addresses_need_a_token_and_encryption(listen: str) -> None:
    assert [line.split(":")[0] for line in problems(listen=listen)] == ["api.token", "api.tls_cert"]
    assert load(listen=listen, api__token="a-long-enough-token", api__allow_plain_http=True)


@pytest.mark.parametrize("listen", ["8080", ":8080", "host:", "host:99999", "::1:80", "a b:80", "http://x:80", ""])
def test_what_is_no_listen_address_is_refused(listen: str) -> None:
    assert problems(listen=listen)[0].startswith("listen")


def test_certificate_and_key_go_together_and_exist(tmp_path: Path) -> None:
    (tmp_path / "c.pem").write_text("x")
    assert "tls_key" in problems(api__tls_cert=str(tmp_path / "c.pem"))[0]
    assert "no such file" in problems(api__tls_cert="/no", api__tls_key=str(tmp_path / "c.pem"))[0]


@pytest.mark.parametrize(
    "url",
    ["ftp://x", "s3://", "oss:///prefix", "file://relative", "file:x", "s3://a:b@c", "s3://b?x=1", "x", "", "s3://[b"],
)
def test_what_is_no_store_is_refused(url: str) -> None:
    assert any(line.startswith("stores.default.url") for line in problems(stores__default__url=url))


def test_cloud_stores_need_credentials_and_a_place() -> None:
    lines = problems(stores__default__url="oss://b")
    assert [line.split(":")[0] for line in lines] == [
        f"stores.default.{key}" for key in ("access_key", "secret_key", "region")
    ]


@pytest.mark.parametrize("value", ["host:9000", "ftp://h", "http://", "http://h/path", "http://a:b@h", "http://h:x"])
def test_what_is_no_endpoint_is_refused(value: str) -> None:
    store = {"url": "s3://b", "access_key": "a", "secret_key": "b", "endpoint": value}
    assert problems(stores={"default": store})[0].startswith("stores.default.endpoint")


def test_the_same_directory_is_watched_once_only(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    (line,) = problems(agent__watch=[{"path": str(tmp_path)}, {"path": f"{tmp_path}/link/"}])
    assert "watched already by agent.watch[0]" in line


def test_nested_trees_are_noted() -> None:
    notes = load(agent__watch=[{"path": "/nowhere"}, {"path": "/nowhere/inner"}]).notes
    assert any("lies inside agent.watch[0]" in note.text for note in notes)


def test_a_missing_directory_is_noted_not_refused() -> None:
    assert any("does not exist yet" in note.text for note in load(agent__watch=[{"path": "/nowhere"}]).notes)


def test_watching_our_own_objects_or_data_is_refused(tmp_path: Path) -> None:
    (line,) = problems(data_dir=str(tmp_path), agent__watch=[{"path": f"{tmp_path}/objects/sub"}])
    assert "lies in store 'default'" in line
    (line,) = problems(data_dir=str(tmp_path), agent__watch=[{"path": str(tmp_path)}])
    assert "is data_dir" in line


def test_labels_of_key_templates_exist() -> None:
    watch = {"path": "/x", "key": "{label.site}/{path}"}
    (line,) = problems(agent__watch=[watch])
    assert "agent.labels has no 'site'" in line
    assert load(agent__watch=[watch], agent__labels={"site": "hz1"})


def test_limits_that_contradict_each_other_are_refused() -> None:
    lines = problems(
        agent__watch=[{"path": "/x", "min_size": "2KB", "max_size": "1KB"}],
        agent__retry={"base": "10s", "cap": "1s"},
        agent__breaker={"open_for": "3m"},
    )
    assert [line.split(":")[0] for line in lines] == [
        "agent.watch[0].max_size", "agent.retry.cap", "agent.breaker.open_cap",
    ]  # fmt: skip


def test_an_armed_drill_is_noted_and_a_misspelt_one_refused() -> None:
    assert any("kill itself" in note.text for note in load(faults__kill_at="before_send:3").notes)
    assert "names no kill point" in problems(faults__kill_at="before_lunch")[0]


def test_a_guessable_token_is_noted() -> None:
    assert any(note.key == "api.token" for note in load(api__token="short").notes)
