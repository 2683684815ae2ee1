"""/api/system and /api/system/terminate over real HTTP, on a host in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gwf.agent.host.terminate import InvalidPidError, ProtectedProcessError
from gwf.api.legacy.system import system_routes
from gwf.api.legacy.system_body import system_body
from gwf.api.legacy.words import rate, size, span
from gwf.core.errors import DeniedError, GwfError, LocalIoError, NotFoundError
from tests.agent.host.views import process, view
from tests.api.conftest import Answer, Port, open_port
from tests.api.fake_edge import FakeEdge
from tests.api.fake_host import FakeHost


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


@pytest.fixture
def served(host: FakeHost) -> Iterator[Port]:
    with open_port(FakeEdge(), legacy=system_routes(host)) as running:
        yield running


def terminate(port: Port, body: object, **headers: str) -> Answer:
    text = body if isinstance(body, str) else json.dumps(body)
    return port.ask("/api/system/terminate", "POST", body=text.encode(), **headers)


def test_the_body_has_the_words_of_the_page() -> None:
    body: Any = system_body(view(), [process(11, name="npm ci", ports=["0.0.0.0:80"])], {11: ["A=******"]})
    overview, item = body["systemOverview"], body["systemProcesses"][0]
    assert overview | {"lastUpdated": ""} == {
        "host": "vm",
        "os": "debian 12.11",
        "kernel": "6.1.0",
        "uptime": "41分",
        "load": "4.27 / 3.95 / 4.09",
        "ip": "192.0.2.2",
        "lastUpdated": "",
        "processes": 122,
        "connections": 394,
        "connectionsBreakdown": "ESTABLISHED 23 · TIME_WAIT 368 · LISTEN 13",
        "cpuTemp": "--",
        "topProcess": "npm ci",
    }
    assert item | {"start": ""} == {
        "pid": 11,
        "name": "npm ci",
        "command": "java -jar app.jar",
        "user": "app",
        "status": "sleeping",
        "cpu": 0.0,
        "mem": 1.5,
        "rss": "318.3 MB",
        "threads": 11,
        "start": "",
        "uptime": "3分",
        "ports": ["0.0.0.0:80"],
        "ioRead": "--",
        "ioWrite": "2.0 KB/s",
        "netIn": "--",
        "netOut": "--",
        "cwd": "/srv/app",
        "path": "/usr/bin/java",
        "env": ["A=******"],
    }
    assert body["systemVolumes"] == [{"mount": "/", "usedPct": 32.0, "used": "32.0 GB", "total": "252.0 GB"}]


def test_the_gauges_are_processors_memory_and_disks() -> None:
    gauges: Any = system_body(view(cpu_temp_c=61.4), [], {})["systemGauges"]
    assert [gauge["id"] for gauge in gauges] == ["cpu", "memory", "disk"]
    assert gauges[0] == {
        "id": "cpu",
        "label": "CPU 使用率",
        "usedPct": 100.0,
        "usedLabel": "100.0%",
        "totalLabel": "2 核 · 2.3 GHz",
        "subLabel": "4.27 / 3.95 / 4.09",
        "trend": "空闲 0.0% · 温度 61C",
        "tone": "critical",
    }
    assert [gauge["subLabel"] for gauge in gauges[1:]] == ["缓存 4.0 GB · 交换 0 B/0 B", "读取 0 B/s · 写入 0 B/s"]
    assert [gauge["trend"] for gauge in gauges[1:]] == ["可用 22.0 GB", "分区 1 个"]
    assert [gauge["tone"] for gauge in gauges[1:]] == ["normal", "normal"]


@pytest.mark.parametrize(
    ("cpu", "mem", "note"),
    [(60, 20, "CPU/内存偏高"), (60, 19, "高 CPU 负载"), (59, 20, "内存占用偏高"), (59, 19, None)],
)
def test_a_note_marks_what_uses_much(cpu: float, mem: float, note: str | None) -> None:
    body: Any = system_body(view(), [process(cpu_pct=cpu, mem_pct=mem)], {})
    assert body["systemProcesses"][0].get("note") == note


def test_words_for_sizes_rates_and_spans() -> None:
    assert [size(value) for value in (0, 1023, 1024, 1.5 * 1024**3, 5000 * 1024**4)] == [
        "0 B", "1023 B", "1.0 KB", "1.5 GB", "5000.0 TB",
    ]  # fmt: skip
    assert [rate(value) for value in (None, 0, 2048)] == ["--", "0 B/s", "2.0 KB/s"]
    assert [span(value) for value in (-1, 0, 59, 3599, 3600, 90061)] == [
        "--", "1分", "1分", "59分", "1小时 0分", "1天 1小时 1分",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "pids"),
    [
        ("", [10, 11, 12]),
        ("limit=2", [10, 11]),
        ("limit=0", [10, 11, 12]),
        ("limit=-4", [10, 11, 12]),
        ("mode=LITE", []),
    ],
)
def test_a_limit_and_a_mode_shorten_the_list(served: Port, query: str, pids: list[int]) -> None:
    body = served.ask(f"/api/system?{query}").json
    assert [item["pid"] for item in body["systemProcesses"]] == pids
    assert (body["systemOverview"]["topProcess"], body["systemOverview"]["processes"]) == (
        "java" if pids else "--",
        122,
    )


def test_environments_come_only_when_asked_for(served: Port) -> None:
    assert served.ask("/api/system?limit=1").json["systemProcesses"][0]["env"] == []
    assert served.ask("/api/system?limit=1&includeEnv=yes").json["systemProcesses"][0]["env"] == ["A=******"]


@pytest.mark.parametrize("limit", ["abc", "1.5", "0x2", "१"])
def test_a_limit_that_is_no_number_is_refused(served: Port, limit: str) -> None:
    answer = served.ask(f"/api/system?limit={limit}" if limit.isascii() else "/api/system?limit=%E0%A5%A7")
    assert (answer.status, answer.json) == (400, {"error": "invalid limit"})


def test_switched_off_both_are_refused(served: Port, host: FakeHost) -> None:
    host.off = True
    answers = [served.ask("/api/system?limit=abc"), terminate(served, "nonsense")]
    assert [(answer.status, answer.json["error"]) for answer in answers] == [
        (403, "系统资源未启用，请先在控制台配置开启"),
        (403, "system resource console disabled"),
    ]


def test_a_host_that_cannot_be_read_is_a_fault(served: Port, host: FakeHost) -> None:
    host.fault = LocalIoError("the state of the host cannot be read", reason="no /proc")
    answer = served.ask("/api/system")
    assert (answer.status, "no /proc" in answer.json["error"]) == (500, True)


def test_ending_a_process(served: Port, host: FakeHost) -> None:
    answer = terminate(served, {"PID": 17, "force": True}, X_Gwf_Author="li")
    assert answer.body == b'{"ok":true,"result":{"pid":17,"name":"sleep","signal":"KILL","forced":true}}\n'
    assert host.ended == [(17, True, "li")]


@pytest.mark.parametrize("body", ["", "[]", {"pid": "3"}, {"pid": 2**31}, {"pid": 1.5}, {"pid": 3, "force": 1}])
def test_a_wrong_payload_ends_nothing(served: Port, host: FakeHost, body: object) -> None:
    answer = terminate(served, body)
    assert (answer.status, answer.json) == (400, {"error": "invalid request payload"})
    assert host.ended == []


@pytest.mark.parametrize(
    ("fault", "status", "text"),
    [
        (InvalidPidError("x"), 400, "invalid pid"),
        (ProtectedProcessError("x"), 400, "refuse to terminate current api process"),
        (NotFoundError("x"), 404, "process not found"),
        (DeniedError("x"), 403, "permission denied"),
        (LocalIoError("it does not end", pid=3), 500, "it does not end (pid=3)"),
    ],
)
def test_refusals_have_the_texts_that_clients_know(
    served: Port, host: FakeHost, fault: GwfError, status: int, text: str
) -> None:
    host.fault = fault
    answer = terminate(served, {"pid": 3})
    assert (answer.status, answer.json) == (status, {"error": text})
