"""`gwf version`."""

from __future__ import annotations

import platform

from gwf import __version__
from gwf.cli import show
from gwf.cli.options import JsonOption


def version(*, as_json: JsonOption = False) -> None:
    """Print the versions of GWF, Python and the platform."""
    facts = {"gwf": __version__, "python": platform.python_version(), "platform": platform.platform()}
    if as_json:
        show.as_json(facts)
    else:
        show.line(f"gwf {facts['gwf']} (Python {facts['python']}, {facts['platform']})")
