"""Every difference from the Go version that a replay meets on purpose; each is a row of legacy-differences.md."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.compat.compare import Mismatch
from tests.compat.recording import Exchange
from tests.compat.stage import Answer

#: addresses of endpoints that are not in this version
LATER = (
    "/api/ai/", "/api/kb/",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """One row of the page, and how to know it."""

    #: first column of the page
    name: str
    #: beginning of the paths where it may show
    path: str
    explains_: Callable[[Exchange, Mismatch], bool]

    def explains(self, exchange: Exchange, mismatch: Mismatch) -> bool:
        """Tell whether it is the reason of a mismatch."""
        return exchange.path.startswith(self.path) and self.explains_(exchange, mismatch)


def _where(pattern: str) -> Callable[[Exchange, Mismatch], bool]:
    compiled = re.compile(pattern)
    return lambda _, mismatch: compiled.fullmatch(mismatch.where) is not None


def _is_link(_: Exchange, mismatch: Mismatch) -> bool:
    return mismatch.ours is None and re.search(r"/(link\.log|etcdir)\]$", mismatch.where) is not None


def _is_order_within_a_second(exchange: Exchange, mismatch: Mismatch) -> bool:
    if mismatch.where != "/files order" or not isinstance(exchange.answer, dict):
        return False
    return len({item["time"] for item in exchange.answer["files"]}) < len(exchange.answer["files"])


def _is_bad_duration(exchange: Exchange, mismatch: Mismatch) -> bool:
    """Only the two recorded texts, and only their refusal: nothing else may hide behind it."""
    if exchange.body not in ({"silence": "soon"}, {"uploadRetryDelays": "banana"}):
        return False
    places = {"status": 400, "/ok": None, "/config": None}
    if mismatch.where == "/error more":
        return str(mismatch.ours).startswith(("静默时间无效: soon", "重试间隔无效: banana"))
    return mismatch.where in places and mismatch.ours == places[mismatch.where]


def _is_bad_poll(exchange: Exchange, mismatch: Mismatch) -> bool:
    """Only the recorded text, which is refused, and what it would have left behind."""
    if isinstance(exchange.body, dict) and exchange.body.get("pollInterval") == "banana":
        if mismatch.where == "/error more":
            return str(mismatch.ours).startswith("告警轮询间隔无效: 无效时间: banana")
        return mismatch.where in {"status", "/ok", "/config"} and mismatch.ours in (400, None)
    return exchange.name == "alert_config_after_bad"


def _is_unset_key(_: Exchange, mismatch: Mismatch) -> bool:
    """The console read null as "record only", and a save made it so; a key that is not set is left out."""
    keys = r"/rules/(rules\[\d+\]|defaults|escalation)/(match_case|notify|enabled)"
    return re.fullmatch(keys, mismatch.where) is not None and mismatch.recorded is None


OWN_AGENT = "own-agent"


def without_own_agent(exchange: Exchange, answer: Answer) -> tuple[Answer, int]:
    """Return an answer without the edge of the process itself, and in how many places it was.

    Its id has another form than those that were given to agents of the Go version; it may stand anywhere in a list.
    """
    if exchange.path not in {"/api/control/agents", "/api/control/audit"} or not answer.body.startswith(b'{"items":'):
        return answer, 0
    body = json.loads(answer.body)
    own = [item for item in body["items"] if str(item.get("resourceId", item["id"])).startswith("agt_")]
    left = [item for item in body["items"] if item not in own]
    changed = json.dumps({**body, "items": left, "total": body["total"] - len(own)}, ensure_ascii=False)
    return replace(answer, body=f"{changed}\n".encode()), len(own)


DIFFERENCES = (
    Difference(OWN_AGENT, "/api/control/", lambda _exchange, _mismatch: False),  # `without_own_agent` takes it out
    Difference("own-page", "/", lambda exchange, _: exchange.path == "/"),
    Difference("links", "/api/dashboard", _is_link),
    Difference("equal-times", "/api/dashboard", _is_order_within_a_second),
    Difference("chart", "/api/dashboard", _where(r"/chartPoints.*")),
    Difference("lasting-numbers", "/api/dashboard", lambda exchange, mismatch: exchange.phase == "B" and _where(
        r"/(metricCards|uploadRecords|monitorSummary)\b.*")(exchange, mismatch)),
    Difference("failure-texts", "/api/dashboard", _where(r"/uploadRecords\[\d+\]/note")),
    Difference("failure-texts", "/api/health", _where(r"/failureReasons\[\d+\]/reason")),
    Difference("journal-queue", "/api/health", _where(r"/persistQueue/(enabled|storeFile)")),
    Difference("health-more", "/api/health", _where(
        r"/(state|reasons|waterLevel|retryDistribution|failureClasses) more")),
    Difference("bad-durations", "/api/config", _is_bad_duration),
    Difference("system-ports", "/api/system", lambda _, mismatch: (
        re.fullmatch(r"/systemProcesses\[\d+\]/ports", mismatch.where) is not None and mismatch.recorded is None
        and isinstance(mismatch.ours, list))),
    Difference("terminate-zombie", "/api/system/terminate", lambda _, mismatch: (
        (mismatch.where, mismatch.ours) in {("/result/signal", "TERM"), ("/result/forced", False)})),
    Difference("audit-ids", "/api/control/audit", lambda _, mismatch: (
        re.fullmatch(r"/items\[\d+\]/id", mismatch.where) is not None and mismatch.ours >= mismatch.recorded)),
    Difference("bad-poll-interval", "/api/alert-config", _is_bad_poll),
    Difference("unset-keys", "/api/alert-rules", _is_unset_key),
    Difference("lasting-alerts", "/api/alerts", lambda exchange, mismatch: exchange.phase == "B" and _where(
        r"/data/(overview|decisions|stats|polling).*")(exchange, mismatch)),
    Difference("alert-knowledge-later", "/api/alerts", _where(r"/data/decisions\[\d+\]/knowledgeTrace")),
    Difference("metrics-later", "/metrics", _where(r"metric:gwf_(ai|kb)_.*")),
)  # fmt: skip
