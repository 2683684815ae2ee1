"""What the Go version lost and this one keeps, and answers that the contract gives but no recording has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.agent.waiting import until
from tests.compat.stage import Stage, set_stage

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with set_stage(tmp_path_factory.mktemp("live"), "vm") as made:
        made.plant()
        made.start()
        yield made


def post(stage: Stage, target: str, body: object) -> tuple[int, dict[str, Any]]:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = stage.ask(target, "POST", body=sent)
    return answer.status, json.loads(answer.body)


def files(stage: Stage) -> dict[str, dict[str, Any]]:
    body = json.loads(stage.ask("/api/dashboard?refresh=true").body)
    return {item["name"]: item for item in body["files"]}


def stored(stage: Stage) -> list[str]:
    return [key.rpartition("/")[2] for key in stage.store.state.objects]


def test_a_file_that_settles_outlives_changes_of_the_configuration(stage: Stage) -> None:
    (stage.watch / "app" / "settling.log").write_bytes(b"x")
    for workers in (3, 4, 5):
        assert post(stage, "/api/config", {"uploadWorkers": workers})[0] == 200
    until(lambda: stored(stage).count("settling.log") == 1)
    stage.quiet()
    done = json.loads(stage.ask("/api/dashboard?mode=light").body)["uploadRecords"]
    assert [item["result"] for item in done if item["file"] == "settling.log"] == ["success", "pending"]


def test_switches_and_statuses_outlive_changes_and_restarts(stage: Stage) -> None:
    path = str(stage.watch / "bin")
    assert post(stage, "/api/auto-upload", {"path": path, "enabled": False}) == (
        200, {"ok": True, "path": path, "status": False},
    )  # fmt: skip
    assert post(stage, "/api/config", {"uploadRetryDelays": "2s"})[0] == 200
    (stage.watch / "bin" / "held.log").write_bytes(b"x")
    until(lambda: files(stage).get("held.log", {}).get("status") == "queued")
    stage.stop()
    stage.start()
    held = files(stage)["held.log"]
    assert (held["status"], held["autoUpload"]) == ("queued", False)
    assert "held.log" not in stored(stage)
    assert json.loads(stage.ask("/api/dashboard?mode=light").body)["configSnapshot"]["uploadRetryDelays"] == "2s"
    assert post(stage, "/api/manual-upload", {"path": f"{path}/held.log"})[0] == 200
    until(lambda: "held.log" in stored(stage))


@pytest.mark.parametrize(
    ("target", "body", "error"),
    [
        ("/api/config", b"[]", "invalid payload"),
        ("/api/config", b"", "invalid payload"),
        ("/api/config", b'{"uploadWorkers":3.5}', "invalid payload"),
        ("/api/config", b'{"watchDir":"/no/such"}', "监控目录无效: stat /no/such: no such file or directory"),
        ("/api/config", b'{"watchDir":" , ;"}', "监控目录不能为空"),
        ("/api/config", b'{"fileExt":"log"}', "文件后缀必须以 '.' 开头"),
        ("/api/manual-upload", b"{", "invalid payload"),
        ("/api/manual-upload", b"{}", "invalid payload"),
        ("/api/manual-upload", b'{"path":"/etc/passwd"}', "文件路径不在监控目录下: /etc/passwd"),
        ("/api/manual-upload", b'{"path":"%(watch)s"}', "文件路径不在监控目录下: %(watch)s"),
        ("/api/manual-upload", b'{"path":"%(watch)s/..hidden.log"}', "文件路径不在监控目录下: %(watch)s/..hidden.log"),
        ("/api/manual-upload", b'{"path":"%(watch)s/no/such.log"}',
         "解析文件路径失败: lstat %(watch)s/no: no such file or directory"),
        ("/api/auto-upload", b'{"path":""}', "invalid payload"),
        ("/api/auto-upload", b'{"path":"/a","enabled":"yes"}', "invalid payload"),
    ],
)  # fmt: skip
def test_refusals_that_the_contract_names(stage: Stage, target: str, body: bytes, error: str) -> None:
    watch = str(stage.watch)
    sent = body.replace(b"%(watch)s", watch.encode())
    assert post(stage, target, sent) == (400, {"error": error.replace("%(watch)s", watch)})


@pytest.mark.parametrize("body", [b"null", b'{"SILENCE":"1s"}', b'{"watchDir":null}'])
def test_lenient_bodies_that_the_contract_names(stage: Stage, body: bytes) -> None:
    status, answer = post(stage, "/api/config", body)
    assert (status, answer["ok"]) == (200, True)
    assert answer["config"]["silence"] == "1s"


@pytest.mark.parametrize("mode", ["light", "lite", "LIGHT"])
def test_the_light_form_has_all_members_and_no_cache(stage: Stage, mode: str) -> None:
    answer = stage.ask(f"/api/dashboard?mode={mode}")
    body = json.loads(answer.body)
    assert (body["directoryTree"], body["files"]) == ([], [])
    assert len(body) == 9
    assert "x-dashboard-cache" not in answer.headers


def test_no_foreign_page_changes_anything(stage: Stage) -> None:
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        for target in ("/api/config", "/api/auto-upload", "/api/manual-upload", "/api/system/terminate"):
            answer = stage.ask(target, "POST", body=b"{}", headers=headers)
            assert (answer.status, json.loads(answer.body)) == (403, {"error": "origin not allowed"})
