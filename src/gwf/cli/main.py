"""Entry point of the `gwf` command: puts the commands together and turns errors into exit codes."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from gwf.cli import (
    action,
    agent,
    audit,
    breaker,
    centre,
    check,
    config,
    db,
    demo,
    drill,
    enrol,
    events,
    fleet,
    flows,
    letters,
    login,
    migrate,
    queue,
    rollout,
    rules,
    secrets,
    server,
    sim,
    store,
    token,
    up,
    user,
    version,
    worker,
)
from gwf.cli.outcome import report
from gwf.core.errors import GwfError

app = typer.Typer(
    name="gwf",
    help="GWF carries files from hosts into object storage: none lost, none doubled, every step explained.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
)
app.command("up")(up.up)
app.command("agent")(agent.agent)
app.command("server")(server.server)
app.command("worker")(worker.worker)
app.command("demo")(demo.demo)
app.command("check")(check.check)
app.command("login")(login.login)
app.add_typer(migrate.app)
app.add_typer(config.app, name="config")
app.add_typer(db.app, name="db")
app.add_typer(drill.app)
app.add_typer(user.app, name="user")
app.add_typer(token.app, name="token")
app.add_typer(enrol.app, name="enrol")
app.add_typer(secrets.app, name="secrets")
app.add_typer(fleet.app)
app.add_typer(rollout.app)
app.add_typer(rules.app)
app.add_typer(flows.app)
app.add_typer(letters.app)
app.add_typer(queue.app, name="queue")
app.add_typer(action.app, name="action")
app.add_typer(breaker.app, name="breaker")
app.add_typer(store.app, name="store")
app.add_typer(audit.app, name="audit")
app.add_typer(events.app, name="events")
app.add_typer(centre.app, name="centre")
app.add_typer(sim.app)
app.command("version")(version.version)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command named by `arguments` (default: those of the process) and exit with its code."""
    try:
        app(args=None if arguments is None else list(arguments), prog_name="gwf")
    except GwfError as exc:
        sys.exit(report(exc))
    except KeyboardInterrupt:
        sys.exit(130)
