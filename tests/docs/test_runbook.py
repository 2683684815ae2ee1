from __future__ import annotations

import inspect
import re

from gwf.agent import health, view
from gwf.agent.centre import reasons
from tests.docs.pages import ROOT, headings

RUNBOOK = ROOT / "docs/runbooks/edge.md"


def _reason_codes() -> set[str]:
    """Return every code that health or the view of a tree gives, read from their source."""
    found: set[str] = set()
    for module in (health, view, reasons):
        found |= set(re.findall(r"(?:_reason\(|code=)\"([a-z_]+)\"", inspect.getsource(module)))
    return found | {f"watch_{state}" for state in health._WORDS}


def test_every_reason_of_health_has_a_section_in_the_runbook() -> None:
    of_files = {"open_for_writing", "quiet_time"}
    sections = {text for level, text in headings(RUNBOOK) if level == 2}
    assert _reason_codes() - of_files == sections
