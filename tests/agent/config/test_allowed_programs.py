from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gwf.core.errors import ConfigError
from tests.agent.config.test_service import BY, Host, workers

NOTE: dict[str, Any] = {"command": ["/bin/true", "{path}"]}
EVIL: dict[str, Any] = {"command": ["/bin/sh", "-c", "id"]}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    host = Host(tmp_path)
    host.write(actions={"scripts": {"note": NOTE}})
    return host


def allowing(**scripts: dict[str, Any]) -> Any:
    def change(document: dict[str, Any]) -> dict[str, object]:
        document["agent"]["actions"]["scripts"].update(scripts)
        return document

    return change


def test_other_changes_go_through_with_the_list_as_it_is(host: Host) -> None:
    service = host.start()
    service.edit(workers(3), **BY)
    service.apply(host.document(actions={"scripts": {"note": NOTE}}, labels={"a": "b"}), **BY)
    service.rollback(1, author="li wei", reason="")
    assert list(service.settings().agent.actions.scripts) == ["note"]


@pytest.mark.parametrize("scripts", [{"evil": EVIL}, {"note": EVIL}, {"note": {**NOTE, "user": "root"}}])
def test_no_program_is_allowed_at_run_time(host: Host, scripts: dict[str, Any]) -> None:
    service = host.start()
    with pytest.raises(ConfigError):
        service.edit(allowing(**scripts), **BY)
    with pytest.raises(ConfigError):
        service.apply(host.document(actions={"scripts": {"note": NOTE, **scripts}}), **BY)
    assert service.settings().agent.actions.scripts["note"].command == ("/bin/true", "{path}")
    assert "evil" not in service.settings().agent.actions.scripts


def test_no_archive_directory_is_allowed_at_run_time(host: Host) -> None:
    service = host.start()
    with pytest.raises(ConfigError):
        service.apply(host.document(actions={"scripts": {"note": NOTE}, "archive_dirs": ["/etc"]}), **BY)
    assert service.settings().agent.actions.archive_dirs == ()


def test_the_file_itself_may_allow_more_while_the_process_runs(host: Host) -> None:
    service = host.start()
    host.write(actions={"scripts": {"note": NOTE, "more": EVIL}})
    service.reload()
    assert set(service.settings().agent.actions.scripts) == {"note", "more"}


def test_a_version_on_disk_that_was_tampered_with_allows_none(host: Host) -> None:
    host.start().edit(workers(3), **BY)
    changed = 0
    for file in (host.base / "data").rglob("*.json"):
        kept = json.loads(file.read_text())
        for item in kept.get("overlay", []):
            item["place"], item["new"] = ["agent", "actions", "scripts", "evil"], EVIL
            changed += 1
        file.write_text(json.dumps(kept))
    settings = host.start().settings()
    assert changed
    assert list(settings.agent.actions.scripts) == ["note"]
