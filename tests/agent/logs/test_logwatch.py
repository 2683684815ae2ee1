"""Logs of a whole edge: decided, kept, told; over restarts, kills and changes of the settings."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gwf.agent.engine import Edge
from gwf.agent.follow import follow
from gwf.alerts.logs.engine import LogEngine, MeantLine
from gwf.alerts.logs.model import LogDecision, Status
from gwf.core.errors import ConfigError
from gwf.core.settings.model import Settings
from tests.agent.edges import EdgeProcess, Place, open_stores, running_edge
from tests.agent.waiting import stays, until

RULES: list[dict[str, Any]] = [
    {"id": "noise", "level": "ignore", "keywords": ["heartbeat"]},
    {"id": "oom", "level": "fatal", "keywords": ["OutOfMemory"], "suppress_window": "1h"},
    {"id": "slow", "level": "business", "patterns": ["took \\d+s"]},
]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def settings_of(place: Place, **logs: Any) -> Settings:
    wanted = {
        "enabled": True, "paths": [str(place.base / "*.log")], "poll": 0.1, "start_from_end": False,
        "ruleset": {"rules": RULES}, **logs,
    }  # fmt: skip
    return place.settings(logs=wanted)


def write(place: Place, *lines: str) -> None:
    with (place.base / "app.log").open("a") as out:
        out.write("".join(f"{line}\n" for line in lines))


def decided(edge: Edge) -> list[tuple[str, str]]:
    found = edge.logs.decisions(limit=100)[::-1]
    return [(one.decision.rule_id, one.decision.status.value) for one in found]


def told(place: Place) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(place.data / "journal.db")) as journal:
        rows = journal.execute("SELECT body FROM outbox WHERE kind='log.matched' ORDER BY seq").fetchall()
    return [json.loads(row[0]) for row in rows]


def test_lines_are_decided_about_kept_and_told(place: Place) -> None:
    write(place, "heartbeat OutOfMemory", "OutOfMemory 1", "OutOfMemory 2", "took 12s", "fine")
    with running_edge(settings_of(place)) as edge:
        until(lambda: len(decided(edge)) == 3)
        assert decided(edge) == [("oom", "sent"), ("oom", "suppressed"), ("slow", "recorded")]
        assert edge.logs.totals() == {Status.SENT: 1, Status.SUPPRESSED: 1, Status.RECORDED: 1}
    events = told(place)
    assert [(one["rule"], one["status"], one["lines"]) for one in events] == [
        ("oom", "sent", 1), ("oom", "suppressed", 1), ("slow", "recorded", 1),
    ]  # fmt: skip
    assert events[0]["path"] == str(place.base / "app.log")


def test_a_restart_neither_loses_nor_repeats_a_line_nor_forgets_a_window(place: Place) -> None:
    settings = settings_of(place)
    write(place, "OutOfMemory 1")
    with running_edge(settings) as edge:
        until(lambda: len(decided(edge)) == 1)
    write(place, "OutOfMemory 2", "took 3s")
    with running_edge(settings) as edge:
        until(lambda: len(decided(edge)) == 3)
        assert decided(edge) == [("oom", "sent"), ("oom", "suppressed"), ("slow", "recorded")]


def test_a_crash_amid_a_look_loses_no_line_and_no_notice(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    decide, left = LogEngine.decide, [True]

    def crashing(engine: LogEngine, line: MeantLine) -> list[LogDecision]:
        found = decide(engine, line)
        if "took" in line.text and left and left.pop():
            raise ZeroDivisionError
        return found

    monkeypatch.setattr(LogEngine, "decide", crashing)
    write(place, "OutOfMemory 1", "took 12s", "OutOfMemory 2")
    with running_edge(settings_of(place)) as edge:
        until(lambda: len(decided(edge)) == 3)
        assert decided(edge) == [("oom", "sent"), ("slow", "recorded"), ("oom", "suppressed")]


@pytest.mark.slow
def test_killed_again_and_again_it_decides_about_each_line_and_each_event_once(place: Place) -> None:
    traces = place.base / "trace.log"
    joined = [{"paths": [str(traces)], "start": "\\d+ ", "wait": "1s"}]
    settings = settings_of(place, paths=[str(place.base / "app.log"), str(traces)], poll=0.1, join=joined)
    written, events = 0, list[str]()
    for round_ in range(3):
        with EdgeProcess(settings) as process:
            process.await_start()
            for _ in range(8):
                write(place, *(f"took 1s {written + number}" for number in range(20)))
                written += 20
                events.append(f"{len(events)} failed\n  took 9s\n  at last")
                for line in events[-1].split("\n"):
                    if process.process.poll() is None and len(events) % 8 == 0 and "took" in line:
                        process.process.kill()  # in the middle of an event
                    with traces.open("a") as out:
                        out.write(f"{line}\n")
                    time.sleep(0.015)
            process.await_death()
        write(place, f"took 2s while away {round_}")
        (place.base / "app.log").rename(place.base / f"app.log.{round_}")
        write(place, f"took 3s after a rotation {round_}")
        written += 2
    total = written + len(events)
    with running_edge(settings) as edge:
        until(lambda: edge.logs.totals()[Status.RECORDED] >= total)
        stays(lambda: edge.logs.totals()[Status.RECORDED] == total, for_s=0.3)
        messages = [one.decision.message for one in edge.logs.decisions(limit=1000)]
    assert sorted(text for text in messages if "\n" in text) == sorted(events)
    assert sum(one["lines"] for one in told(place)) == total


def test_other_rules_begin_without_memory_and_other_settings_do_not(place: Place) -> None:
    settings = settings_of(place)
    with running_edge(settings) as edge:
        write(place, "OutOfMemory 1")
        until(lambda: len(decided(edge)) == 1)
        _change(edge, settings_of(place, poll=0.2))
        write(place, "OutOfMemory 2")
        until(lambda: len(decided(edge)) == 2)
        _change(edge, settings_of(place, ruleset={"version": 2, "rules": RULES}))
        write(place, "OutOfMemory 3")
        until(lambda: len(decided(edge)) == 3)
        assert [status for _, status in decided(edge)] == ["sent", "suppressed", "sent"]


def test_bad_rules_are_refused_whole_and_the_old_ones_stay(place: Place) -> None:
    with running_edge(settings_of(place)) as edge:
        with pytest.raises(ConfigError) as caught:
            _change(edge, settings_of(place, ruleset={"rules": [{"level": "fatal", "patterns": ["("]}]}))
        assert caught.value.problems[0].startswith("agent.logs.ruleset/rules/0/patterns/0: ")
        assert len(edge.logs.state().ruleset.rules) == 3


def test_lines_that_cannot_be_joined_so_are_refused_and_links_lead_nowhere_else(place: Place) -> None:
    inside = place.base / "inside"
    inside.mkdir()
    (inside / "link.log").symlink_to(place.base / "app.log")
    write(place, "took 1s")
    (inside / "own.log").write_text("took 2s\n")
    with running_edge(settings_of(place, paths=[str(inside / "*.log")], within=[str(inside)])) as edge:
        until(lambda: len(decided(edge)) == 1)
        assert edge.logs.state().logs == [str(inside / "own.log")]
        assert list(edge.logs.facts().faults) == [str(inside / "link.log").encode()]
        with pytest.raises(ConfigError) as caught:
            _change(edge, settings_of(place, join=[{"start": "("}]))
        assert caught.value.problems[0].startswith("agent.logs.join[0].start: is no regular expression")


def test_what_this_process_writes_about_a_line_leads_to_no_other(place: Place) -> None:
    own = place.base / "gwf.log"
    own.write_text("OutOfMemory of our own\n")
    settings = settings_of(place)
    with running_edge(settings) as edge:
        edge.logs.keep_out(own)
        write(place, "took 1s")
        until(lambda: ("slow", "recorded") in decided(edge))
        until(lambda: edge.logs.state().logs == [str(place.base / "app.log")])
        before = edge.logs.totals()
        own.write_text("OutOfMemory again\n" * 3)
        write(place, "took 2s")
        until(lambda: edge.logs.totals() != before)
        assert edge.logs.totals() == {**before, Status.RECORDED: before[Status.RECORDED] + 1}


def _change(edge: Edge, settings: Settings) -> None:
    follow(edge, settings.agent, settings.stores, open_store=lambda name, _s, _a: open_stores(settings)[name])
