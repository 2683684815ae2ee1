"""Checks that need more than one setting, or a look at the file system."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from gwf.core.settings.actions import action_problems
from gwf.core.settings.addresses import file_path, is_loopback, parse_listen
from gwf.core.settings.centre import centre_notes, centre_problems
from gwf.core.settings.channels import channel_problems
from gwf.core.settings.complete import real_path
from gwf.core.settings.draft import Draft, Loc, Note, dotted
from gwf.core.settings.edgerules import edge_rule_problems
from gwf.core.settings.inputs import input_files, input_problems
from gwf.core.settings.keytemplate import labels_used
from gwf.core.settings.logs import log_problems
from gwf.core.settings.model import Settings, StoreSettings, WatchSettings
from gwf.core.settings.problems import nearest
from gwf.core.settings.receive import receive_notes, receive_problems
from gwf.core.settings.scripts import origin_problems
from gwf.core.settings.server import AgentsSettings
from gwf.core.units import format_duration, format_size

MIN_TOKEN_CHARS = 16  #: a shorter token can be guessed; noted, not refused

_CLOUD = ("s3", "oss")


def check(settings: Settings, draft: Draft, *, on_host: bool = True) -> None:
    """Add problems and notes for what does not fit together; a place told about before is not told again.

    `on_host` says that this host is the one that will work by the settings: named files must be there.
    """
    known = frozenset(draft.faulty)
    here = _host_problems(settings) if on_host else ()
    for loc, text in (*_problems(settings), *here, *origin_problems(draft.origins)):
        if not any(loc[:length] in known for length in range(1, len(loc) + 1)):
            draft.problem(loc, text)
    draft.notes.extend(_notes(settings) if on_host else ())


def _problems(settings: Settings) -> Iterator[tuple[Loc, str]]:
    yield from _api_problems(settings)
    yield from centre_problems(settings.agent.centre)
    yield from receive_problems(settings.agent.receive)
    yield from log_problems(settings.agent.logs)
    yield from channel_problems(settings.server.channels)
    yield from input_problems(settings.server.inputs)
    for name, store in settings.stores.items():
        yield from _store_problems(("stores", name), store)
    for at, watch in enumerate(settings.agent.watch):
        yield from _watch_problems(settings, ("agent", "watch", at), watch)
    yield from _path_problems(settings)
    yield from action_problems(settings)
    yield from _order_problems(settings)
    yield from _agents_problems(settings.server.agents)


def _agents_problems(agents: AgentsSettings) -> Iterator[tuple[Loc, str]]:
    late = 2 * agents.heartbeat if agents.degraded_after is None else agents.degraded_after
    silent = 3 * agents.heartbeat if agents.offline_after is None else agents.offline_after
    place: Loc = ("server", "agents")
    if late < 1.5 * agents.heartbeat:
        yield (*place, "degraded_after"), "must be at least 1.5 times heartbeat: agents vary their waits by a fifth"
    if silent < max(late, 2 * agents.heartbeat):
        yield (*place, "offline_after"), "must be at least degraded_after, and twice heartbeat"


def _api_problems(settings: Settings) -> Iterator[tuple[Loc, str]]:
    api = settings.api
    if (api.tls_cert is None) != (api.tls_key is None):
        missing = "tls_key" if api.tls_key is None else "tls_cert"
        yield ("api", missing), "is required: tls_cert and tls_key work together only"
    host, _ = parse_listen(settings.listen)
    if is_loopback(host):
        return
    if api.token is None and not settings.server.enabled:
        yield ("api", "token"), f"is required because listen = {settings.listen} can be reached by other machines"
    if api.tls_cert is None and api.tls_key is None and not api.allow_plain_http:
        why = f"is required because listen = {settings.listen} can be reached by other machines"
        yield ("api", "tls_cert"), f"{why}; or set api.allow_plain_http: true behind a TLS proxy"


def _host_problems(settings: Settings) -> Iterator[tuple[Loc, str]]:
    files: list[tuple[Loc, Path | None]] = [
        (("api", "tls_cert"), settings.api.tls_cert),
        (("api", "tls_key"), settings.api.tls_key),
    ]
    files += [(("stores", name, "ca_file"), store.ca_file) for name, store in settings.stores.items()]
    for loc, path in files:
        if path is not None and not os.path.isfile(path):
            yield loc, f"no such file: {path}"
    yield from input_files(settings.server.inputs)
    yield from edge_rule_problems(
        settings.agent.rules, stores=frozenset(settings.stores), labels=frozenset(settings.agent.labels)
    )
    if os.path.exists(settings.data_dir) and not os.path.isdir(settings.data_dir):
        yield ("data_dir",), f"is not a directory: {settings.data_dir}"
    if settings.log.file is not None and os.path.isdir(settings.log.file):
        yield ("log", "file"), f"is a directory: {settings.log.file}"


def _store_problems(loc: Loc, store: StoreSettings) -> Iterator[tuple[Loc, str]]:
    if not store.url.startswith(_CLOUD):
        return
    scheme = store.url.partition(":")[0]
    for key in ("access_key", "secret_key"):
        if getattr(store, key) is None:
            yield (*loc, key), f"is required for {scheme}:// stores"
    if store.endpoint is None and store.region is None:
        yield (*loc, "region"), f"is required for {scheme}:// stores without an endpoint"


def _watch_problems(settings: Settings, loc: Loc, watch: WatchSettings) -> Iterator[tuple[Loc, str]]:
    if watch.store not in settings.stores:
        hint = nearest(watch.store, list(settings.stores))
        names = ", ".join(settings.stores)
        yield (*loc, "store"), f"no store is called {watch.store!r}{hint or f'; there are: {names}'}"
    for label in labels_used(watch.key):
        if label not in settings.agent.labels:
            yield (*loc, "key"), f"uses {{label.{label}}}, but agent.labels has no {label!r}"
    if watch.max_size is not None and watch.max_size < watch.min_size:
        yield (*loc, "max_size"), f"{format_size(watch.max_size)} is less than min_size {format_size(watch.min_size)}"


def _path_problems(settings: Settings) -> Iterator[tuple[Loc, str]]:
    stores = {name: store.url for name, store in settings.stores.items() if store.url.startswith("file:")}
    stored = {name: real_path(file_path(url)) for name, url in stores.items()}
    seen: dict[Path, int] = {}
    for at, watch in enumerate(settings.agent.watch):
        loc: Loc = ("agent", "watch", at, "path")
        path = real_path(watch.path)
        first = seen.setdefault(path, at)
        if first != at:
            yield loc, f"{watch.path} is watched already by agent.watch[{first}]"
        if path == real_path(settings.data_dir):
            yield loc, f"{watch.path} is data_dir: its files would be sent for ever"
        for name, directory in stored.items():
            if path.is_relative_to(directory):
                yield loc, f"{watch.path} lies in store {name!r} ({directory}): its objects would be sent for ever"


def _order_problems(settings: Settings) -> Iterator[tuple[Loc, str]]:
    retry, breaker = settings.agent.retry, settings.agent.breaker
    if retry.cap < retry.base:
        text = f"{format_duration(retry.cap)} is less than retry.base {format_duration(retry.base)}"
        yield ("agent", "retry", "cap"), text
    if breaker.open_cap < breaker.open_for:
        text = f"{format_duration(breaker.open_cap)} is less than breaker.open_for {format_duration(breaker.open_for)}"
        yield ("agent", "breaker", "open_cap"), text


def _notes(settings: Settings) -> Iterator[Note]:
    yield from _watch_notes(settings)
    yield from _api_notes(settings)
    agent = settings.agent
    yield from centre_notes(agent.centre, agent.labels)
    watched = tuple(watch.path for watch in agent.watch)
    yield from receive_notes(agent.receive, watched, None if agent.centre is None else agent.centre.remote_files)
    if settings.faults.kill_at:
        yield Note(key="faults.kill_at", text="a drill is armed: this process will kill itself")


def _watch_notes(settings: Settings) -> Iterator[Note]:
    for at, watch in enumerate(settings.agent.watch):
        key = dotted(("agent", "watch", at, "path"))
        if not os.path.isdir(watch.path):
            what = "is not a directory" if os.path.lexists(watch.path) else "does not exist yet"
            yield Note(key=key, text=f"{watch.path} {what}; it is watched as soon as it is one")
        for outer, other in enumerate(settings.agent.watch):
            if other.path != watch.path and watch.path.is_relative_to(other.path):
                text = f"{watch.path} lies inside agent.watch[{outer}] ({other.path}); exclude it there to send it once"
                yield Note(key=key, text=text)


def _api_notes(settings: Settings) -> Iterator[Note]:
    token = settings.api.token
    if token is not None and len(token.get_secret_value()) < MIN_TOKEN_CHARS:
        yield Note(key="api.token", text=f"is shorter than {MIN_TOKEN_CHARS} characters and can be guessed")
    if settings.legacy_api.anonymous and token is not None:
        yield Note(key="legacy_api.anonymous", text="everybody who reaches the port may use /api/* and /metrics")
    if settings.legacy_api.terminate and not settings.legacy_api.system:
        yield Note(key="legacy_api.terminate", text="has no effect while legacy_api.system is off")
