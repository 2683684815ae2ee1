from __future__ import annotations

from pathlib import Path

import pytest

from gwf.core.errors import ConfigError
from gwf.core.settings.effective import secret_values
from gwf.core.settings.load import LoadedSettings, load_settings


def load(**centre: object) -> LoadedSettings:
    given = {f"agent.centre.{name}": value for name, value in centre.items()}
    return load_settings(None, environ={}, overrides=given)


def problems(**centre: object) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(**centre)
    return list(caught.value.problems)


def test_an_edge_needs_no_centre() -> None:
    assert load().settings.agent.centre is None


def test_an_address_is_kept_without_its_final_slash() -> None:
    centre = load(url="https://gwf.example.com/ops/").settings.agent.centre
    assert centre is not None
    assert centre.url == "https://gwf.example.com/ops"


def test_variables_alone_can_name_the_centre() -> None:
    environ = {"GWF_AGENT__CENTRE__URL": "http://127.0.0.1:8080"}
    centre = load_settings(None, environ=environ, overrides={}).settings.agent.centre
    assert centre is not None
    assert centre.url == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    "url", ["", "centre", "ftp://h", "https://", "https://a:b@h", "https://h?x=1", "https://h/a b", "https://h:x"]
)
def test_what_is_no_address_of_a_centre_is_refused(url: str) -> None:
    assert any(line.startswith("agent.centre.url") for line in problems(url=url))


def test_credentials_do_not_travel_readable_unless_somebody_says_so() -> None:
    assert "https://" in problems(url="http://10.0.0.1:8080")[0]
    assert load(url="http://10.0.0.1:8080", allow_plain_http=True)
    assert load(url="http://localhost:8080")


def test_the_token_is_given_in_one_way(tmp_path: Path) -> None:
    both = problems(url="http://127.0.0.1", enrolment_token="a-token", enrolment_token_file=str(tmp_path / "t"))
    assert both[0].startswith("agent.centre.enrolment_token_file")


def test_the_token_is_a_secret() -> None:
    settings = load(url="http://127.0.0.1", enrolment_token="very-secret-token").settings
    assert "very-secret-token" in secret_values(settings)
    assert "very-secret-token" not in repr(settings)


def test_a_token_file_that_others_may_read_is_told(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("t")
    token.chmod(0o644)
    notes = load(url="http://127.0.0.1", enrolment_token_file=str(token)).notes
    assert any("chmod 600" in note.text for note in notes)


def test_a_ca_file_needs_tls_and_exists(tmp_path: Path) -> None:
    lines = problems(url="http://127.0.0.1", ca_file=str(tmp_path / "none.pem"))
    assert [line.split(":")[0] for line in lines] == ["agent.centre.ca_file"] * 2


def test_allowed_paths_are_absolute() -> None:
    assert "not absolute" in problems(url="http://127.0.0.1", allow_paths=["data"])[0]


def test_a_label_that_the_centre_cannot_select_by_is_told(tmp_path: Path) -> None:
    labels = "labels: {site: 上海, shelf: 'a b', rack_: x, line: 三号线-2}"
    file = tmp_path / "gwf.yaml"
    file.write_text(f"agent: {{{labels}, centre: {{url: 'http://127.0.0.1:1'}}}}\n")
    loaded = load_settings(file, environ={}, overrides={})
    assert [note.key for note in loaded.notes if "not told" in note.text] == [
        "agent.labels.shelf",
        "agent.labels.rack_",
    ]
