"""The vault put together: secrets of the centre over its database and the key file of this host."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from gwf.app.beside import beside
from gwf.core.clock import Clock
from gwf.core.errors import GwfError
from gwf.core.settings.keyplace import key_file_of
from gwf.core.settings.model import Settings
from gwf.db.database import Database
from gwf.db.secret_store import SqlSecrets
from gwf.vault.model import RingFacts, RingState
from gwf.vault.service import Vault
from gwf.wire.edge import Reason

LOOK_EVERY_S = 30.0

_SAYS = {
    RingState.MISSING: "there is no key file: put it back, or copy it from another server of this centre",
    RingState.WRONG: "the key file has not the keys of this database: put the right one there",
    RingState.UNUSABLE: "the key file cannot be used",
}

log = logging.getLogger("gwf.app")


class Secrets:
    """The vault, and what its key file is like."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        """Put it together."""
        self.vault = Vault(SqlSecrets(database.core, clock), key_file_of(settings), clock)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Read or make the key file, and look at it now and then, until the block ends."""
        await self._look()
        async with beside(self._watch(), name="secrets-key"):
            yield

    def reasons(self) -> list[Reason]:
        """Return why secrets cannot be read or kept."""
        facts = self.vault.facts
        if facts.state is RingState.OK:
            return []
        return [Reason(code=f"secrets_key_{facts.state.value}", params=_params(facts), message=_message(facts))]

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self._look()

    async def _look(self) -> None:
        try:
            await self.vault.open()
        except GwfError as exc:  # what was found out last is still told
            log.warning("secrets_not_looked_at", extra={"error": str(exc)})


def _params(facts: RingFacts) -> dict[str, str]:
    owners = ", ".join(f"{owner.kind} {owner.id}" for owner in facts.owners)
    return {"path": facts.path, "unreadable": str(facts.unreadable), "owners": owners, "problem": facts.problem}


def _message(facts: RingFacts) -> str:
    lost = ""
    if facts.unreadable:
        shown = ", ".join(f"{owner.kind} {owner.id}" for owner in facts.owners)
        lost = f"; {facts.unreadable} secrets cannot be read, among them those of {shown}"
    why = f" ({facts.problem})" if facts.problem else ""
    return f"{facts.path}: {_SAYS[facts.state]}{why}{lost}"
