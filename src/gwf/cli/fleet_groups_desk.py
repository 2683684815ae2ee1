"""The work of `gwf fleet groups`: asks the centre, prints what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from gwf.cli import show
from gwf.cli.fleet_desk import read
from gwf.cli.running import Running
from gwf.core.errors import InputError
from gwf.core.units import format_duration
from gwf.wire.fleet import GroupPage, GroupView

PATH = "/api/v1/agent-groups"


@dataclass(frozen=True, slots=True)
class Times:
    """Thresholds as options give them, in seconds; None = not given."""

    heartbeat_s: float | None = None
    degraded_after_s: float | None = None
    offline_after_s: float | None = None
    #: go back to the usual ones
    usual: bool = False

    def given(self) -> dict[str, float]:
        """Return those that were given."""
        values = {
            "heartbeat_s": self.heartbeat_s,
            "degraded_after_s": self.degraded_after_s,
            "offline_after_s": self.offline_after_s,
        }
        return {name: value for name, value in values.items() if value is not None}


def wish_of(given: Mapping[str, object], times: Times, reason: str) -> dict[str, object]:
    """Return the body that options ask for.

    Raises:
        InputError: Times are both given and to be the usual ones.
    """
    body = {name: value for name, value in given.items() if value is not None}
    if times.usual and times.given():
        raise InputError("give times, or --usual-times, not both")
    if times.usual:
        body["thresholds"] = None
    elif times.given():
        body["thresholds"] = times.given()
    return body | {"reason": reason}


def print_groups(process: Running, *, as_json: bool) -> None:
    """Print all groups."""
    groups = read(GroupPage, process.get(PATH)).items
    if as_json:
        show.as_json({"items": [group.model_dump(mode="json") for group in groups]})
        return
    heads = ("name", "group", "agents", "selector", "priority", "heartbeat", "offline after", "description")
    show.table(heads, [_row(group) for group in groups])


def print_group(process: Running, name: str, *, as_json: bool) -> None:
    """Print one group."""
    _print(process.get(_path(name)), as_json=as_json)


def create(process: Running, wish: Mapping[str, object], *, as_json: bool) -> None:
    """Make a group and print it."""
    _print(process.send("POST", PATH, wish), as_json=as_json)


def change(process: Running, name: str, wish: Mapping[str, object], *, as_json: bool) -> None:
    """Change a group and print it."""
    _print(process.send("PATCH", _path(name), wish), as_json=as_json)


def remove(process: Running, name: str, *, reason: str) -> None:
    """Remove a group."""
    process.send("DELETE", f"{_path(name)}?{urlencode({'reason': reason})}", None)
    show.line(f"{name}: removed")


def _path(name: str) -> str:
    return f"{PATH}/{quote(name, safe='')}"


def _print(answer: object, *, as_json: bool) -> None:
    group = read(GroupView, answer)
    if as_json:
        show.as_json(group.model_dump(mode="json"))
        return
    chosen = "by name only" if group.selector is None else group.selector or "all agents"
    show.line(f"{group.name} ({group.group_id}): {group.agents} agents; {chosen}; priority {group.priority}")
    if group.thresholds is not None:
        heartbeat, late, silent = (
            format_duration(value)
            for value in (
                group.thresholds.heartbeat_s,
                group.thresholds.degraded_after_s,
                group.thresholds.offline_after_s,
            )
        )
        show.line(f"heartbeat {heartbeat}, degraded after {late}, offline after {silent}")
    if group.description:
        show.line(group.description)


def _row(group: GroupView) -> tuple[object, ...]:
    times = group.thresholds
    return (
        group.name, group.group_id, group.agents, group.selector, group.priority,
        None if times is None else format_duration(times.heartbeat_s),
        None if times is None else format_duration(times.offline_after_s), group.description,
    )  # fmt: skip
