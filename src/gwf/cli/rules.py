"""`gwf rules`: what is to be done about events; written, tried, put into force and taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption

app = typer.Typer(name="rules", no_args_is_help=True, help="Rules: what is to be done about events.")

Rule = Annotated[str, typer.Argument(metavar="RULE", help="Id or name of a rule.")]
RuleFile = Annotated[Path, typer.Argument(metavar="FILE", help="The rule, in YAML or JSON.", dir_okay=False)]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept in the audit.")]


@app.command("ls")
def ls(*, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List rules in the order in which they are asked."""
    from gwf.cli import rules_desk, running

    rules_desk.print_rules(running.find(data, config), as_json=as_json)


@app.command("show")
def show(rule: Rule, *, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show one rule as YAML, the draft if there is one."""
    from gwf.cli import rules_desk, running

    rules_desk.print_rule(running.find(data, config), rule, as_json=as_json)


@app.command("check")
def check(file: RuleFile, *, as_json: JsonOption = False) -> None:
    """Say what is wrong with a rule in a file, and run its test cases; no centre is needed."""
    from gwf.cli import rules_desk

    raise typer.Exit(rules_desk.check(file, as_json=as_json))


@app.command("put")
def put(
    file: RuleFile,
    *,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a rule as a draft: a new rule, or the next version of the one that has its name."""
    from gwf.cli import rules_desk, running

    rules_desk.put(running.find(data, config), file, reason=reason, as_json=as_json)


@app.command("test")
def try_(
    rule: Annotated[str | None, typer.Argument(metavar="[RULE]", help="Whose draft is tried; none = as it is.")] = None,
    *,
    path: Annotated[str | None, typer.Option("--path", metavar="PATH", help="A file that was stored.")] = None,
    row: Annotated[str | None, typer.Option("--event", metavar="ROW_ID", help="A stored event.")] = None,
    file_row: Annotated[str | None, typer.Option("--file-event", metavar="ROW_ID", help="A stored file event.")] = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what an event would come to and why; nothing is done."""
    from gwf.cli import rules_desk, running

    wish = rules_desk.wish_of(path, row, file_row)
    rules_desk.tried(running.find(data, config), rule, wish, as_json=as_json)


@app.command("publish")
def publish(
    rule: Rule,
    *,
    observe: Annotated[bool, typer.Option("--observe", help="Only note what it matches; nothing is done.")] = False,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Put the draft of a rule into force, if it passes its own test cases."""
    from gwf.cli import rules_desk, running

    body = {"reason": reason} | ({"mode": "observe"} if observe else {})
    rules_desk.order(running.find(data, config), rule, "publish", body=body)


@app.command("rollback")
def rollback(
    rule: Rule,
    version: Annotated[int, typer.Argument(metavar="VERSION", min=1, help="Number of an old version.")],
    *,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Put the content of an old version into force again, as a new version."""
    from gwf.cli import rules_desk, running

    rules_desk.order(running.find(data, config), rule, "rollback", body={"version": version, "reason": reason})


@app.command("retire")
def retire(rule: Rule, *, reason: Reason = "", data: DataOption = None, config: ConfigOption = None) -> None:
    """Take a rule out of force; its versions stay."""
    from gwf.cli import rules_desk, running

    rules_desk.order(running.find(data, config), rule, "retire", body={"reason": reason})
