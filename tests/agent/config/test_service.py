from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from gwf.agent.config.beginning import begin
from gwf.agent.config.service import ConfigService
from gwf.agent.config.versions import CONFIG_DIRECTORY, KEEP, VersionStore
from gwf.core.clock import ManualClock
from gwf.core.errors import ConfigError, ConflictError, GwfError, LocalIoError, NotFoundError, UnavailableError
from gwf.core.settings.effective import MASK
from gwf.core.settings.load import load_settings
from gwf.core.settings.model import Settings

BY: dict[str, Any] = {"author": "li wei", "reason": "a test", "source": "api"}
SECRET = "very-secret-key"


class Host:
    """One data directory with a configuration file, and the processes that ran there."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.file = base / "gwf.yaml"
        self.environ: dict[str, str] = {}
        self.followed: list[Settings] = []
        self.told: list[tuple[str, Mapping[str, object]]] = []
        self.clock = ManualClock()
        self.fault: Callable[[Settings], None] = lambda _: None
        self.write()

    @property
    def versions(self) -> VersionStore:
        return VersionStore(self.base / "data" / CONFIG_DIRECTORY)

    def document(self, **agent: Any) -> dict[str, Any]:
        main = {"url": "s3://bkt", "region": "eu", "access_key": "ak", "secret_key": SECRET}
        return {
            "data_dir": str(self.base / "data"),
            "stores": {"main": main},
            "agent": {"watch": [{"path": str(self.base / "in"), "store": "main"}], **agent},
        }

    def write(self, **agent: Any) -> None:
        self.file.write_text(json.dumps(self.document(**agent)))

    def start(self) -> ConfigService:
        loaded = load_settings(self.file, environ=self.environ, overrides={})

        def follow(settings: Settings) -> None:
            self.followed.append(settings)
            self.fault(settings)

        return ConfigService(
            begin(loaded, self.versions),
            versions=self.versions,
            follow=follow,
            tell=lambda kind, body: self.told.append((kind, body)),
            clock=self.clock,
        )


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def workers(count: int) -> Callable[[dict[str, object]], dict[str, object]]:
    def change(document: dict[str, object]) -> dict[str, object]:
        document["agent"]["transfer"]["workers"] = count  # type: ignore[index]  # the native document is a plain tree
        return document

    return change


def test_the_first_start_makes_the_first_version_and_a_second_start_none(host: Host) -> None:
    assert host.start().current().number == 1
    service = host.start()
    assert (service.current().number, service.current().source) == (1, "start")
    host.write(high_water={"files": 5})
    assert host.start().current().number == 2


def test_an_edit_is_followed_written_down_and_told(host: Host) -> None:
    service = host.start()
    outcome = service.edit(workers(3), **BY)
    assert [(change.key, change.old, change.new) for change in outcome.changes] == [("agent.transfer.workers", 16, 3)]
    assert host.followed[-1].agent.transfer.workers == service.settings().agent.transfer.workers == 3
    assert (outcome.version.number, outcome.version.author, outcome.version.reason) == (2, "li wei", "a test")
    assert host.told[-1][0] == "config.applied"
    assert service.facts.applied_total == 1


def test_an_edit_stands_above_the_file_after_a_restart(host: Host) -> None:
    host.start().edit(workers(3), **BY)
    host.write(high_water={"files": 5})
    service = host.start()
    assert service.settings().agent.transfer.workers == 3
    assert service.settings().agent.high_water.files == 5
    assert [change.key for change in service.view().overlay] == ["agent.transfer.workers"]
    assert service.view().origins["agent.transfer.workers"] == "set at run time"


def test_a_file_that_says_the_same_by_now_ends_the_overlay(host: Host) -> None:
    host.start().edit(workers(3), **BY)
    host.write(transfer={"workers": 3})
    assert host.start().view().overlay == []
    host.write(transfer={"workers": 4})
    assert host.start().settings().agent.transfer.workers == 4


def test_a_file_that_changed_where_the_overlay_stands_is_told_of(host: Host) -> None:
    service = host.start()
    service.edit(workers(3), **BY)
    host.write(transfer={"workers": 8})
    outcome = service.reload()
    assert len(outcome.ignored) == 1
    assert outcome.ignored[0].startswith("agent.transfer.workers: the file says something else")
    assert service.settings().agent.transfer.workers == 3
    (shown,) = service.view().overlay
    assert (shown.old, shown.new) == (8, 3)


def test_an_overlay_that_no_longer_fits_keeps_nobody_from_starting(host: Host) -> None:
    service = host.start()
    certificate = host.base / "ca.pem"
    certificate.write_text("x")
    service.edit(lambda document: with_ca(document, certificate), **BY)
    certificate.unlink()
    service = host.start()
    assert service.settings().stores["main"].ca_file is None
    refusal = service.facts.refusal_at(0.0)
    assert refusal is not None
    assert "ca_file" in refusal.problems[0]
    certificate.write_text("x")
    service.reload()
    assert service.settings().stores["main"].ca_file == certificate
    assert service.facts.refusal is None


def with_ca(document: dict[str, Any], path: Path) -> dict[str, object]:
    document["stores"]["main"]["ca_file"] = str(path)
    return document


def test_a_reload_takes_the_file_and_nothing_else_makes_no_version(host: Host) -> None:
    service = host.start()
    assert service.reload().version.number == 1
    host.write(retry={"max_attempts": 3})
    outcome = service.reload()
    assert [change.key for change in outcome.changes] == ["agent.retry.max_attempts"]
    assert (outcome.version.number, outcome.version.source) == (2, "reload")


def test_every_fault_is_told_and_the_old_configuration_stays(host: Host) -> None:
    service = host.start()
    host.write(transfer={"workers": 0}, retry={"base": "5m", "cap": "1s"}, odd=1)
    with pytest.raises(ConfigError) as refused:
        service.reload()
    assert len(refused.value.problems) == 3
    assert service.settings().agent.transfer.workers == 16
    assert host.followed == []
    assert service.facts.refused_total == 1
    assert service.facts.refusal_at(1e9) is not None
    host.write()
    service.reload()
    assert service.facts.refusal is None


def test_health_forgets_in_time_what_the_author_was_told_himself(host: Host) -> None:
    service = host.start()
    with pytest.raises(ConfigError):
        service.edit(workers(0), **BY)
    now_s = host.clock.monotonic_s()
    assert service.facts.refusal_at(now_s + 599) is not None
    assert service.facts.refusal_at(now_s + 601) is None


@pytest.mark.parametrize(
    ("key", "value"), [("data_dir", "/elsewhere"), ("listen", "127.0.0.1:1"), ("faults", {"kill_at": "before_send"})]
)
def test_what_needs_a_restart_is_refused_by_name(host: Host, key: str, value: object) -> None:
    service = host.start()
    with pytest.raises(ConfigError) as refused:
        service.apply({**host.document(transfer={"workers": 3}), key: value}, **BY)
    assert [problem.partition(":")[0] for problem in refused.value.problems] in ([key], [f"{key}.kill_at"])
    assert "needs a restart to become" in refused.value.problems[0]
    assert service.settings().agent.transfer.workers == 16


def test_a_document_leaves_the_port_alone_when_it_does_not_name_it(host: Host) -> None:
    host.environ = {"GWF_LISTEN": "127.0.0.1:7070"}
    service = host.start()
    document = host.document(transfer={"workers": 3})
    del document["data_dir"]
    assert service.apply(document, **BY).version.number == 2
    assert service.settings().listen == "127.0.0.1:7070"


def test_what_a_variable_decides_is_told(host: Host) -> None:
    host.environ = {"GWF_AGENT__TRANSFER__WORKERS": "5"}
    service = host.start()
    outcome = service.apply(host.document(transfer={"workers": 3}), **BY)
    assert outcome.ignored == ["agent.transfer.workers: the variable GWF_AGENT__TRANSFER__WORKERS decides"]
    assert service.settings().agent.transfer.workers == 5


def test_a_shown_configuration_may_be_sent_back_with_its_masks(host: Host) -> None:
    service = host.start()
    shown: dict[str, Any] = service.view().config
    assert shown["stores"]["main"]["secret_key"] == MASK
    outcome = service.apply(shown, **BY)
    assert outcome.changes == []
    shown["stores"]["other"] = {**shown["stores"]["main"], "url": "s3://other"}
    with pytest.raises(ConfigError) as refused:
        service.apply(shown, **BY)
    assert all("masked" in problem for problem in refused.value.problems)
    assert not any(SECRET in problem for problem in refused.value.problems)


def test_secrets_are_in_no_answer_event_or_problem(host: Host) -> None:
    service = host.start()
    document = host.document()
    document["stores"]["main"]["secret_key"] = "another-secret-key"
    outcome = service.apply(document, **BY)
    everything = [
        outcome.model_dump_json(),
        service.view().model_dump_json(),
        service.view(1).model_dump_json(),
        json.dumps(host.told, default=str),
    ]
    assert [change.key for change in outcome.changes] == ["stores.main.secret_key"]
    assert not any("secret-key" in text for text in everything)
    assert SECRET in (host.base / "data" / CONFIG_DIRECTORY / "v00000001.json").read_text()


def test_versions_lie_in_private_files(host: Host) -> None:
    host.start().edit(workers(3), **BY)
    directory = host.base / "data" / CONFIG_DIRECTORY
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()} == {0o600}


def test_a_rollback_makes_a_new_version_of_the_old_values(host: Host) -> None:
    service = host.start()
    service.edit(workers(3), **BY)
    service.edit(workers(4), **BY)
    outcome = service.rollback(2, author="li wei", reason="")
    assert (outcome.version.number, outcome.version.source) == (4, "rollback")
    assert service.settings().agent.transfer.workers == 3
    assert host.start().settings().agent.transfer.workers == 3
    with pytest.raises(NotFoundError):
        service.rollback(99, author="li wei", reason="")


def test_a_rollback_leaves_what_needs_a_restart(host: Host) -> None:
    host.environ = {"GWF_LISTEN": "127.0.0.1:7070"}
    host.start()
    host.environ = {"GWF_LISTEN": "127.0.0.1:8080"}
    host.write(transfer={"workers": 3})
    service = host.start()
    outcome = service.rollback(1, author="li wei", reason="")
    assert outcome.ignored == ["listen: needs a restart, stays as it is"]
    assert (service.settings().listen, service.settings().agent.transfer.workers) == ("127.0.0.1:8080", 16)


def test_a_dry_run_changes_nothing(host: Host) -> None:
    service = host.start()
    outcome = service.edit(workers(3), **BY, dry_run=True)
    assert (len(outcome.changes), outcome.version.number, outcome.dry_run) == (1, 1, True)
    with pytest.raises(ConfigError):
        service.edit(workers(0), **BY, dry_run=True)
    assert (host.followed, host.told, service.facts.refused_total) == ([], [], 0)
    assert service.settings().agent.transfer.workers == 16


@pytest.mark.parametrize("fault", [UnavailableError("hangs"), RuntimeError("a bug")], ids=str)
def test_a_change_that_fails_half_way_is_undone(host: Host, fault: Exception) -> None:
    service = host.start()

    def fail(settings: Settings) -> None:
        if settings.agent.transfer.workers == 3:
            raise fault

    host.fault = fail
    with pytest.raises(GwfError):
        service.edit(workers(3), **BY)
    assert [settings.agent.transfer.workers for settings in host.followed] == [3, 16]
    assert service.current().number == 1
    assert not service.facts.half_done
    assert host.start().settings().agent.transfer.workers == 16


def test_a_change_that_cannot_be_undone_shows(host: Host) -> None:
    service = host.start()

    def fail(_: Settings) -> None:
        raise RuntimeError("a bug")

    host.fault = fail
    with pytest.raises(GwfError):
        service.edit(workers(3), **BY)
    assert service.facts.half_done


def test_a_version_that_cannot_be_written_is_undone(host: Host) -> None:
    service = host.start()
    directory = host.base / "data" / CONFIG_DIRECTORY
    os.rename(directory, host.base / "away")
    directory.write_text("in the way")
    with pytest.raises(LocalIoError):
        service.edit(workers(3), **BY)
    assert [settings.agent.transfer.workers for settings in host.followed] == [3, 16]
    assert service.settings().agent.transfer.workers == 16


def test_a_disk_that_takes_no_version_keeps_nobody_from_starting(host: Host) -> None:
    (host.base / "data").mkdir()
    (host.base / "data" / CONFIG_DIRECTORY).write_text("in the way")
    assert host.start().current().number == 0


def test_only_so_many_versions_are_kept_and_numbers_never_return(host: Host) -> None:
    service = host.start()
    for number in range(KEEP + 5):
        service.edit(workers(1 + number % 7), **BY)
    numbers = [version.number for version in service.versions()]
    assert numbers == list(range(KEEP + 6, 6, -1))


def test_a_damaged_version_is_left_out(host: Host) -> None:
    service = host.start()
    service.edit(workers(3), **BY)
    (host.base / "data" / CONFIG_DIRECTORY / "v00000002.json").write_text('{"version": 1')
    assert [version.number for version in service.versions()] == [1]
    service = host.start()
    assert service.settings().agent.transfer.workers == 16
    assert service.edit(workers(4), **BY).version.number == 3


def test_edits_at_the_same_time_lose_none(host: Host) -> None:
    service = host.start()

    def label(name: str) -> None:
        def change(document: dict[str, Any]) -> dict[str, object]:
            document["agent"]["labels"][name] = "x"
            return document

        service.edit(change, **BY)

    threads = [threading.Thread(target=label, args=(f"l{number}",)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(service.settings().agent.labels) == 20


def test_a_document_made_from_another_version_is_refused(host: Host) -> None:
    service = host.start()
    service.edit(workers(3), **BY)
    with pytest.raises(ConflictError):
        service.apply(host.document(), **BY, expected=1)
    assert service.facts.refused_total == 0
    assert service.apply(host.document(), **BY, expected=2).version.number == 3
    assert service.view().overlay == []


def test_a_configuration_of_the_go_version_is_not_taken_as_a_document(host: Host) -> None:
    assert "Go version" in host.start().validate({"watch_dir": "/x", "bucket": "b"})[0]


def test_nothing_changes_once_the_end_began(host: Host) -> None:
    service = host.start()
    service.close()
    with pytest.raises(UnavailableError):
        service.edit(workers(3), **BY)


def test_a_configuration_of_the_go_version_is_read_again_and_edits_stand_above_it(host: Host) -> None:
    (host.base / "in").mkdir()
    (host.base / "more").mkdir()

    def write(silence: str) -> None:
        host.file.write_text(
            f"watch_dir: {host.base}/in\nsilence: {silence}\nbucket: b\nak: a\nsk: {SECRET}\n"
            f"endpoint: http://127.0.0.1:9\nregion: r\n"
        )

    def watch_more(document: dict[str, Any]) -> dict[str, object]:
        watches = document["agent"]["watch"]
        watches.append({**watches[0], "path": str(host.base / "more")})
        return document

    host.environ = {"GWF_DATA_DIR": str(host.base / "data")}
    write("10s")
    service = host.start()
    write("20s")
    assert 20.0 in [change.new for change in service.reload().changes]
    service.edit(workers(5), **BY)
    service.edit(watch_more, author="api", reason="", source="legacy")
    later = host.start()
    assert [watch.path.name for watch in later.settings().agent.watch] == ["in", "more"]
    assert (later.settings().agent.transfer.workers, later.settings().agent.watch[1].silence) == (5, 20.0)
    assert SECRET not in later.view().model_dump_json()
