from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run

FLOW = """\
name: two steps
steps:
  - {id: ask, action: APPROVAL}
  - {id: tell, action: WEBHOOK, config: {url: "https://hook.example/${name}"}, needs: ask}
"""


def test_a_flow_in_a_file_is_checked_without_a_centre(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "flow.yaml"
    file.write_text(FLOW)
    good = run("flows", "check", file)
    assert (good.code, good.out) == (0, "two steps: usable, 2 steps\n")
    file.write_text(FLOW.replace("needs: ask", "needs: asks"))
    bad = run("flows", "check", file, "--json")
    assert (bad.code, [fault["pointer"] for fault in json.loads(bad.out)["faults"]]) == (2, ["/steps/1/needs"])
