"""Takes a whole configuration of the Go version over into a draft of ours; accounts for every key."""

from __future__ import annotations

import re

from gwf.core.settings.addresses import is_loopback, parse_listen
from gwf.core.settings.draft import Draft, Note
from gwf.core.settings.legacy.keys import COMPOSE_VARIABLES, reason_left_out
from gwf.core.settings.legacy.logs import take_logs
from gwf.core.settings.legacy.mapper import Mapper
from gwf.core.settings.legacy.source import LegacyValues
from gwf.core.settings.legacy.store import take_store
from gwf.core.settings.legacy.watch import take_watch
from gwf.core.settings.values import is_origin
from gwf.core.units import format_duration, parse_duration_s

_LEVELS = {"debug": "debug", "info": "info", "warn": "warning", "error": "error"}
_MAX_WORKERS = 256
_FEWEST_ATTEMPTS = 20  #: with our waits about an hour; the Go version gave up after seconds
_GO_MAX_ATTEMPTS = 20
_GO_LONGEST_WAIT_S = 60.0
_SHOWN = {"silence": "silence", "upload_retry_delays": "retry_delays", "endpoint": "endpoint", "region": "region"}
_WORDS = re.compile(r"[,;\s]+")
_OPEN_SAFELY = (
    "for other machines: set GWF_LISTEN=0.0.0.0:{port}, GWF_API__TOKEN and TLS (GWF_API__TLS_CERT, GWF_API__TLS_KEY),"
    " or GWF_API__ALLOW_PLAIN_HTTP=true behind a TLS proxy"
)


def take_over(draft: Draft, values: LegacyValues, *, store_replaced: bool) -> None:
    """Fill `draft` from `values`; each key given there ends in a note or a problem."""
    mapper = Mapper(draft, values)
    draft.problems += values.problems + values.env_problems
    take_watch(mapper)
    take_store(mapper, replaced=store_replaced)
    _take_listen(mapper)
    _take_origins(mapper)
    _take_changes(mapper)
    _take_workers(mapper)
    _take_retry(mapper)
    _take_shown(mapper)
    _take_log(mapper)
    _take_system(mapper)
    take_logs(mapper)
    _account_for_the_rest(mapper)


def _take_listen(mapper: Mapper) -> None:
    text = mapper.values.text("api_bind") or ":8080"
    try:
        host, port = parse_listen(text if not text.startswith(":") else f"0.0.0.0{text}")
    except ValueError as exc:
        mapper.problem("api_bind", str(exc))
        return
    if is_loopback(host):
        mapper.set("api_bind", ("listen",), text)
        return
    listen = f"127.0.0.1:{port}"
    why = f"this machine only, because it answered everyone without a login; {_OPEN_SAFELY.format(port=port)}"
    mapper.draft.put(("listen",), listen, mapper.values.origin("api_bind"))
    if "api_bind" in mapper.values.given:
        mapper.note("api_bind", "listen", f"{listen}: {why}")
    else:
        mapper.draft.notes.append(Note(key="listen", text=f"{listen}: {why}"))


def _take_origins(mapper: Mapper) -> None:
    loc = ("legacy_api", "cors_origins")
    given = list(dict.fromkeys(filter(None, _WORDS.split(mapper.values.text("api_cors_origins")))))
    if not given or "*" in given:
        given = ["*"]
        text = "pages of every origin may read the legacy interface; name those that may also change something"
        if "api_cors_origins" not in mapper.values.given:
            mapper.draft.put(loc, given, mapper.values.origin("api_cors_origins"))
            mapper.draft.notes.append(Note(key="legacy_api.cors_origins", text=f"*: {text}"))
            return
        mapper.set("api_cors_origins", loc, given, text=text)
        return
    origins = [origin for origin in given if is_origin(origin)]
    odd = [origin for origin in given if origin not in origins]
    text = f"no browser sends {' '.join(odd)}: left out" if odd else ""
    mapper.set("api_cors_origins", loc, origins, text=text)


def _take_changes(mapper: Mapper) -> None:
    as_before: object = True
    mapper.draft.put(("legacy_api", "local_changes"), as_before, "as the Go version did")
    text = "true: every user of this host may change things over /api, as before; set it to false, or set api.token"
    mapper.draft.notes.append(Note(key="legacy_api.local_changes", text=text))


def _take_workers(mapper: Mapper) -> None:
    workers = mapper.values.number("upload_workers")
    if workers is None:
        mapper.leave_out("upload_workers", "not above 0: ours")
        return
    fewer = min(workers, _MAX_WORKERS)
    text = "" if fewer == workers else f"{fewer}, the most that is allowed"
    mapper.set("upload_workers", ("agent", "transfer", "workers"), fewer, text=text)


