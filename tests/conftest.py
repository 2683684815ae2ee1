"""Servers and sources that tests of many areas share."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import settings

from gwf.core.errors import UnavailableError
from gwf.db.address import DatabaseAddress, parse_address
from gwf.db.database import open_database
from gwf.storage.model import FileSource
from gwf.testing.moto_server import moto_s3
from gwf.testing.postgres_server import postgres_server
from gwf.testing.rclone_server import rclone_s3
from gwf.testing.s3_sink import S3Sink, s3_sink

ACCESS_KEY = "gwf"
SECRET_KEY = "gwfsecret12"
BUCKET = "bkt"

MakeSource = Callable[[bytes], FileSource]


settings.register_profile("any machine", deadline=None)  # how long an example takes says nothing about the code
settings.load_profile("any machine")


def pytest_configure() -> None:
    """Let programs under test hear SIGINT: a shell that runs tests in the background has it ignored, also for them."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def rclone_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("rclone")
    (directory / BUCKET).mkdir()
    with rclone_s3(directory, access_key=ACCESS_KEY, secret_key=SECRET_KEY) as url:
        yield url


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    with moto_s3() as url:
        yield url


@pytest.fixture(scope="session")
def sink_server() -> Iterator[S3Sink]:
    with s3_sink(bucket=BUCKET, keep_bodies=True) as sink:
        yield sink


@pytest.fixture
def sink(sink_server: S3Sink) -> S3Sink:
    """An S3 endpoint without objects and faults."""
    sink_server.set_faults()
    sink_server.clear()
    return sink_server


#: what a machine may lack, and the beginning of the reason of each test skipped for it
UNTESTED = {"POSTGRESQL": "no PostgreSQL: ", "THE CONSOLE": "no tools for the console: "}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not tested. The reasons come with the reports, from all processes that run tests."""
    skipped = [report.longrepr[2] for report in terminalreporter.stats.get("skipped", [])]
    for name, beginning in UNTESTED.items():
        reasons = Counter(reason for reason in skipped if beginning in reason)
        if reasons:
            terminalreporter.section(f"{name} WAS NOT TESTED", sep="!", red=True, bold=True)
        for reason, tests in sorted(reasons.items()):
            terminalreporter.line(f"{tests} tests skipped: {reason}")


class PostgresServer:
    """A server on which each test gets a database of its own, copied from one that has the tables."""

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url).set(drivername="postgresql")
        self._numbers = itertools.count(1)
        self._prefix = f"gwf_test_{os.getpid()}"
        self._template: str | None = None

    def address(self, name: str) -> DatabaseAddress:
        url = self.url.set(database=name).render_as_string(hide_password=False)
        return parse_address(url, data_dir=Path("/nonexistent"))

    def create(self, *, empty: bool = False) -> DatabaseAddress:
        template = "template0" if empty else self._with_tables()
        name = f"{self._prefix}_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.address(name)

    def drop(self, address: DatabaseAddress) -> None:
        assert address.url is not None
        self._run(f"DROP DATABASE {address.url.database} WITH (FORCE)")

    def close(self) -> None:
        if self._template is not None:
            self._run(f"DROP DATABASE {self._template} WITH (FORCE)")

    def _with_tables(self) -> str:
        if self._template is None:
            name = f"{self._prefix}_template"
            self._run(f"CREATE DATABASE {name} TEMPLATE template0")

            async def fill() -> None:
                async with await open_database(self.address(name), fallback=False):
                    pass

            asyncio.run(fill())
            self._template = name
        return self._template

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.url.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgres_or_reason() -> Iterator[PostgresServer | str]:
    """The server that GWF_TEST_PG_DSN names, or one of our own; or why there is none."""
    if dsn := os.environ.get("GWF_TEST_PG_DSN"):
        server = PostgresServer(dsn)
        yield server
        server.close()
        return
    try:
        running = postgres_server()
        url = running.__enter__()
    except UnavailableError as exc:
        yield str(exc)
        return
    try:
        yield PostgresServer(url)
    finally:
        running.__exit__(None, None, None)


@pytest.fixture
def postgres(postgres_or_reason: PostgresServer | str) -> PostgresServer:
    if isinstance(postgres_or_reason, str):
        pytest.skip(f"{UNTESTED['POSTGRESQL']}{postgres_or_reason}")
    return postgres_or_reason


@pytest.fixture
def postgres_address(postgres: PostgresServer) -> Iterator[DatabaseAddress]:
    """A fresh PostgreSQL database with all tables."""
    address = postgres.create()
    yield address
    postgres.drop(address)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> DatabaseAddress:
    """A fresh database; the test runs once with each kind. Open it by `open_database(address, fallback=False)`."""
    if request.param == "sqlite":
        return parse_address("sqlite", data_dir=tmp_path)
    found: DatabaseAddress = request.getfixturevalue("postgres_address")
    return found


@pytest.fixture
def make_source(tmp_path: Path) -> Iterator[MakeSource]:
    """Make open files that are closed after the test."""
    opened: list[int] = []

    def make(data: bytes) -> FileSource:
        path = tmp_path / f"source-{len(opened)}"
        path.write_bytes(data)
        opened.append(os.open(path, os.O_RDONLY))
        return FileSource(fd=opened[-1], size_bytes=len(data))

    yield make
    for fd in opened:
        os.close(fd)
