from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from gwf.db.address import parse_address
from gwf.db.database import open_database
from gwf.db.identity_store import SqlIdentity
from gwf.identity.secrets import hash_of
from tests.cli.conftest import Run


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text("correct horse battery\nsecond line\n")
    return file


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_people_are_made_listed_and_changed(run: Run, data: Path, secret: Path) -> None:
    made = run("user", "add", "Li", "--role", "admin", "--password-file", secret, "--data", data)
    assert made.code == 0
    assert made.out.splitlines()[1].split("\t")[:4] == ["li", "admin", "ok", "yes"]
    assert run("user", "add", "li", "--role", "viewer", "--no-password", "--data", data).code == 4
    assert run("user", "add", "wang", "--role", "viewer", "--no-password", "--data", data).code == 0
    assert run("user", "role", "wang", "operator", "--data", data).code == 0
    assert run("user", "passwd", "wang", "--password-file", secret, "--data", data).code == 0
    assert run("user", "disable", "li", "--data", data).code == 4  # the last administrator
    assert run("user", "disable", "wang", "--data", data).code == 0
    users = json.loads(run("user", "ls", "--data", data, "--json").out)["items"]
    assert [(user["name"], user["role"], user["state"]) for user in users] == [
        ("wang", "operator", "disabled"),
        ("li", "admin", "ok"),
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("add", "x", "--role", "king", "--no-password"), 2, "viewer, operator, approver, admin"),
        (("add", "x", "--role", "king"), 2, "viewer, operator, approver, admin"),
        (("add", "x y", "--role", "viewer", "--no-password"), 2, "begins with a letter"),
        (("add", "x", "--role", "viewer"), 2, "--password-file"),
        (("add", "x", "--role", "viewer", "--password-file", "/nonexistent"), 2, "/nonexistent"),
        (("passwd", "nobody", "--password-file", "-"), 2, "there is no terminal"),
        (("disable", "nobody"), 3, "no user has this name"),
    ],
)
def test_what_is_wrong_is_said(run: Run, data: Path, arguments: tuple[str, ...], code: int, told: str) -> None:
    if arguments[0] == "passwd":
        arguments = arguments[:2]
    result = run("user", *arguments, "--data", data)
    assert result.code == code
    assert told in result.err


def test_a_centre_in_memory_has_no_people_to_change(run: Run, tmp_path: Path) -> None:
    (tmp_path / "gwf.yaml").write_text("server: {database: {url: memory}}\n")
    result = run("user", "ls", "--config", tmp_path / "gwf.yaml")
    assert result.code == 2
    assert "memory" in result.err


def test_tokens_are_shown_once_and_revoked(run: Run, data: Path) -> None:
    made = run(
        "token", "create", "ci", "--role", "operator", "--scope", "events:write", "--expires", "90d", "--data", data
    )
    assert made.out.startswith("gwft_")
    listed = json.loads(run("token", "ls", "--data", data, "--json").out)["items"]
    assert (listed[0]["limits"], listed[0]["revoked_at"]) == ("operator: events:write", None)
    assert run("token", "revoke", listed[0]["id"], "--data", data).code == 0
    assert json.loads(run("token", "ls", "--data", data, "--json").out)["items"][0]["revoked_at"]
    assert run("token", "revoke", "tok_none", "--data", data).code == 3
    assert run("token", "create", "x", "--role", "viewer", "--scope", "all", "--data", data).code == 2


def test_enrolment_tokens_carry_labels_and_limits(run: Run, data: Path) -> None:
    order = ("enrol", "create", "line 3", "--label", "site=sh", "--max-uses", "2", "--expires", "1d", "--data", data)
    made = json.loads(run(*order, "--json").out)
    rows = run("enrol", "ls", "--data", data).out.splitlines()
    assert rows[1].split("\t")[:3] == [made["id"], "line 3", "0 of 2 site=sh"]
    assert run("enrol", "revoke", made["id"], "--data", data).code == 0
    assert run("enrol", "create", "x", "--label", "site", "--data", data).code == 2
    assert run("enrol", "create", "x", "--expires", "soon", "--data", data).code == 2


def test_what_commands_change_is_in_the_record(run: Run, data: Path) -> None:
    secret = run("token", "create", "ci", "--role", "viewer", "--data", data).out.strip()

    async def look() -> None:
        address = parse_address("sqlite", data_dir=data)
        async with (
            await open_database(address, fallback=False) as database,
            SqlIdentity(database.core).view() as reads,
        ):
            token = await reads.find_token(hash_of(secret))
        assert token is not None
        assert token.user_id is None

    asyncio.run(look())
    verified = run("audit", "verify", "--data", data)
    assert verified.code == 0
