"""The work of `gwf fleet`: asks the centre, prints what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar
from urllib.parse import quote, urlencode

from pydantic import ValidationError

from gwf.cli import show
from gwf.cli.running import Running
from gwf.core.errors import ConflictError, InputError, NotFoundError, UnavailableError
from gwf.core.units import format_duration
from gwf.wire.edge import Wire
from gwf.wire.fleet import AgentDetail, AgentPage, AgentPatch, AgentSummary

PATH = "/api/v1/agents"
_PAGE = 1_000

Shape = TypeVar("Shape", bound=Wire)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which agents to list."""

    states: Sequence[str] = ()
    groups: Sequence[str] = ()
    standings: Sequence[str] = ()
    selector: str = ""
    text: str = ""
    limit: int = 1_000

    def query(self) -> list[tuple[str, str]]:
        """Return the filter as query parameters."""
        pairs = [("state", state) for state in self.states] + [("group", group) for group in self.groups]
        pairs += [("standing", standing) for standing in self.standings]
        return pairs + [(name, value) for name, value in (("selector", self.selector), ("text", self.text)) if value]


def agents_of(process: Running, wanted: Wanted) -> Iterator[AgentSummary]:
    """Yield agents, page by page.

    Raises:
        GwfError: The centre does not answer, or refuses.
    """
    left, cursor = wanted.limit, None
    while left > 0:
        query = [*wanted.query(), ("limit", str(min(left, _PAGE))), *([("cursor", cursor)] if cursor else [])]
        page = read(AgentPage, process.get(f"{PATH}?{urlencode(query)}"))
        yield from page.items
        left, cursor = left - len(page.items), page.next_cursor
        if cursor is None:
            return


def print_agents(process: Running, wanted: Wanted, *, as_json: bool) -> None:
    """Print agents by hostname."""
    agents = list(agents_of(process, wanted))
    if as_json:
        show.as_json({"items": [agent.model_dump(mode="json") for agent in agents]})
        return
    heads = ("hostname", "agent", "state", "why", "last contact", "version", "queued", "groups", "labels")
    show.table(heads, [_row(agent) for agent in agents])


def print_agent(process: Running, name: str, *, as_json: bool) -> None:
    """Print one agent."""
    _print(_agent(process, name), as_json=as_json)


def order(
    process: Running, name: str, verb: Literal["drain", "undrain", "revoke"], *, reason: str, as_json: bool
) -> None:
    """Drain, undrain or revoke one agent, and print its state then."""
    path = f"{PATH}/{quote(id_of(process, name), safe='')}:{verb}"
    _print_short(read(AgentDetail, process.send("POST", path, {"reason": reason})), as_json=as_json)


def label(process: Running, name: str, wish: AgentPatch, *, as_json: bool) -> None:
    """Set labels or the group of one agent, and print what it has then."""
    path = f"{PATH}/{quote(id_of(process, name), safe='')}"
    answer = process.send("PATCH", path, wish.model_dump(mode="json", exclude_unset=True))
    _print_short(read(AgentDetail, answer), as_json=as_json)


def wish_of(labels: Sequence[str], group: str | None, reason: str) -> AgentPatch:
    """Return what NAME=VALUE and NAME- ask for.

    Raises:
        InputError: One of them is neither, or nothing is asked for.
    """
    if not labels and group is None:
        raise InputError("name a label (NAME=VALUE, or NAME- to take it away) or --group")
    asked: dict[str, object] = {"reason": reason}
    if labels:
        asked["labels"] = dict(map(_label, labels))
    if group is not None:
        asked["group"] = group
    try:
        return AgentPatch.model_validate(asked)
    except ValidationError as exc:
        fault = exc.errors()[0]
        raise InputError("this cannot be a label", value=fault["input"], problem=fault["msg"]) from exc


def id_of(process: Running, name: str) -> str:
    """Return the id of the agent that a person named by id or by hostname.

    Raises:
        NotFoundError: No agent has it.
        ConflictError: Several agents have this hostname.
    """
    if name.startswith("agt_"):
        return name
    same = [agent for agent in agents_of(process, Wanted(text=name)) if agent.hostname == name]
    if not same:
        raise NotFoundError("no agent has this id or hostname", agent=name)
    if len(same) > 1:
        raise ConflictError(
            "several agents have this hostname: name one by its id", agents=[one.agent_id for one in same]
        )
    return same[0].agent_id


