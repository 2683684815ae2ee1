from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gwf.agent.config.service import ConfigService
from tests.agent.config.test_service import BY, Host, workers

NOTE: dict[str, Any] = {"command": ["/bin/true", "{path}"]}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def watching(host: Host, *names: str) -> dict[str, Any]:
    """Write a file that watches these trees, and return it as a document."""
    host.write(watch=[{"path": str(host.base / name), "store": "main"} for name in names])
    document: dict[str, Any] = json.loads(host.file.read_text())
    return document


def watched(service: ConfigService) -> list[str]:
    return [watch.path.name for watch in service.settings().agent.watch]


def test_a_file_that_was_applied_is_followed_afterwards_too(host: Host) -> None:
    watching(host, "p")
    service = host.start()
    service.apply(watching(host, "p", "q"), **BY)
    assert (watched(service), service.view().overlay) == (["p", "q"], [])
    watching(host, "p", "q", "r")
    outcome = service.reload()
    assert (watched(service), outcome.ignored) == (["p", "q", "r"], [])
    assert watched(host.start()) == ["p", "q", "r"]
    assert not service.facts.overlaid


def test_a_file_that_is_ignored_shows_until_it_is_applied(host: Host) -> None:
    service = host.start()
    service.edit(workers(3), **BY)
    assert not service.facts.overlaid
    host.write(transfer={"workers": 8})
    service.reload()
    assert list(service.facts.overlaid) == ["agent.transfer.workers"]
    later = host.start()
    assert list(later.facts.overlaid) == ["agent.transfer.workers"]
    later.apply(json.loads(host.file.read_text()), **BY)
    assert (list(later.facts.overlaid), later.view().overlay) == ([], [])
    assert later.settings().agent.transfer.workers == 8
    assert not host.start().facts.overlaid


def test_a_dry_run_of_the_file_leaves_the_overlay(host: Host) -> None:
    service = host.start()
    service.edit(workers(3), **BY)
    service.apply(host.document(), **BY, dry_run=True)
    assert [change.key for change in service.view().overlay] == ["agent.transfer.workers"]


def test_a_broken_file_on_disk_keeps_no_document_out(host: Host) -> None:
    service = host.start()
    host.file.write_text("agent: {odd: 1}")
    outcome = service.apply(host.document(transfer={"workers": 3}), **BY)
    assert service.settings().agent.transfer.workers == 3
    assert len(outcome.ignored) == 1
    assert "agent.odd" in outcome.ignored[0]
    assert [change.key for change in service.view().overlay] == ["agent.transfer.workers"]


def test_a_file_ahead_in_what_needs_a_restart_is_not_overlaid_there(host: Host) -> None:
    service = host.start()
    host.file.write_text(json.dumps({**host.document(), "listen": "127.0.0.1:7071"}))
    service.apply(host.document(transfer={"workers": 3}), **BY)
    assert [change.key for change in service.view().overlay] == ["agent.transfer.workers"]
    assert host.start().settings().listen == "127.0.0.1:7071"


def test_a_program_that_the_file_allows_by_now_may_be_applied(host: Host) -> None:
    service = host.start()
    host.write(actions={"scripts": {"note": NOTE}})
    service.apply(json.loads(host.file.read_text()), **BY)
    assert list(service.settings().agent.actions.scripts) == ["note"]
    assert service.view().overlay == []


def test_a_document_made_without_an_edit_of_the_file_does_not_hide_it(host: Host) -> None:
    watching(host, "p")
    service = host.start()
    shown: dict[str, Any] = service.view().config
    watching(host, "p", "q")
    shown["agent"]["transfer"]["workers"] = 3
    service.apply(shown, **BY)
    assert watched(service) == ["p"]
    service.reload()
    assert watched(service) == ["p", "q"]
    assert service.settings().agent.transfer.workers == 3
    assert not service.facts.overlaid
