from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from gwf.core.settings.load import load_settings
from tests.agent.edges import Place, running_edge
from tests.agent.waiting import until
from tests.cli.conftest import Result, Run

CONFIG = """\
data_dir: {data}
stores: {{default: {{url: "file://{objects}"}}}}
agent:
  hostname: h
  actions: {{max_attempts: 1, scripts: {{note: {{command: [/bin/sh, -c, "echo told; test -e $1", sh, "{gate}"]}}}}}}
  watch:
    - path: {tree}
      key: "{{relpath}}"
      settle: 10ms
      silence: 100ms
      after: [{{script: note}}, {{archive: {{}}}}]
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = Place(tmp_path)
    gate = tmp_path / "gate"
    text = CONFIG.format(data=found.data, objects=found.objects, tree=found.tree, gate=gate)
    (tmp_path / "gwf.yaml").write_text(text)
    return found


@pytest.fixture
def failed(place: Place) -> Place:
    """A file whose first step failed, so that the second waits."""
    place.write("a.log")
    settings = load_settings(place.base / "gwf.yaml", environ={}, overrides={}).settings
    with running_edge(settings) as edge:
        until(lambda: edge.actions.counts()["failed"])  # type: ignore[index]
    return place


@pytest.fixture
def action(run: Run) -> Run:
    def command(*arguments: object, json: bool = True) -> Result:
        return run("action", *arguments, "--config", "gwf.yaml", *(["--json"] if json else []))

    return command


def items(result: Result) -> list[dict[str, Any]]:
    found = result.json()["items"]
    assert isinstance(found, list)
    return found


def test_runs_are_listed_with_what_they_said(failed: Place, action: Run) -> None:
    result = action("ls")
    assert [(item["action"], item["state"]) for item in items(result)] == [
        ("archive", "ready"),
        ("script:note", "failed"),
    ]
    assert (items(result)[1]["summary"], items(result)[1]["output"]) == ("exit code 1", "told\n")
    assert "failed 1" in action("ls", "--state", "failed", json=False).out
    assert action("ls", "--state", "odd").code == 2


def test_a_failed_step_is_run_again_and_the_next_follows(failed: Place, action: Run) -> None:
    assert action("run", 1).code == 1
    (failed.base / "gate").touch()
    result = action("run", "--path", failed.tree / "a.log")
    assert (result.code, [item["state"] for item in items(result)]) == (0, ["done", "done"])
    assert not (failed.tree / "a.log").exists()
    assert items(result)[1]["kept_as"] == str(failed.tree / ".gwf-archive" / "a.log.gz")


def test_an_archived_file_is_brought_back_and_not_sent_again(failed: Place, action: Run) -> None:
    (failed.base / "gate").touch()
    before = (failed.tree / "a.log").stat()
    action("run", "--path", failed.tree / "a.log")
    assert "would be undone" in action("compensate", 2, "--dry-run", json=False).out
    assert action("compensate", 2).code == 0
    after = (failed.tree / "a.log").stat()
    assert (after.st_mtime_ns, after.st_mode) == (before.st_mtime_ns, before.st_mode)
    written = (failed.objects / "a.log").stat().st_mtime_ns
    settings = load_settings(failed.base / "gwf.yaml", environ={}, overrides={}).settings
    with running_edge(settings) as edge:
        until(edge.input.first_pass_handed_on)
    assert (failed.objects / "a.log").stat().st_mtime_ns == written
    assert items(action("ls", "--state", "undone"))[0]["id"] == 2


def test_a_file_that_was_brought_back_may_be_archived_again(failed: Place, action: Run) -> None:
    config = failed.base / "gwf.yaml"
    config.write_text(config.read_text().replace("archive: {}", "archive: {compress: none}"))
    (failed.base / "gate").touch()
    book = sqlite3.connect(failed.data / "actions.db", isolation_level=None)
    book.execute("DELETE FROM runs")
    book.close()
    action("run", "--path", failed.tree / "a.log")
    action("compensate", 2)
    assert action("run", "--path", failed.tree / "a.log").code == 0
    assert not (failed.tree / "a.log").exists()
    assert (failed.tree / ".gwf-archive" / "a.log").exists()


def test_what_cannot_be_undone_stays_done(failed: Place, action: Run) -> None:
    (failed.base / "gate").touch()
    action("run", 1)
    result = action("compensate", 1)
    assert (result.code, items(result)[0]["state"]) == (1, "done")
    action("compensate", 1)
    (kept,) = items(action("ls", "--state", "done"))
    assert kept["summary"] == "exit code 0; not undone: script note has no undo command"
    assert kept["output"] == "told\n"


def test_a_failed_undo_is_added_to_what_the_run_said(failed: Place, action: Run) -> None:
    config = failed.base / "gwf.yaml"
    undo = '], undo: [/bin/sh, -c, "echo stuck; exit 3"]}}}'
    config.write_text(config.read_text().replace("]}}}", undo))
    (failed.base / "gate").touch()
    action("run", 1)
    action("compensate", 1)
    (kept,) = items(action("compensate", 1))
    assert kept["state"] == "done"
    assert kept["summary"] == "exit code 0; not undone: exit code 3"
    assert kept["output"] == "told\n\n--- output of undo ---\nstuck\n"


def test_a_run_in_another_state_is_told_in_words(failed: Place, action: Run) -> None:
    (failed.base / "gate").touch()
    action("run", 1)
    assert "state=done allowed=ready, failed, refused, undone)" in action("run", 1).err


def test_describing_says_what_would_be_done(failed: Place, action: Run) -> None:
    described = items(action("describe", "--path", failed.tree / "a.log"))
    assert described[0]["would"].startswith("run: '/bin/sh'")
    assert described[1]["would"] == (
        f"keep {failed.tree}/a.log as {failed.tree}/.gwf-archive/a.log.gz, packed with gzip, then remove it"
    )
    assert "| told" in action("describe", 1, json=False).out
    assert action("run", 1, "--dry-run", json=False).code == 0
    assert (failed.tree / "a.log").exists()


def test_what_is_unknown_or_not_chosen_is_told(failed: Place, action: Run) -> None:
    assert action("describe", 77).code == 3
    assert action("run", "--path", failed.tree / "none.log").code == 3
    assert action("run").code == 2
    assert action("compensate", 2).code == 4


def test_steps_are_checked_on_this_host(place: Place, action: Run) -> None:
    assert action("validate").json() == {"ok": True, "problems": []}
    text = (place.base / "gwf.yaml").read_text().replace("/bin/sh, -c", "/nowhere/sh, -c")
    (place.base / "gwf.yaml").write_text(text)
    result = action("validate")
    assert result.code == 1
    assert "/nowhere/sh: No such file or directory" in str(result.json()["problems"])


def test_a_directory_without_a_journal_is_told(place: Place, action: Run) -> None:
    assert action("ls").code == 3
