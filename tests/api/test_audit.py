"""The record of changes over the port, on a whole centre with a database in memory."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from gwf.app.centre import Centre, open_centre
from gwf.audit.export import lines_in, verify_export
from gwf.core.settings.model import Settings
from gwf.core.settings.server import DatabaseSettings, ServerSettings
from gwf.db.tables.audit import audit_logs
from tests.agent.waiting import until
from tests.api.centre_port import CentrePort, open_late
from tests.api.fake_accounts import FakeAccounts
from tests.audit.chains import entry

ROWS = 30


def opened_port(data_dir: Path, *, damaged: bool = False) -> Iterator[CentrePort]:
    settings = Settings(data_dir=data_dir, server=ServerSettings(database=DatabaseSettings(url="memory")))

    @asynccontextmanager
    async def opened() -> AsyncIterator[Centre]:
        async with open_centre(settings) as centre:
            async with centre.database.core.change() as change:
                for number in range(1, ROWS + 1):
                    change.record(entry(number))
                change.record(entry(1, tenant="acme"))
            if damaged:
                async with centre.database.core.change() as change:
                    await change.connection.execute(
                        sa.update(audit_logs).where(audit_logs.c.seq == 9).values(changes="not json")
                    )
            centre.identity.accounts = FakeAccounts()  # type: ignore[assignment]  # the tokens are names of roles
            yield centre

    with open_late(opened) as port:
        yield port


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CentrePort]:
    yield from opened_port(tmp_path_factory.mktemp("centre"))


@pytest.fixture
def damaged(tmp_path: Path) -> Iterator[CentrePort]:
    yield from opened_port(tmp_path, damaged=True)


def test_entries_are_listed_newest_first_page_by_page(port: CentrePort) -> None:
    seqs: list[int] = []
    cursor = ""
    while True:
        page = port.ask(f"/api/v1/audit?limit=7&action=agent.drain{cursor}").json
        seqs += [item["seq"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seqs == list(range(ROWS - 1, 0, -2))


def test_an_entry_tells_who_what_when_and_why(port: CentrePort) -> None:
    shown = port.ask("/api/v1/audit/4").json
    assert shown["actor"] == {"kind": "anonymous", "id": "usr-4", "address": "10.0.0.7", "name": ""}
    assert shown["resource"] == {"kind": "agent", "id": "agt-000004", "name": "", "facts": {}}
    assert shown["action"] == "rollout.create"
    assert (shown["at"], shown["reason"]) == ("2023-11-14T22:13:23.988Z", "换盘 «sda»\nline two")
    assert {"path": "/state", "before": "online", "after": "draining"} in shown["changes"]
    assert len(shown["hash"]) == 64


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "/query/limit"), ("limit=1001", "/query/limit"), ("limit=x", "/query/limit"),
        ("since=yesterday", "/query/since"), (f"value={'x' * 201}", "/query/value"),
        (f"q={'x' * 201}", "/query/q"),
    ],
)  # fmt: skip
def test_a_query_that_does_not_fit_is_refused_by_name(port: CentrePort, query: str, pointer: str) -> None:
    answer = port.ask(f"/api/v1/audit?{query}")
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_a_cursor_that_is_none_is_refused(port: CentrePort) -> None:
    answer = port.ask("/api/v1/audit?cursor=xx")
    assert (answer.status, answer.json["code"]) == (400, "invalid_cursor")


def test_an_extract_holds_what_the_list_shows_with_filters_and_checksum(port: CentrePort) -> None:
    query = "action=agent.&actor_kind=user&actor_kind=agent&changed=true"
    shown = [item["seq"] for item in port.ask(f"/api/v1/audit?{query}").json["items"]]
    first, *rows, last = port.ask(f"/api/v1/audit:extract?{query}").body.splitlines(keepends=True)
    assert json.loads(first)["filters"] == {"action": ["agent."], "actor_kind": ["user", "agent"], "changed": True}
    assert [json.loads(row)["seq"] for row in rows] == shown != []
    assert json.loads(last) == {"rows": len(rows), "sha256": hashlib.sha256(b"".join((first, *rows))).hexdigest()}


def test_a_summary_tells_days_and_who_did_what(port: CentrePort) -> None:
    summary = port.ask("/api/v1/audit:summary?action=agent.drain&utc_offset_min=480").json
    assert (summary["total"], summary["complete"]) == (ROWS // 2, True)
    assert {day["day"] for day in summary["days"]} == {"2023-11-15"}
    assert summary["actions"] == [{"value": "agent.drain", "name": "", "kind": "", "count": ROWS // 2}]
    assert sum(actor["count"] for actor in summary["actors"]) == ROWS // 2


def test_times_without_a_zone_are_utc(port: CentrePort) -> None:
    query = "since=2023-11-14T22:13:25Z&until=2023-11-15T06:13:27%2B08:00"
    assert [item["seq"] for item in port.ask(f"/api/v1/audit?{query}").json["items"]] == [7, 6]
    query = "since=2023-11-14T22:13:25&until=2023-11-14T22:13:27"
    assert [item["seq"] for item in port.ask(f"/api/v1/audit?{query}").json["items"]] == [7, 6]


@pytest.mark.parametrize(
    ("query", "seqs"),
    [
        ("value=draining&field=state", [4, 3, 2, 1]),  # it became so, or was so
        ("value=Draining&field=line", [4, 3, 2, 1]),  # both filters, not the same field of both
        ("value=3", [2]),  # a number
        ("value=drain", []),  # never a part of a value
        ("value=%25", []),
        ("address=10.0.0.7", [4, 3, 2, 1]),
        ("address=10.0.", [4, 3, 2, 1]),
        ("address=10.0", []),
    ],
)
def test_entries_are_found_by_a_value_and_by_where_they_came_from(
    port: CentrePort, query: str, seqs: list[int]
) -> None:
    early = "until=2023-11-14T22:13:24.9Z"
    assert [item["seq"] for item in port.ask(f"/api/v1/audit?{early}&{query}").json["items"]] == seqs


def test_values_of_a_filter_are_searched_as_if_none_were_chosen(port: CentrePort) -> None:
    def values(query: str) -> list[tuple[str, int]]:
        return [(one["value"], one["count"]) for one in port.ask(f"/api/v1/audit:values?{query}").json["items"]]

    half = ROWS // 2
    early = "&until=2023-11-15T00:00:00Z"
    assert values(f"of=action&action=agent.drain{early}") == [("agent.drain", half), ("rollout.create", half)]
    assert values(f"of=action&find=OUT{early}") == [("rollout.create", half)]
    assert values(f"of=address{early}") == [("10.0.0.7", ROWS)]
    assert values(f"of=actor&find=usr-16{early}") == [("usr-16", 1)]
    assert values(f"of=resource_kind&resource_kind=user&actor_kind=user{early}")[0][0] == "agent"
    refused = port.ask("/api/v1/audit:values?of=colour")
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/query/of")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/audit",
        "/api/v1/audit/1",
        "/api/v1/audit:head",
        "/api/v1/audit:export",
        "/api/v1/audit:summary",
        "/api/v1/audit:extract",
        "/api/v1/audit:values?of=actor",
    ],
)
def test_the_record_is_for_approvers_and_admins(port: CentrePort, path: str) -> None:
    assert [port.ask(path, role=role).status for role in ("admin", "approver", "operator", "viewer", None)] == [
        200, 200, 403, 403, 401,
    ]  # fmt: skip


def test_tenants_see_their_own_record_only(port: CentrePort) -> None:
    assert [item["seq"] for item in port.ask("/api/v1/audit", role="admin@acme").json["items"]] == [1]
    assert port.ask("/api/v1/audit/2", role="admin@acme").status == 404
    assert port.ask("/api/v1/audit:head", role="admin@nobody").json["seq"] == 0


def test_an_export_is_what_the_command_line_verifies(port: CentrePort) -> None:
    answer = port.ask("/api/v1/audit:export?after=10")
    verdict = verify_export(lines_in(io.BytesIO(answer.body)))
    assert verdict.sound
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert port.ask("/api/v1/audit:export?after=9999").status == 404


def test_a_check_is_begun_watched_and_on_record(port: CentrePort) -> None:
    assert port.ask("/api/v1/audit:verify", role="admin@new").json is None
    begun = port.ask("/api/v1/audit:verify", "POST")
    assert (begun.status, begun.json["state"]) == (202, "running")
    until(lambda: port.ask("/api/v1/audit:verify").json["state"] != "running")
    ended = port.ask("/api/v1/audit:verify").json
    assert (ended["state"], ended["fault"], ended["rows_done"]) == ("sound", None, ended["rows_total"])
    newest = port.ask("/api/v1/audit?limit=1").json["items"][0]
    assert (newest["action"], newest["actor"]["id"]) == ("audit.verify", "u-admin")


def test_damage_is_found_shown_in_health_and_breaks_no_list(damaged: CentrePort) -> None:
    assert damaged.ask("/ready", role=None).json["state"] == "ok"
    damaged.ask("/api/v1/audit:verify", "POST")
    until(lambda: damaged.ask("/api/v1/audit:verify").json["state"] != "running")
    fault = damaged.ask("/api/v1/audit:verify").json["fault"]
    assert (fault["kind"], fault["seq"]) == ("changed", 9)
    ready = damaged.ask("/ready", role=None).json
    assert (ready["state"], [reason["code"] for reason in ready["reasons"]]) == ("degraded", ["audit_broken"])
    assert damaged.ask("/api/v1/audit/9").json["changes"] == [{"path": "/", "after": "unreadable: not json"}]
