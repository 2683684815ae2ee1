from __future__ import annotations

from pathlib import Path

import pytest

from gwf.core.errors import ConfigError
from gwf.db.address import Backend, parse_address

DATA = Path("/var/lib/gwf")


def test_sqlite_lies_in_the_data_directory_unless_told() -> None:
    assert parse_address("sqlite", data_dir=DATA).directory == DATA


@pytest.mark.parametrize(("text", "directory"), [("sqlite:/srv/db", "/srv/db"), ("sqlite:db", "/var/lib/gwf/db")])
def test_sqlite_may_lie_elsewhere(text: str, directory: str) -> None:
    address = parse_address(text, data_dir=DATA)
    assert address.directory == Path(directory)
    assert str(address) == f"sqlite:{directory}"


def test_a_password_among_the_options_is_not_shown() -> None:
    address = parse_address("postgresql://gwf@db/gwf?password=geheim", data_dir=DATA)
    assert "geheim" not in str(address)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_the_password_of_postgresql_is_not_shown(scheme: str) -> None:
    address = parse_address(f"{scheme}://gwf:geheim@db:5432/gwf?sslmode=require", data_dir=DATA)
    assert address.backend is Backend.POSTGRESQL
    assert "geheim" not in f"{address} {address!r}"
    assert str(address) == "postgresql://gwf:***@db:5432/gwf?sslmode=require"


def test_memory_is_a_word() -> None:
    assert parse_address("memory", data_dir=DATA).backend is Backend.MEMORY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mysql://gwf:geheim@db/x",
        "sqlite:",
        "sqlite:///x.db",
        "postgresql://gwf:geheim@db",
        "postgresql://u:geheim@h:x/y",
    ],
)
def test_other_forms_are_refused_without_showing_a_password(text: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_address(text, data_dir=DATA)
    assert "postgresql://USER@HOST" in refused.value.problems[0]
    assert "geheim" not in f"{refused.value} {refused.value.problems}"
