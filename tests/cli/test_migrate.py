from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from gwf.core.settings.load import LoadedSettings, load_settings
from tests.agent.edges import running_edge
from tests.agent.waiting import until
from tests.cli.conftest import Result, Run
from tests.cli.go_version import HOST, KEY_ID, SECRET, GoVersion, go_version


@pytest.fixture
def go(tmp_path: Path) -> Generator[GoVersion]:
    with go_version(tmp_path) as found:
        yield found


@pytest.fixture
def migrate(run: Run, go: GoVersion, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.delenv("OSS_AK", raising=False)

    def command(*arguments: object) -> Result:
        return run("migrate", "--from", go.home, "--hostname", HOST, "--json", *arguments)

    return command


def damaged(result: Result) -> list[dict[str, Any]]:
    found = result.json()["damaged"]
    assert isinstance(found, list)
    return found


def files_of(result: Result) -> dict[str, Any]:
    files = result.json()["files"]
    assert isinstance(files, dict)
    return {name: number for name, number in files.items() if number}


def everything_below(*places: Path) -> dict[Path, bytes]:
    found = (path for place in places for path in sorted(place.rglob("*")) if path.is_file())
    return {path: path.read_bytes() for path in found if not path.name.endswith(("-wal", "-shm"))}


def loaded(go: GoVersion) -> LoadedSettings:
    return load_settings(go.home / "gwf.yaml", environ={}, overrides={})


def carried_after(go: GoVersion, keys: set[str]) -> None:
    with running_edge(loaded(go).settings) as edge:
        until(lambda: keys <= go.writes().keys())
        until(lambda: edge.input.first_pass_handed_on() and not edge.journal.waiting_batches())
        until(lambda: not any(item.sending or item._in_hand for item in edge.destinations.values()))


def test_exactly_the_missing_files_are_sent(go: GoVersion, migrate: Run) -> None:
    names = [f"day-{number % 3}/row-{number}.log" for number in range(30)]
    for name in names:
        go.write(name)
    for name in names[:20]:
        go.sent(name)
    go.write("grown.log", b"longer than before")
    go.sent("grown.log", b"before")
    go.enqueue(*names[15:25], names[15])
    assert migrate().code == 0
    carried_after(go, {go.key(name) for name in [*names, "grown.log"]})
    wanted = {go.key(name): 1 for name in names} | {go.key("grown.log"): 2}
    assert go.writes() == wanted
    assert go.oss.state.objects[go.key("grown.log")].body == b"longer than before"


def test_a_dry_run_says_what_would_be_and_writes_nothing(go: GoVersion, migrate: Run, tmp_path: Path) -> None:
    for name in ("a.log", "b.log", "c.log", "d.log"):
        go.write(name)
    go.sent("a.log")
    go.sent("b.log", b"other")
    go.write("new.log", age_s=0)
    outside = tmp_path / "elsewhere.log"
    outside.write_text("x")
    go.enqueue("c.log", "gone.log", "../elsewhere.log", ".")
    before = everything_below(tmp_path)
    result = migrate("--dry-run")
    assert (result.code, everything_below(tmp_path)) == (0, before)
    assert files_of(result) == {
        "in_store": 1, "to_replace": 1, "to_upload": 2, "missing": 1, "outside": 2, "settling": 1, "queued": 1,
        "on_disk": 3,
    }  # fmt: skip
    assert result.json()["config"]["state"] == "would_be_written"  # type: ignore[index]
    assert go.writes() == {go.key("a.log"): 1, go.key("b.log"): 1}


def test_running_it_again_changes_nothing(go: GoVersion, migrate: Run, tmp_path: Path) -> None:
    go.write("a.log")
    go.enqueue("a.log")
    assert files_of(migrate())["entered"] == 1
    before = everything_below(tmp_path)
    again = migrate()
    assert (again.code, files_of(again)["known"], everything_below(tmp_path)) == (0, 1, before)
    assert again.json()["config"]["state"] == "unchanged"  # type: ignore[index]


def test_secrets_stand_in_a_private_file_and_nowhere_else(go: GoVersion, migrate: Run, run: Run) -> None:
    results = [migrate("--dry-run"), migrate(), run("migrate", "--from", go.home, "--hostname", HOST)]
    printed = "".join(result.out + result.err for result in results)
    config = (go.home / "gwf.yaml").read_text()
    assert not [text for text in (SECRET, KEY_ID) if text in printed + config]
    env = go.home / "gwf.env"
    assert env.read_text() == f"OSS_AK={KEY_ID}\nOSS_SK={SECRET}\n"
    assert env.stat().st_mode & 0o777 == 0o600


def test_a_secret_of_the_environment_is_not_put_on_disk(
    go: GoVersion, migrate: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (go.home / ".env").unlink()
    monkeypatch.setenv("OSS_AK", KEY_ID)
    result = migrate()
    assert result.json()["environment_needed"] == ["OSS_AK"]
    assert KEY_ID not in (go.home / "gwf.env").read_text()


def test_the_result_is_accepted_by_the_check(go: GoVersion, migrate: Run, run: Run) -> None:
    migrate()
    result = run("check", "--config", go.home / "gwf.yaml")
    assert result.code == 0, result.err
    assert "agent.watch[0].existing\tupload" in result.out


def test_a_file_of_secrets_that_others_may_read_is_refused(go: GoVersion, migrate: Run, run: Run) -> None:
    migrate()
    (go.home / "gwf.env").chmod(0o644)
    result = run("check", "--config", go.home / "gwf.yaml")
    assert result.code == 2
    assert "others may read or write it (mode 644): chmod 600" in result.err


def test_only_the_queue_is_taken_where_files_on_disk_are_to_be_left_alone(go: GoVersion, migrate: Run) -> None:
    for name in ("old.log", "queued.log"):
        go.write(name)
    go.enqueue("queued.log")
    assert files_of(migrate("--existing", "skip"))["entered"] == 1
    carried_after(go, {go.key("queued.log")})
    assert go.writes() == {go.key("queued.log"): 1}


def test_files_that_an_earlier_start_left_alone_are_taken_over(go: GoVersion, migrate: Run, run: Run) -> None:
    go.write("a.log")
    legacy = load_settings(
        go.home / "config.yaml",
        environ={"OSS_AK": KEY_ID},
        overrides={"data_dir": str(go.home / "gwf-data"), "agent.hostname": HOST},
    )
    legacy.settings.data_dir.mkdir()
    with running_edge(legacy.settings) as edge:
        until(lambda: edge.input.first_pass_handed_on() and edge.journal.facts.commits_total)
    assert go.writes() == {}
    assert files_of(migrate())["entered"] == 1
    carried_after(go, {go.key("a.log")})


def test_a_watched_link_keeps_the_keys_of_its_name(go: GoVersion, migrate: Run, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(go.watched)
    go.configure(watch_dir=str(link))
    go.write("a.log")
    migrate()
    carried_after(go, {f"{HOST}/{str(link).lstrip('/')}/a.log"})


def test_a_relative_directory_begins_where_the_go_version_lies(go: GoVersion, migrate: Run) -> None:
    (go.home / "spool").mkdir()
    (go.home / "spool" / "a.log").write_text("x")
    os.utime(go.home / "spool" / "a.log", (1, 1))
    go.configure(watch_dir="spool")
    go.queue.write_text('{"items":["spool/a.log"]}')
    assert files_of(migrate())["queued"] == 1
    carried_after(go, {f"{HOST}/a.log"})


def test_a_cut_off_queue_is_saved_as_far_as_it_can_be_read(go: GoVersion, migrate: Run) -> None:
    for name in ("a.log", "b.log"):
        go.write(name)
    go.enqueue("a.log", "b.log", "c.log")
    torn = go.queue.read_bytes()[:-12]
    go.queue.write_bytes(torn)
    result = migrate("--existing", "skip")
    (damage,) = damaged(result)
    assert (result.code, files_of(result)["entered"], damage["saved"]) == (1, 2, 2)
    assert Path(damage["backup"]).read_bytes() == torn
    assert go.queue.read_bytes() == torn


def test_what_lies_in_the_go_versions_own_backups_is_taken_too(go: GoVersion, migrate: Run) -> None:
    for name in ("a.log", "b.log"):
        go.write(name)
    go.enqueue("a.log")
    backup = go.queue.with_name("upload-queue.json.corrupt-20260101T000000.000000001Z.bak")
    backup.write_text(f'{{"items":["{go.watched}/b.log","{go.watched}/a')
    result = migrate("--existing", "skip")
    assert (result.code, files_of(result)["entered"]) == (0, 2)
    assert result.json()["queue"]["from_backups"] == 1  # type: ignore[index]


def test_damaged_configuration_files_are_saved_as_far_as_they_can_be_read(go: GoVersion, migrate: Run) -> None:
    runtime = go.home / "config.runtime.yaml"
    runtime.write_bytes(b'upload_workers: 7\nsilence: "2s\nfile_ext: .log\n\0\0\0\0')
    (go.home / ".env").write_text(f"OSS_AK={KEY_ID}\nno line of this kind\n")
    result = migrate()
    assert result.code == 1
    files = {Path(item["file"]).name: item for item in damaged(result)}
    assert set(files) == {"config.runtime.yaml", ".env"}
    assert any("line 2: left out" in problem for problem in files["config.runtime.yaml"]["problems"])
    settings = loaded(go).settings
    assert (settings.agent.transfer.workers, settings.agent.watch[0].suffixes) == (7, (".log",))
    assert settings.agent.watch[0].silence == 1.0


def test_a_configuration_that_lost_what_is_needed_is_refused(go: GoVersion, migrate: Run, run: Run) -> None:
    (go.home / "config.yaml").write_text('bucket: "b\nak: a\n')
    result = run("migrate", "--from", go.home)
    assert result.code == 2
    assert "line 1: left out" in result.err
    assert "bucket: is required" in result.err
    assert not (go.home / "gwf.yaml").exists()


def test_a_file_that_stands_in_the_way_is_not_overwritten(go: GoVersion, migrate: Run) -> None:
    (go.home / "gwf.yaml").write_text("listen: 127.0.0.1:1\n")
    result = migrate()
    assert (result.code, (go.home / "gwf.yaml").read_text()) == (2, "listen: 127.0.0.1:1\n")
    assert not (go.home / "gwf-data").exists()


def test_a_directory_without_a_go_version_is_told(run: Run, tmp_path: Path) -> None:
    assert run("migrate", "--from", tmp_path).code == 3


def test_a_running_agent_is_left_alone(go: GoVersion, migrate: Run) -> None:
    migrate()
    with running_edge(loaded(go).settings):
        assert migrate().code == 4


def test_a_store_that_does_not_answer_is_told_by_a_dry_run(go: GoVersion, migrate: Run) -> None:
    go.write("a.log")
    go.configure(endpoint="http://127.0.0.1:9")
    result = migrate("--dry-run")
    assert (result.code, files_of(result)["not_asked"]) == (1, 1)
    assert result.json()["reasons"]


def test_large_objects_of_the_go_version_are_recognised(go: GoVersion, migrate: Run) -> None:
    body = os.urandom(64) * 16384
    go.configure(upload_resumable_enabled="true", upload_resumable_threshold="524288")
    go.write("large.bin", body)
    go.sent("large.bin", body)
    go.write("small.bin")
    assert files_of(migrate("--dry-run"))["in_store"] == 1
    migrate()
    carried_after(go, {go.key("small.bin")})
    assert go.writes() == {go.key("large.bin"): 1, go.key("small.bin"): 1}


def test_the_text_says_what_was_done_and_what_comes_next(go: GoVersion, run: Run) -> None:
    go.write("a.log")
    result = run("migrate", "--from", go.home, "--hostname", HOST)
    assert "1  entered into the journal; the store is asked first about each" in result.out
    assert result.out.splitlines()[-1].startswith("Next: gwf check --config")
