"""The work of `gwf rules`: asks the centre about rules, reads files with them, prints what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from gwf.cli import show
from gwf.cli.config_desk import content_of
from gwf.cli.fleet_desk import read
from gwf.cli.running import Running
from gwf.core.errors import ConfigError, InputError, NotFoundError
from gwf.core.settings.draft import is_block
from gwf.core.settings.plain import plain_yaml
from gwf.core.settings.yamlfile import parse_yaml
from gwf.rules.faults import FaultyRuleError
from gwf.rules.parse import read_rule
from gwf.rules.ruleset import failed_tests
from gwf.wire.rules import DryRunView, RuleItem, RulePage, RuleStoryView, RuleView, TraceView

PATH = "/api/v1/rules"


def print_rules(process: Running, *, as_json: bool) -> None:
    """Print all rules."""
    page = read(RulePage, process.get(PATH))
    if as_json:
        show.as_json(page.model_dump(mode="json"))
        return
    heads = (
        "priority",
        "name",
        "rule",
        "state",
        "version",
        "enabled",
        "actions",
        "7 days",
        "last match",
        "shadowed by",
    )
    show.table(heads, [_row(item) for item in page.items])


def print_rule(process: Running, name: str, *, as_json: bool) -> None:
    """Print one rule."""
    view = read(RuleView, process.get(_place(process, name)))
    if as_json:
        show.as_json(view.model_dump(mode="json"))
        return
    show.line(plain_yaml(dict(view.rule)).rstrip())


def check(file: Path, *, as_json: bool) -> int:
    """Print what is wrong with a rule; return the exit code."""
    document = document_of(file)
    try:
        rule = read_rule(document)
    except FaultyRuleError as exc:
        faults = [{"pointer": one.pointer, "code": one.code, "message": one.message} for one in exc.faults]
        if as_json:
            show.as_json({"faults": faults, "failed_tests": []})
        else:
            show.table(("place", "what is wrong"), [(one["pointer"] or "/", one["message"]) for one in faults])
        return 2
    failed = [{"name": rule.tests[place].name, "got": got} for place, got in failed_tests(rule)]
    if as_json:
        show.as_json({"faults": [], "failed_tests": failed})
    elif failed:
        show.table(("test case", "what came"), [(one["name"], one["got"]) for one in failed])
    else:
        show.line(f"{rule.name}: usable, {len(rule.tests)} test cases pass")
    return 4 if failed else 0


def put(process: Running, file: Path, *, reason: str, as_json: bool) -> None:
    """Write a rule as a draft and print where it is."""
    document = document_of(file)
    name = str(document.get("name", ""))
    known = next((item for item in read(RulePage, process.get(PATH)).items if item.name == name), None)
    body = {"rule": document, "reason": reason}
    if known is None:
        answer = process.send("POST", PATH, body)
    else:
        answer = process.send("PUT", f"{PATH}/{quote(known.rule_id, safe='')}", body)
    view = read(RuleView, answer)
    if as_json:
        show.as_json(view.model_dump(mode="json"))
        return
    show.line(f"{view.name} ({view.rule_id}): version {view.draft_version} is a draft; publish it to put it into force")


def wish_of(path: str | None, row: str | None, file_row: str | None) -> Mapping[str, object]:
    """Return the event that options name.

    Raises:
        InputError: Not exactly one is named.
    """
    given = [
        *([{"path": path}] if path is not None else []),
        *([{"row_id": row, "kind": "event"}] if row is not None else []),
        *([{"row_id": file_row, "kind": "file"}] if file_row is not None else []),
    ]
    if len(given) != 1:
        raise InputError("name one event: --path, --event or --file-event")
    return given[0]


def tried(process: Running, name: str | None, wish: Mapping[str, object], *, as_json: bool) -> None:
    """Print what an event would come to."""
    place = PATH if name is None else _place(process, name)
    view = read(DryRunView, process.send("POST", f"{place}:dry-run", wish))
    if as_json:
        show.as_json(view.model_dump(mode="json"))
        return
    rows = [(story.priority, story.name, story.version, story.outcome, _why(story)) for story in view.rules]
    show.table(("priority", "rule", "version", "outcome", "why not"), rows)
    for draft in view.after.drafts:
        show.line(f"{draft.action}: {draft.config}")
    for fault in view.after.faults:
        show.line(f"{fault.action} cannot be made: the event has no {fault.field} ({fault.pointer})")


def order(process: Running, name: str, verb: str, *, body: Mapping[str, object]) -> None:
    """Do something to a rule and print where it is then."""
    view = read(RuleView, process.send("POST", f"{_place(process, name)}:{verb}", body))
    version = "out of force" if view.published_version is None else f"version {view.published_version} is in force"
    show.line(f"{view.name} ({view.rule_id}): {version}")


def document_of(file: Path) -> dict[str, object]:
    """Return the rule in a file.

    Raises:
        InputError: The file cannot be read, or holds no rule.
        ConfigError: It is no YAML.
    """
    try:
        text = content_of(file).decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise InputError("the file is not UTF-8 text", path=str(file)) from exc
    content = parse_yaml(text, source=str(file))
    if content.problems:
        raise ConfigError("the rule cannot be read", problems=tuple(content.problems))
    if not is_block(content.value):
        raise InputError("the file holds no rule: write keys such as name, when and then", path=str(file))
    return dict(content.value)


def _place(process: Running, name: str) -> str:
    items = read(RulePage, process.get(PATH)).items
    found = next((item for item in items if name in {item.rule_id, item.name}), None)
    if found is None:
        raise NotFoundError("no such rule", rule=name)
    return f"{PATH}/{quote(found.rule_id, safe='')}"


def _row(item: RuleItem) -> tuple[object, ...]:
    state = item.state if item.draft_version is None or item.state == "draft" else f"{item.state}, draft"
    return (
        item.priority, item.name, item.rule_id, state, item.version, item.enabled, ", ".join(item.actions),
        item.hits_7d, item.last_hit_at or "never", None if item.shadowed_by is None else item.shadowed_by.rule_id,
    )  # fmt: skip


def _why(story: RuleStoryView) -> str:
    if story.shadowed_by is not None:
        return f"{story.shadowed_by.rule_id} said stop"
    return "; ".join(map(_told, story.failed[:3]))


def _told(leaf: TraceView) -> str:
    seen = leaf.seen if leaf.present else "nothing"
    return f"{leaf.pointer}: {leaf.field} is {seen}" if leaf.field else leaf.pointer
