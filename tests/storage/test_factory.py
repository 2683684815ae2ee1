"""From settings to stores, and what is said about settings that cannot work."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from gwf.core.errors import ConfigError
from gwf.core.settings.model import StoreSettings
from gwf.storage.bucket.store import BucketStore
from gwf.storage.factory import open_store
from gwf.storage.local import LocalStore
from gwf.storage.memory import MemoryStore
from gwf.storage.oss import region_of

KEYS = {"access_key": "ak", "secret_key": "top-secret-word"}


def _open(**values: object) -> object:
    # past the checks of the settings: whoever makes settings otherwise gets the same answers
    secret = {name: SecretStr(str(values.pop(name))) for name in ("access_key", "secret_key") if name in values}
    settings = StoreSettings(url="memory://").model_copy(update=values | secret)
    return open_store("main", settings, workers=2)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"url": "memory://"}, MemoryStore),
        ({"url": "file:///var/objects"}, LocalStore),
        ({"url": "file://localhost/var/objects"}, LocalStore),
        ({"url": "s3://bkt", **KEYS}, BucketStore),
        ({"url": "s3://bkt/a/b/", "endpoint": "http://127.0.0.1:9000", **KEYS}, BucketStore),
        ({"url": "s3://bkt", "endpoint": "http://[::1]:9000", **KEYS}, BucketStore),
        ({"url": "oss://bkt", "region": "cn-hangzhou", **KEYS}, BucketStore),
        ({"url": "oss://bkt", "endpoint": "https://oss-cn-beijing-internal.aliyuncs.com", **KEYS}, BucketStore),
    ],
)
def test_each_scheme_has_its_store(values: dict[str, object], kind: type) -> None:
    assert isinstance(_open(**values), kind)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"url": "ftp://x"}, "stores.main.url: 'ftp://x' names no known kind of store: write file:///dir"),
        ({"url": "/var/objects"}, "stores.main.url"),
        ({"url": "file://objects"}, "stores.main.url: 'file://objects' is no absolute directory"),
        ({"url": "s3://bkt"}, "stores.main.access_key: is missing"),
        ({"url": "s3://bkt", **KEYS, "secret_key": " "}, "stores.main.secret_key: is missing"),
        ({"url": "s3://bkt", **KEYS, "secret_key": "a\nb"}, "stores.main.secret_key: holds characters"),
        ({"url": "s3://", **KEYS}, "stores.main.url: 's3://' names no bucket"),
        ({"url": "s3://UPPER", **KEYS}, "names no bucket"),
        ({"url": "s3://bkt/a//b", **KEYS}, "stores.main.url: its prefix"),
        ({"url": "s3://bkt/" + "p" * 300, **KEYS}, "stores.main.url: its prefix is longer"),
        ({"url": "s3://bkt", "endpoint": "127.0.0.1:9000", **KEYS}, "stores.main.endpoint"),
        ({"url": "s3://bkt", "endpoint": "http://h/path", **KEYS}, "stores.main.endpoint"),
        ({"url": "s3://bkt", "endpoint": "http://h:99999", **KEYS}, "stores.main.endpoint"),
        ({"url": "s3://bkt", "region": "eu west", **KEYS}, "stores.main.region: 'eu west'"),
        ({"url": "s3://bkt", "proxy": "socks5://h:1", **KEYS}, "stores.main.proxy"),
        ({"url": "s3://bkt", "ca_file": "/none.pem", **KEYS}, "stores.main.ca_file: /none.pem"),
        ({"url": "s3://bkt", "endpoint": "http://10.0.0.1", "path_style": False, **KEYS}, "stores.main.path_style"),
        ({"url": "oss://bkt", **KEYS}, "stores.main.endpoint: is missing"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed(values: dict[str, object], problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _open(**values)
    assert any(problem in text for text in caught.value.problems), caught.value.problems
    assert "top-secret-word" not in "".join(caught.value.problems)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        _open(url="oss://bkt")
    assert len(caught.value.problems) == 3


def test_a_ca_file_without_certificates_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.pem"
    path.write_text("nothing", encoding="ascii")
    with pytest.raises(ConfigError, match="not usable"):
        _open(url="s3://bkt", ca_file=str(path), **KEYS)


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou"),
        ("oss-cn-hangzhou-internal.aliyuncs.com", "cn-hangzhou"),
        ("OSS-us-west-1.aliyuncs.com", "us-west-1"),
        ("oss.example.com", None),
        ("127.0.0.1", None),
    ],
)
def test_the_region_is_read_from_the_endpoint(host: str, region: str | None) -> None:
    assert region_of(host) == region
