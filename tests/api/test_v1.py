"""/api/v1 reads and its problems over real HTTP."""

from __future__ import annotations

import logging

import pytest

from tests.api.conftest import Port


def test_overview_is_the_edge_s(port: Port) -> None:
    body = port.ask("/api/v1/overview").json
    assert (body["state"], body["queue"]["ready"], len(body["rates"]["points"])) == ("degraded", 212, 120)


def test_files_filter_by_repeated_state_text_and_store(port: Port) -> None:
    body = port.ask("/api/v1/files?state=waiting&state=dead&q=audit&store=archive").json
    assert {item["state"] for item in body["items"]} == {"waiting", "dead"}
    assert all("audit" in item["path"] for item in body["items"])


def test_pages_of_files_join_without_gap_or_overlap(port: Port) -> None:
    seen: list[int] = []
    cursor = ""
    for _ in range(10):
        body = port.ask(f"/api/v1/files?limit=50{cursor}").json
        seen += [item["id"] for item in body["items"]]
        if body["next_cursor"] is None:
            break
        cursor = f"&cursor={body['next_cursor']}"
    assert seen == [file.id for file in port.edge.files_list]


def test_one_file(port: Port) -> None:
    assert port.ask("/api/v1/files/1999").json["path"] == "/data/logs/app/gc-0937.log"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/files/1", 404, "not_found"),
        ("/api/v1/files/0", 422, "invalid_request"),
        ("/api/v1/files/99999999999999999999", 422, "invalid_request"),
        ("/api/v1/files?state=lost", 422, "invalid_request"),
        ("/api/v1/files?limit=201", 422, "invalid_request"),
        ("/api/v1/files?cursor=x", 400, "invalid_input"),
        ("/api/v1/nothing", 404, "not_found"),
        ("/nothing", 404, "not_found"),
    ],
)
def test_faults_are_problems_with_a_code(port: Port, path: str, status: int, code: str) -> None:
    answer = port.ask(path)
    assert (answer.status, answer.json["code"], answer.json["status"]) == (status, code, status)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


def test_a_wrong_method_is_a_problem_that_names_the_right_one(port: Port) -> None:
    answer = port.ask("/api/v1/overview", "DELETE")
    assert (answer.status, answer.json["code"], answer.headers["Allow"]) == (405, "method_not_allowed", "GET")


def test_validation_points_at_the_field(port: Port) -> None:
    answer = port.ask("/api/v1/files?limit=0")
    assert [(fault["pointer"], fault["code"]) for fault in answer.json["errors"]] == [
        ("/query/limit", "greater_than_equal")
    ]


def test_an_unavailable_edge_says_when_to_ask_again(port: Port, caplog: pytest.LogCaptureFixture) -> None:
    port.edge.broken = True
    answer = port.ask("/api/v1/overview")
    assert (answer.status, answer.json["code"], answer.json["params"]) == (503, "unavailable", {"file": "journal.db"})
    assert (answer.headers["Retry-After"], answer.json["retry_after"]) == ("2", 2.0)
    assert "request_failed" in caplog.messages


def test_a_bug_is_logged_with_the_id_it_answers(port: Port, caplog: pytest.LogCaptureFixture) -> None:
    port.edge.crash = True
    with caplog.at_level(logging.ERROR):
        answer = port.ask("/api/v1/overview", X_Request_Id="ticket-7")
    assert (answer.status, answer.json["code"], answer.json["request_id"]) == (500, "internal", "ticket-7")
    assert b"a bug" not in answer.body
    assert [record.__dict__["request_id"] for record in caplog.records] == ["ticket-7"]


def test_request_ids_of_bad_form_are_replaced(port: Port) -> None:
    given = port.ask("/live", X_Request_Id="a b").headers["X-Request-Id"]
    assert given not in {"", "a b"}
