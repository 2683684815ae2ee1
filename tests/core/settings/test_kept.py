from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from gwf.core.errors import ConfigError
from gwf.core.keyfile import make_keyring
from gwf.core.settings.document import read_document
from gwf.core.settings.effective import effective
from gwf.core.settings.kept import CONTEXT
from gwf.core.settings.load import LoadedSettings, load_settings
from gwf.core.settings.managed import PartRefusedError, laid_on

STORE = "stores: {x: {url: 's3://b', region: r, access_key: AK, secret_key: '%s', proxy: 'http://me:%s@p:1'}}\n"


def load(tmp_path: Path, text: str, environ: Mapping[str, str] | None = None) -> LoadedSettings:
    file = tmp_path / "gwf.yaml"
    file.write_text(text)
    return load_settings(file, environ=environ or {}, overrides={"data_dir": str(tmp_path / "data")})


def problems(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    return "\n".join(caught.value.problems)


def test_a_secret_stands_in_a_file_beside_the_configuration_or_anywhere(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hunter22\n")
    (tmp_path / "pw").write_text("pass99")
    settings = load(tmp_path, STORE % ("${file:key}", f"${{file:{tmp_path}/pw}}")).settings
    store = settings.stores["x"]
    assert store.secret_key is not None
    assert (store.secret_key.get_secret_value(), store.proxy) == ("hunter22", "http://me:pass99@p:1")
    assert "hunter22" not in str(effective(settings))
    assert "pass99" not in str(effective(settings))


@pytest.mark.parametrize("where", ["data", "other"])
def test_a_sealed_secret_opens_with_the_key_file_of_this_host(tmp_path: Path, where: str) -> None:
    ring = make_keyring(tmp_path / where / "secrets.key")
    sealed = ring.seal("hunter22", context=CONTEXT)
    more = "" if where == "data" else "secrets: {key_file: '${PLACE}/other/secrets.key'}\n"
    loaded = load(tmp_path, more + STORE % (f"${{sealed:{sealed}}}", "pw"), {"PLACE": str(tmp_path)})
    secret = loaded.settings.stores["x"].secret_key
    assert secret is not None
    assert secret.get_secret_value() == "hunter22"


def test_what_cannot_be_read_is_told_with_its_key_and_what_to_do(tmp_path: Path) -> None:
    ring = make_keyring(tmp_path / "elsewhere" / "secrets.key")
    assert "stores.x.secret_key: the file of this secret cannot be read" in problems(
        tmp_path, STORE % ("${file:nowhere}", "x")
    )
    told = problems(tmp_path, STORE % (f"${{sealed:{ring.seal('x', context=CONTEXT)}}}", "x"))
    assert "there is no key file here" in told
    make_keyring(tmp_path / "data" / "secrets.key")
    told = problems(tmp_path, STORE % (f"${{sealed:{ring.seal('x', context=CONTEXT)}}}", "x"))
    assert f"the key of this secret is not in the key file (key_id='{ring.active.id}')" in told


def test_a_secret_is_not_put_where_it_would_be_shown(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hunter22")
    told = problems(tmp_path, "stores: {x: {url: 's3://${file:key}'}}")
    assert "stores.x.url: would be shown" in told
    assert "hunter22" not in told


def test_nobody_over_http_and_no_centre_reads_files_of_this_host(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hunter22")
    host = "agent: {centre: {url: 'http://127.0.0.1:1'}}\n"
    loaded = load(tmp_path, host)
    document = {"stores": {"x": {"url": "s3://b", "secret_key": f"${{file:{tmp_path}/key}}"}}}
    with pytest.raises(ConfigError) as caught:
        read_document(document, current=loaded.settings, environ={}, kept=())
    assert "only the configuration file of this host" in str(caught.value.problems)
    assert loaded.settings.agent.centre is not None
    with pytest.raises(PartRefusedError) as refused:
        laid_on(loaded, document, loaded.settings.agent.centre)
    assert [fault.loc for fault in refused.value.faults] == [("stores", "x", "secret_key")]