def _label(text: str) -> tuple[str, str | None]:
    name, sign, value = text.partition("=")
    if sign:
        return name, value
    if text.endswith("-"):
        return text[:-1], None
    raise InputError("a label is NAME=VALUE, or NAME- to take it away", label=text)


def _agent(process: Running, name: str) -> AgentDetail:
    return read(AgentDetail, process.get(f"{PATH}/{quote(id_of(process, name), safe='')}"))


def _row(agent: AgentSummary) -> tuple[object, ...]:
    queued = agent.metrics.queued + agent.metrics.waiting if agent.metrics else None
    return (
        agent.hostname, agent.agent_id, agent.state, agent.cause, agent.last_contact_at, agent.version, queued,
        ", ".join(group.name for group in agent.groups), _pairs(agent.labels),
    )  # fmt: skip


def _print_short(agent: AgentDetail, *, as_json: bool) -> None:
    if as_json:
        show.as_json(agent.model_dump(mode="json"))
        return
    groups = ", ".join(group.name for group in agent.groups) or "none"
    show.line(f"{agent.hostname} ({agent.agent_id}): {agent.state}; groups {groups}; labels {_pairs(agent.labels)}")


def _print(agent: AgentDetail, *, as_json: bool) -> None:
    if as_json:
        show.as_json(agent.model_dump(mode="json"))
        return
    for name, value in _facts(agent):
        if value not in {"", None}:
            show.line(f"{name:<14} {value}")
    for error in agent.errors:
        show.line(f"{'error':<14} {error.at} {error.code}: {error.message}")


def _facts(agent: AgentDetail) -> Iterator[tuple[str, str | None]]:
    yield "agent", agent.agent_id
    yield "hostname", agent.hostname
    yield "state", f"{agent.state}{f' ({agent.cause})' if agent.cause else ''} since {agent.state_since}"
    yield "last contact", agent.last_contact_at or "never"
    yield "health", "; ".join([agent.health or "not told", *(reason.code for reason in agent.reasons)])
    yield "version", f"{agent.version} on {agent.os}" if agent.os else agent.version
    yield "address", agent.address or agent.ip
    yield "labels", _pairs(agent.labels)
    yield "set here", _pairs(agent.set_labels)
    yield "groups", ", ".join(f"{group.name}{' (by name)' if group.by_name else ''}" for group in agent.groups)
    yield "clock", _clock(agent.clock_skew_ms)
    config = agent.config
    if config is not None and config.hash is not None:
        yield "configuration", f"{config.hash}{', changed on the host' if config.local else ''}"
    times = agent.thresholds
    yield (
        "called late",
        f"after {format_duration(times.degraded_after_s)}, offline {format_duration(times.offline_after_s)}",
    )
    numbers = agent.metrics
    if numbers is not None:
        yield (
            "files",
            f"{numbers.queued} queued, {numbers.waiting} waiting, {numbers.dead} dead, {numbers.done_total} done",
        )
        yield "process", f"{numbers.rss_bytes / 2**20:.0f} MiB memory, {numbers.cpu_pct:.1f} % CPU"
    yield "breakers", _pairs(agent.breakers)
    if agent.outbox is not None:
        yield "history", f"{agent.outbox.acked_seq} of {agent.outbox.last_seq} told"
    yield "registered", agent.registered_at
    yield "revoked", agent.revoked_at


def _clock(skew_ms: int | None) -> str | None:
    if skew_ms is None:
        return None
    return f"{abs(skew_ms)} ms {'ahead of' if skew_ms > 0 else 'behind'} the centre's"


def _pairs(values: dict[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in sorted(values.items()))


def read(shape: type[Shape], answer: object) -> Shape:
    """Return an answer of the centre.

    Raises:
        UnavailableError: It has a form that this release does not know.
    """
    try:
        return shape.model_validate(answer)
    except ValidationError as exc:
        raise UnavailableError("the centre answers in a form that this release does not know") from exc
