"""One half of the database and its transactions: a change is one use case, a view sees one moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gwf.audit.deed import close_change
from gwf.audit.model import AuditEntry
from gwf.db.audit_chain import append
from gwf.db.faults import translated
from gwf.db.kept_keys import keep_key


class Change:
    """A transaction that writes; it ends with the block that it was opened for."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Take the connection that everything of this change goes through."""
        self.connection = connection
        self.is_open = True


class CoreChange(Change):
    """A transaction over what people and agents decide: what it does is on record, or not done."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Begin without entries."""
        super().__init__(connection)
        self.entries: list[AuditEntry] = []

    def record(self, entry: AuditEntry) -> None:
        """Have `entry` written with this change: last of all, so that its chain is locked for a moment only."""
        self.entries.append(entry)

    @asynccontextmanager
    async def sheltered(self) -> AsyncGenerator[None]:
        """Open a part of the transaction: when its block raises, what it wrote and recorded is undone, and no more.

        Raises:
            UnavailableError: The database did not answer; the whole transaction is over.
        """
        kept = len(self.entries)
        try:
            with translated("core"):
                async with self.connection.begin_nested():
                    yield
        except BaseException:
            del self.entries[kept:]
            raise


class Half:
    """One half's transactions.

    On SQLite one change runs at a time and the next ones wait in their order; views run beside it. In memory views wait
    too. On PostgreSQL all run beside each other.
    """

    def __init__(self, name: str, writer: AsyncEngine, readers: AsyncEngine | None) -> None:
        """Take the engines; `readers` is None where one connection does everything."""
        self.name = name
        self.writer = writer
        self.readers = readers or writer
        self.is_sqlite = writer.dialect.name == "sqlite"
        self._turn = asyncio.Lock() if self.is_sqlite else None
        self._view_turn = self._turn if readers is None else None
        self._current: ContextVar[Change | None] = ContextVar(f"gwf_db_{name}", default=None)

    @asynccontextmanager
    async def change(self) -> AsyncGenerator[Change]:
        """Run a transaction that is committed at the end of the block, or undone when the block raises.

        Raises:
            ConflictError: The rows do not fit beside those that are there.
            UnavailableError: The database did not answer. Nothing was changed, except when the connection was lost
                during the commit itself.
            LocalIoError: The disk of a SQLite file failed.
            CorruptDataError: The SQLite file is damaged.
        """
        async with self._transaction() as connection:
            change = Change(connection)
            with self._inside(change):
                yield change

    @asynccontextmanager
    async def view(self) -> AsyncGenerator[AsyncConnection]:
        """Give a connection that sees one moment of the data and writes nothing.

        Raises:
            UnavailableError: The database did not answer.
            LocalIoError: The disk of a SQLite file failed.
            CorruptDataError: The SQLite file is damaged.
        """
        self._refuse_inside_a_change()
        with translated(self.name):
            async with AsyncExitStack() as stack:
                if self._view_turn is not None:
                    await stack.enter_async_context(self._view_turn)
                yield await stack.enter_async_context(self.readers.connect())

    async def close(self) -> None:
        """Close all connections."""
        await self.writer.dispose()
        await self.readers.dispose()

    @asynccontextmanager
    async def _transaction(self) -> AsyncGenerator[AsyncConnection]:
        self._refuse_inside_a_change()
        with translated(self.name):
            async with AsyncExitStack() as stack:
                if self._turn is not None:
                    await stack.enter_async_context(self._turn)
                yield await stack.enter_async_context(self.writer.begin())

    @contextmanager
    def _inside(self, change: Change) -> Generator[None]:
        token = self._current.set(change)
        try:
            yield
        finally:
            change.is_open = False
            self._current.reset(token)

    def _refuse_inside_a_change(self) -> None:
        """Prevent a wait for ourselves, and a read that misses what the change wrote."""
        current = self._current.get()
        if current is not None and current.is_open:
            raise RuntimeError(f"inside a change of {self.name}: go on with the connection of the change")


class CoreHalf(Half):
    """The half whose changes are on record."""

    @asynccontextmanager
    async def change(self) -> AsyncGenerator[CoreChange]:
        """Run a transaction as any half does, and write the entries of `record` at its end.

        On behalf of a request (`gwf.audit.deed`) it is undone when it was only rehearsed, and the request's key is
        written with it.
        """
        async with self._transaction() as connection:
            change = CoreChange(connection)
            with self._inside(change):
                yield change
                deed = close_change(tuple(change.entries))
                if deed is not None and deed.key is not None:
                    await keep_key(connection, deed.key)
                await append(connection, change.entries)
