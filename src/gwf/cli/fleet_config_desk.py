"""The work of `gwf fleet config`: asks the centre, prints what it says."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote, urlencode

from gwf.cli import show
from gwf.cli.config_desk import content_of
from gwf.cli.fleet_desk import id_of
from gwf.cli.rollout_desk import JSON, print_attempt_page, print_impact, read
from gwf.cli.running import Running
from gwf.core.errors import NotFoundError
from gwf.core.settings.draft import is_block
from gwf.wire.configviews import VersionItemPage
from gwf.wire.fleet import GroupView
from gwf.wire.rollouts import (
    AgentConfigOutcome,
    AgentConfigView,
    AttemptPage,
    DriftPage,
    LayerPage,
    LayerView,
    OfferedAgain,
    ValueChange,
    VersionDiff,
    VersionOutcome,
    VersionView,
)

LAYERS, VERSIONS, AGENTS = "/api/v1/config-layers", "/api/v1/config-versions", "/api/v1/agents"
GROUPS, YAML = "/api/v1/agent-groups", "application/yaml"


def print_layers(process: Running, *, as_json: bool) -> None:
    """Print all layers."""
    answer = process.get(LAYERS)
    if as_json:
        show.as_json(answer)
        return
    rows = [
        (view.layer_id, _named(view), "none" if view.current is None else view.current.number, view.newest_number,
         "" if view.current is None else view.current.author, view.rollout_id or "")
        for view in _layers(answer)
    ]  # fmt: skip
    show.table(("layer", "for", "in force", "newest", "by", "rollout"), rows)


def remove_layer(process: Running, layer: str, *, reason: str) -> None:
    """Remove a layer.

    Raises:
        NotFoundError: There is none.
        ConflictError: A rollout is under way in it, or agents work by it.
    """
    process.send(
        "DELETE", f"{LAYERS}/{quote(_layer_id(process, layer), safe='')}?{urlencode({'reason': reason})}", None
    )
    show.line(f"{layer}: removed")


def print_versions(process: Running, layer: str | None, *, limit: int, as_json: bool) -> None:
    """Print versions, newest first."""
    query: dict[str, object] = {"limit": limit}
    if layer is not None:
        query["layer"] = _layer_id(process, layer)
    answer = process.get(f"{VERSIONS}?{urlencode(query)}")
    if as_json:
        show.as_json(answer)
        return
    names = _layer_names(process)
    rows = [
        (
            item.version_id,
            names.get(item.layer_id, item.layer_id),
            item.number,
            item.created_at,
            item.author,
            item.reason,
        )
        for item in read(VersionItemPage, answer).items
    ]
    show.table(("version", "layer", "number", "written", "by", "reason"), rows)


def print_version(process: Running, version: str, *, as_json: bool) -> None:
    """Print a version with its document."""
    answer = process.get(f"{VERSIONS}/{quote(version, safe='')}")
    if as_json:
        show.as_json(answer)
        return
    view = read(VersionView, answer)
    layer = _layer_names(process).get(view.layer_id, view.layer_id)
    show.line(f"version {view.number} of layer {layer}, {view.created_at} by {view.author}: {view.reason}")
    show.as_json(view.document)
    _print_changes(view.changes)


def print_diff(process: Running, version: str, against: str | None, *, as_json: bool) -> None:
    """Print how two versions differ."""
    query = f"?{urlencode({'against': against})}" if against else ""
    answer = process.get(f"{VERSIONS}/{quote(version, safe='')}/diff{query}")
    if as_json:
        show.as_json(answer)
        return
    _print_changes(read(VersionDiff, answer).changes)


def write(process: Running, layer: str, file: Path, *, reason: str, dry_run: bool, as_json: bool) -> None:
    """Write a version of a layer."""
    path = f"{LAYERS}/{quote(_made_layer(process, layer, reason), safe='')}/versions"
    answer = process.post(path, content_of(file), media_type=YAML, reason=reason, dry_run=dry_run)
    _print_outcome(answer, as_json=as_json)


def rollback(process: Running, version: str, *, reason: str, dry_run: bool, as_json: bool) -> None:
    """Write an old version anew."""
    body = json.dumps({"reason": reason}).encode()
    path = f"{VERSIONS}/{quote(version, safe='')}:rollback"
    _print_outcome(process.post(path, body, media_type=JSON, dry_run=dry_run), as_json=as_json)


def print_agent(process: Running, agent: str, *, as_json: bool) -> None:
    """Print what an agent should run."""
    answer = process.get(f"{_agent(process, agent)}/config")
    if as_json:
        show.as_json(answer)
        return
    view = read(AgentConfigView, answer)
    show.line(f"{view.agent_id}: {view.standing}")
    show.line(f"should run {view.wanted_hash}")
    show.line(f"runs       {view.running_hash or 'its own file only'}{' (changed on the host)' if view.local else ''}")
    versions = {item.version_id: item.number for item in view.versions}
    names = {item.layer_id: _named(item) for item in view.layers}
    rows = [
        (pointer, _value_at(view.document, pointer), f"{names[origin.layer_id]}, version {versions[origin.version_id]}")
        for pointer, origin in view.origins.items()
    ]
    show.table(("value", "is", "from"), rows)
    for fault in view.faults:
        show.warn(fault.message)


def print_attempts(process: Running, agent: str, *, as_json: bool) -> None:
    """Print what an agent was offered."""
    answer = process.get(f"{_agent(process, agent)}/config-attempts")
    if as_json:
        show.as_json(answer)
        return
    print_attempt_page(read(AttemptPage, answer))


def set_agent(process: Running, agent: str, file: Path, *, reason: str, dry_run: bool, as_json: bool) -> None:
    """Give an agent a configuration of its own."""
    path = f"{_agent(process, agent)}/config"
    answer = process.post(path, content_of(file), media_type=YAML, reason=reason, dry_run=dry_run)
    if as_json:
        show.as_json(answer)
        return
    outcome = read(AgentConfigOutcome, answer)
    _print_changes(outcome.changes)
    print_impact(outcome.impact)
    if dry_run:
        show.line("This was looked at only: nothing was changed.")
    else:
        show.line(f"version {outcome.version.version_id}, rollout {outcome.rollout.rollout_id}")


def retry(process: Running, agent: str, *, reason: str, as_json: bool) -> None:
    """Have an agent offered again what it refused."""
    body = json.dumps({"reason": reason}).encode()
    answer = process.post(f"{_agent(process, agent)}/config:retry", body, media_type=JSON)
    if as_json:
        show.as_json(answer)
        return
    again = read(OfferedAgain, answer)
    show.line(f"{again.agent_id} is offered {again.hash} again")


def print_drift(process: Running, standings: tuple[str, ...], *, limit: int, as_json: bool) -> None:
    """Print agents by how their configuration stands."""
    query = urlencode([*(("standing", word) for word in standings), ("limit", limit)])
    answer = process.get(f"/api/v1/config-drift?{query}")
    if as_json:
        show.as_json(answer)
        return
    page = read(DriftPage, answer)
    rows = [(item.agent_id, item.standing, item.running_hash or "", item.wanted_hash) for item in page.items]
    show.table(("agent", "standing", "runs", "should run"), rows)
    show.line(", ".join(f"{word}: {count}" for word, count in page.counts.items()) or "no agents")


def _agent(process: Running, name: str) -> str:
    return f"{AGENTS}/{quote(id_of(process, name), safe='')}"


def _layers(answer: object) -> list[LayerView]:
    return read(LayerPage, answer).items


def _layer_names(process: Running) -> dict[str, str]:
    return {view.layer_id: _named(view) for view in _layers(process.get(LAYERS))}


def _find_layer(process: Running, name: str) -> LayerView | None:
    kind, _, subject = name.partition(":")
    for view in _layers(process.get(LAYERS)):
        if name == view.layer_id or (kind == view.kind and subject in {view.subject, view.name or view.subject}):
            return view
    return None


def _layer_id(process: Running, name: str) -> str:
    view = _find_layer(process, name)
    if view is None:
        raise NotFoundError("no such layer: `gwf fleet config layers` lists them", layer=name)
    return view.layer_id


def _made_layer(process: Running, name: str, reason: str) -> str:
    """Return the id of a layer; one that is named by what it is for is made when it is not there."""
    view = _find_layer(process, name)
    if view is not None:
        return view.layer_id
    kind, _, subject = name.partition(":")
    if kind == "group":
        subject = read(GroupView, process.get(f"{GROUPS}/{quote(subject, safe='')}")).group_id
    elif kind == "agent":
        subject = id_of(process, subject)
    elif name != "base":
        raise NotFoundError("no such layer: name it base, group:NAME or agent:ID", layer=name)
    body = json.dumps({"kind": kind, "subject": subject, "reason": reason}).encode()
    return read(LayerView, process.post(LAYERS, body, media_type=JSON)).layer_id


def _print_outcome(answer: object, *, as_json: bool) -> None:
    if as_json:
        show.as_json(answer)
        return
    outcome = read(VersionOutcome, answer)
    _print_changes(outcome.changes)
    if outcome.dry_run:
        show.line("This was compared only: nothing was written.")
    else:
        show.line(f"version {outcome.version.version_id} is number {outcome.version.number}; nobody runs it yet:")
        show.line(f"gwf rollout start {outcome.version.version_id} --dry-run")


def _print_changes(changes: list[ValueChange]) -> None:
    if not changes:
        show.line("Nothing differs.")
        return
    show.table(("value", "old", "new"), [(one.pointer, _text(one.old), _text(one.new)) for one in changes])


def _named(view: LayerView) -> str:
    return view.kind if view.kind == "base" else f"{view.kind} {view.name or view.subject}"


def _value_at(document: object, pointer: str) -> str:
    value: object = document
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        value = value.get(key) if is_block(value) else None
    return _text(value)


def _text(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
