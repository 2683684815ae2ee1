"""`gwf check`: is the configuration usable, and what does it amount to?"""

from __future__ import annotations

import typer

from gwf.cli import show
from gwf.cli.options import ConfigOption, JsonOption
from gwf.cli.outcome import exit_code
from gwf.core.errors import ConfigError


def check(*, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check the configuration and print what it amounts to, secrets masked.

    Every problem is listed, not just the first. Exit code 2 when there is any.
    """
    from gwf.agent.logwatch import check_logs
    from gwf.cli import report, sources
    from gwf.core.settings.load import LoadedSettings

    def loaded() -> LoadedSettings:
        found = sources.load(config)
        check_logs(found.settings.agent.logs)
        return found

    if not as_json:
        report.print_settings(loaded())
        return
    try:
        show.as_json(report.document(loaded()))
    except ConfigError as exc:
        show.as_json({"ok": False, "problems": list(exc.problems) or [exc.message]})
        raise typer.Exit(exit_code(exc)) from exc
