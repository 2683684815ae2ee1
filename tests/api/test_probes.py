"""Probes, metrics and the legacy health body over real HTTP."""

from __future__ import annotations

import pytest

from tests.api.conftest import Port


def test_live_answers_while_the_edge_is_broken(port: Port) -> None:
    port.edge.broken = True
    answer = port.ask("/live")
    assert (answer.status, answer.json) == (200, {"status": "ok"})


def test_ready_names_reasons_and_stays_200_while_degraded(port: Port) -> None:
    answer = port.ask("/ready")
    assert answer.status == 200
    assert [reason["code"] for reason in answer.json["reasons"]] == ["watch_missing", "breaker_open", "dead_letters"]


def test_ready_refuses_work_when_failing(port: Port) -> None:
    port.edge.show("failing")
    answer = port.ask("/ready")
    assert (answer.status, answer.json["state"]) == (503, "failing")


def test_ready_refuses_work_when_the_edge_does_not_answer(port: Port) -> None:
    port.edge.broken = True
    assert port.ask("/ready").status == 503


def test_metrics_have_prometheus_type(port: Port) -> None:
    answer = port.ask("/metrics")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert b"gwf_up 1\n" in answer.body


@pytest.mark.parametrize("path", ["/metrics", "/api/health"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD"])
def test_other_methods_get_the_legacy_405(port: Port, path: str, method: str) -> None:
    answer = port.ask(path, method)
    assert answer.status == 405
    assert answer.body == (b"" if method == "HEAD" else b'{"error":"method not allowed"}\n')


def test_legacy_health_keeps_order_then_adds(port: Port) -> None:
    answer = port.ask("/api/health")
    assert answer.headers["Content-Type"] == "application/json"
    assert list(answer.json) == [
        "queue", "workers", "inFlight", "queueFullTotal", "queueShedTotal", "retryTotal", "uploadFailureTotal",
        "failureReasons", "persistQueue", "state", "reasons", "waterLevel", "retryDistribution", "failureClasses",
    ]  # fmt: skip


def test_legacy_health_is_compact_and_escaped_like_go(port: Port) -> None:
    body = port.ask("/api/health").body
    assert body.startswith(b'{"queue":212,"workers":8,')
    assert body.endswith(b"}\n")
    assert rb"503 \u003cSlowDown\u003e \u0026 wait" in body


def test_legacy_health_tells_level_retries_and_classes(port: Port) -> None:
    body = port.ask("/api/health").json
    assert body["waterLevel"]["files"] == 251
    assert body["retryDistribution"][0] == {"attempts": 1, "files": 14}
    assert body["failureClasses"][0] == {"class": "throttled", "attemptsTotal": 288, "filesNow": 22}
