from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run

RULE = """\
name: archive
when: {suffix: .log}
then:
  - action: WEBHOOK
    config: {url: "https://hook.example/${name}"}
tests:
  - name: a log
    event: {path: /in/a.log}
    expect: {matched: true, actions: [WEBHOOK]}
"""


def test_a_rule_in_a_file_is_checked_without_a_centre(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rule.yaml"
    file.write_text(RULE)
    good = run("rules", "check", file)
    assert (good.code, good.out) == (0, "archive: usable, 1 test cases pass\n")
    file.write_text(RULE.replace("suffix: .log", "sufix: .log"))
    bad = run("rules", "check", file, "--json")
    assert (bad.code, [fault["pointer"] for fault in json.loads(bad.out)["faults"]]) == (2, ["/when"])
    file.write_text(RULE.replace("suffix: .log", "suffix: .gz"))
    failing = run("rules", "check", file, "--json")
    assert (failing.code, json.loads(failing.out)["failed_tests"]) == (
        4,
        [{"name": "a log", "got": "it did not match"}],
    )