def _take_retry(mapper: Mapper) -> None:
    values = mapper.values
    if not values.flag("upload_retry_enabled", default=True):
        mapper.set(
            "upload_retry_enabled", ("agent", "retry", "max_attempts"), 1, text="one attempt, then a dead letter"
        )
        for key in ("upload_retry_max_attempts", "upload_retry_delays"):
            mapper.leave_out(key, "had no effect: retries were off")
        return
    mapper.leave_out("upload_retry_enabled", "failed files are always tried again")
    attempts = values.number("upload_retry_max_attempts")
    if attempts is not None:
        text = f"at least {_FEWEST_ATTEMPTS}: a waiting file holds no worker, and few do not outlast an outage"
        kept = max(_FEWEST_ATTEMPTS, min(attempts, _GO_MAX_ATTEMPTS))
        mapper.set("upload_retry_max_attempts", ("agent", "retry", "max_attempts"), kept, text=text)
    mapper.leave_out("upload_retry_max_attempts", "not above 0: ours")
    _take_delays(mapper)


def _take_delays(mapper: Mapper) -> None:
    delays: list[float] = []
    bad: list[str] = []
    for word in filter(None, _WORDS.split(mapper.values.text("upload_retry_delays"))):
        try:
            delays.append(parse_duration_s(word))
        except ValueError:
            bad.append(word)
    waits = [delay for delay in delays if delay > 0]
    if not waits:
        mapper.leave_out("upload_retry_delays", "holds no duration: ours")
        return
    base, cap = min(waits[0], 3600.0), min(max(_GO_LONGEST_WAIT_S, *waits), 86400.0)
    text = f"random in 0 … {format_duration(base)} doubled up to {format_duration(cap)}; waiting files hold no worker"
    text += f"; no durations and left out: {' '.join(bad)}" if bad else ""
    mapper.draft.put(("agent", "retry", "cap"), cap, mapper.values.origin("upload_retry_delays"))
    mapper.set("upload_retry_delays", ("agent", "retry", "base"), base, text=text)


def _take_shown(mapper: Mapper) -> None:
    """Keep the texts that the Go version's console shows."""
    values = mapper.values
    for key, ours in _SHOWN.items():
        if text := values.text(key):
            mapper.draft.put(("legacy_api", "shown", ours), text, values.origin(key))
    if size := values.number("upload_queue_size"):
        mapper.draft.put(("legacy_api", "shown", "queue_size"), size, values.origin("upload_queue_size"))


def _take_log(mapper: Mapper) -> None:
    values = mapper.values
    level = values.text("log_level").lower()
    if level and level not in _LEVELS:
        mapper.problem("log_level", f"is not one of {', '.join(_LEVELS)}")
    elif level:
        mapper.set("log_level", ("log", "level"), _LEVELS[level])
    file = values.text("log_file")
    if file:
        mapper.set("log_file", ("log", "file"), file, text="now rotated by size (log.rotate)")
        if "log_to_std" in values.given:
            mapper.set("log_to_std", ("log", "stderr"), values.flag("log_to_std", default=True))
    mapper.leave_out("log_to_std", "standard error is on where there is no file")


def _take_system(mapper: Mapper) -> None:
    enabled = mapper.values.flag("system_resource_enabled", default=False)
    if enabled:
        text = "ending processes needs legacy_api.terminate besides, values of environments legacy_api.environment"
        mapper.set("system_resource_enabled", ("legacy_api", "system"), enabled, text=text)
    mapper.leave_out("system_resource_enabled", "off, as here")


def _account_for_the_rest(mapper: Mapper) -> None:
    values = mapper.values
    if values.text("upload_queue_persist_file") or values.flag("upload_queue_persist_enabled", default=False):
        file = values.text("upload_queue_persist_file") or "logs/upload-queue.json"
        text = f"the journal takes its place; files still named in {file} are taken over by `gwf migrate`, not here"
        mapper.draft.notes.append(Note(key="upload_queue_persist_file", text=text))
        mapper.leave_out("upload_queue_persist_file", "see below")
    for key in mapper.left():
        mapper.leave_out(key, reason_left_out(key) or "blank")
    for key, origin in values.unknown:
        mapper.draft.notes.append(Note(key=key, text=f"the Go version did not know this key either  [{origin}]"))
    for name in COMPOSE_VARIABLES:
        if values.environ.get(name):
            text = "belongs to the Go version's compose file and has no effect here"
            mapper.draft.notes.append(Note(key=name, text=text))
