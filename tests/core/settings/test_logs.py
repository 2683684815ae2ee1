"""Rules about lines of logs, judged where no host is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from gwf.core.settings.part import part_problems

EXAMPLE = Path(__file__).parents[3] / "examples/inputs/log-rules.yaml"


def faulty(**logs: Any) -> list[str]:
    found = part_problems({"agent": {"logs": logs}})
    return [f"{problem.code} {'.'.join(map(str, problem.loc[2:]))}" for problem in found]


def test_the_example_is_a_part() -> None:
    assert part_problems(yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))) == []


def test_what_the_host_may_say_itself_need_not_be_said() -> None:
    assert faulty(enabled=True) == []
    assert faulty(enabled=True, paths=["/var/log/*.log"]) == []


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ({"level": "loud", "keywords": ["x"]}, "level"),
        ({"level": "fatal"}, "keywords"),
        ({"level": "fatal", "patterns": ["ok", "("]}, "patterns.1"),
        ({"level": "fatal", "patterns": [".*"]}, "patterns.0"),
        ({"level": "fatal", "keywords": ["x"], "suppress_window": "soon"}, "suppress_window"),
    ],
)
def test_rules_that_agents_would_refuse_are_refused_before_they_travel(rule: dict[str, Any], place: str) -> None:
    assert faulty(ruleset={"rules": [rule]}) == [f"invalid_value ruleset.rules.0.{place}"]


def test_everything_else_that_cannot_work_is_named_by_its_place() -> None:
    assert faulty(within=["/"]) == ["local_only within"]
    assert faulty(join=[{"start": "("}, {}, {"start": "x", "indented": True}]) == [
        "invalid_value join.1.start", "invalid_value join.2.start", "invalid_value join.0.start",
    ]  # fmt: skip
    assert faulty(ruleset={"escalation": {"enabled": True}}) == [
        "invalid_value ruleset.escalation.threshold", "invalid_value ruleset.escalation.window",
    ]  # fmt: skip
    assert faulty(paths=["app.log"]) == ["invalid_value paths.0"]
