from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gwf.app.server import CentreProcess
from gwf.cli import events_desk, running
from gwf.core.settings.load import load_settings
from tests.cli.conftest import Run

BATCH = "application/cloudevents-batch+json"


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A centre with three events; yields its configuration."""
    home = tmp_path_factory.mktemp("centre")
    path = home / "gwf.yaml"
    document = {
        "data_dir": str(home / "data"),
        "listen": "127.0.0.1:0",
        "api": {"token": "a-token-of-sixteen"},
        "server": {"enabled": True},
    }
    path.write_text(json.dumps(document))
    process = CentreProcess(load_settings(path, environ={}, overrides={}))
    process.start()
    send(path, ["a", "b", "c"])
    yield path
    process.stop()


def send(config: Path, names: list[str], kind: str = "shop") -> Any:
    events = [
        {
            "specversion": "1.0", "id": name, "source": "/shop", "type": f"{kind}.{name}", "labels": "env=prod",
            "severity": "error" if name == "c" else "info", "subject": f"order {name}",
        }
        for name in names
    ]  # fmt: skip
    return running.find(None, config).post("/api/v1/events", json.dumps(events).encode(), media_type=BATCH)


def listed(run: Run, config: Path, *arguments: str) -> list[str]:
    result = run("events", "ls", "--json", "--config", config, *arguments)
    assert result.code == 0, result.err
    items: Any = result.json()["items"]
    return sorted(item["id"] for item in items)


def test_events_are_listed_by_what_they_are(run: Run, centre: Path) -> None:
    assert listed(run, centre, "--type", "shop.*") == ["a", "b", "c"]
    assert listed(run, centre, "--severity", "error", "--type", "shop.*") == ["c"]
    assert listed(run, centre, "--selector", "env=prod", "--text", "ORDER B") == ["b"]
    assert listed(run, centre, "--selector", "env=test") == []


def test_a_list_tells_how_to_go_on(run: Run, centre: Path) -> None:
    first = run("events", "ls", "--type", "shop.*", "--limit", "2", "--config", centre)
    cursor = first.err.split()[-1]
    assert len(first.out.splitlines()) == 3
    rest = run("events", "ls", "--type", "shop.*", "--cursor", cursor, "--config", centre)
    assert len(rest.out.splitlines()) == 2
    nothing = run("events", "ls", "--type", "nothing", "--config", centre)
    assert "Nothing happened between" in nothing.out


def test_one_event_is_shown(run: Run, centre: Path) -> None:
    items: Any = run("events", "ls", "--type", "shop.a", "--json", "--config", centre).json()["items"]
    shown = run("events", "show", items[0]["row_id"], "--config", centre)
    assert "order a" in shown.out
    assert run("events", "show", "1", "--config", centre).code == 3
    assert run("events", "show", "1", "--kind", "files", "--config", centre).code == 3


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--status", "failed"), "--kind"),
        (("--kind", "files", "--severity", "error"), "--kind"),
        (("--severity", "loud"), "Input should be"),
        (("--selector", "env="), "expected the value of a label"),
        (("--cursor", "xyz"), "cursor"),
    ],
)
def test_what_is_wrong_is_told(run: Run, centre: Path, arguments: tuple[str, ...], text: str) -> None:
    result = run("events", "ls", *arguments, "--config", centre)
    assert result.code == 2
    assert text in result.err


def test_tail_prints_each_event_once_and_those_that_come(centre: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = events_desk.Wanted(
        kind="events", agents=None, types=["news.*"], severity=None, statuses=None, classes=None, selector=None,
        path=None, text=None,
    )  # fmt: skip
    pauses: list[float] = []
    send(centre, ["d"], "news")

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 1:
            send(centre, ["e"], "news")
        if len(pauses) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        events_desk.follow(running.find(None, centre), wanted, as_json=True, pause=pause)
    printed = [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()]
    assert printed == ["d", "e"]


def test_file_events_have_a_list_of_their_own(run: Run, centre: Path) -> None:
    result = run("events", "ls", "--kind", "files", "--status", "failed", "--path", "/in", "--json", "--config", centre)
    assert (result.code, result.json()["items"]) == (0, [])
