"""Seals secrets before they are stored and opens them for whom they are meant."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from gwf.core.clock import Clock
from gwf.core.errors import GwfError, UnavailableError
from gwf.core.keyfile import make_keyring, read_keyring
from gwf.core.sealing import KeyMissingError, Keyring
from gwf.vault.model import Owner, RingFacts, RingState, SealedSecret, SecretId
from gwf.vault.ports import SecretReads, SecretStore

MAX_KNOWN = 10_000  #: opened secrets kept in memory: as many agents may ask for theirs at once
MAX_OWNERS = 10

log = logging.getLogger("gwf.vault")


class SecretsUnavailableError(UnavailableError):
    """The key file that secrets are sealed with is not here, or is another one."""

    code = "secrets_unavailable"
    retryable = False


class Vault:
    """Secrets of one centre process. The key file is read at the start, and again when a key is missing."""

    def __init__(self, store: SecretStore, path: Path, clock: Clock) -> None:
        """Read nothing yet."""
        self._store = store
        self._path = path
        self._clock = clock
        self._ring: Keyring | None = None
        self._known: OrderedDict[tuple[str, SecretId], str] = OrderedDict()
        self._facts = RingFacts(state=RingState.MISSING, path=str(path))

    @property
    def facts(self) -> RingFacts:
        """Return what was found out last about the key file."""
        return self._facts

    async def open(self) -> RingFacts:
        """Read the key file, making it where neither it nor a secret exists yet; look what it can read.

        Raises:
            UnavailableError: The database did not answer.
        """
        async with self._store.view() as reads:
            registered, in_use = await reads.ring(), await reads.count_by_key()
        try:
            ring = await asyncio.to_thread(read_keyring, self._path)
            if ring is None and registered is None and not in_use:
                ring = await asyncio.to_thread(make_keyring, self._path)
                log.info("secrets_key_made", extra={"path": str(self._path), "key_id": ring.active.id})
        except GwfError as exc:
            self._ring = None
            return await self._judged(RingState.UNUSABLE, in_use, problem=str(exc))
        self._ring = ring
        if ring is None:
            return await self._judged(RingState.MISSING, in_use)
        if registered is None:
            async with self._store.change() as change:
                registered = await change.register(ring.active.id)
        known = ring.ids()
        state = RingState.OK if registered in known and known.issuperset(in_use) else RingState.WRONG
        return await self._judged(state, in_use)

    async def sealed(
        self, tenant: str, owner: Owner, texts: Mapping[SecretId, str], *, reads: SecretReads
    ) -> list[SealedSecret]:
        """Return secrets as they are stored.

        Raises:
            SecretsUnavailableError: The key file is missing, or is none of this database's.
        """
        if not texts:
            return []
        ring, registered = self._ring, await reads.ring()
        if ring is None or registered not in ring.ids():
            ring = await self._reread()
        if ring is None or registered not in ring.ids():
            raise self.refusal("a new secret cannot be kept")
        now_ms = self._clock.now_ms()
        return [
            SealedSecret(
                id=secret,
                tenant=tenant,
                owner=owner,
                key_id=ring.active.id,
                sealed=ring.seal(text, context=context_of(tenant, secret)),
                created_at_ms=now_ms,
            )
            for secret, text in texts.items()
        ]

    async def texts(self, tenant: str, ids: Collection[SecretId]) -> dict[SecretId, str]:
        """Return secrets in clear.

        Raises:
            SecretsUnavailableError: The key of one of them is not here, or one is gone.
            CorruptDataError: One is damaged.
            UnavailableError: The database did not answer.
        """
        found = self._remembered(tenant, ids)
        missing = set(ids) - found.keys()
        if not missing:
            return found
        async with self._store.view() as reads:
            stored = await reads.sealed(tenant, missing)
        if len(stored) != len(missing):
            raise self.refusal("a secret is no longer there")
        for secret in stored:
            found[secret.id] = await self._opened(secret)
        return found

    async def readable(self, tenant: str, ids: Collection[SecretId], *, reads: SecretReads) -> dict[SecretId, str]:
        """Return those secrets that can be read; for comparisons inside a transaction of the caller."""
        found = self._remembered(tenant, ids)
        for secret in await reads.sealed(tenant, set(ids) - found.keys()):
            try:
                found[secret.id] = await self._opened(secret)
            except GwfError as exc:  # the health tells; the new value is then kept as a new secret
                log.warning("secret_unreadable", extra={"secret_id": secret.id, "error_code": exc.code})
        return found

    def refusal(self, what: str) -> SecretsUnavailableError:
        """Return the error that says why secrets cannot be used."""
        says = {
            RingState.MISSING: "there is no key file: put it back, or copy it from another server of this centre",
            RingState.WRONG: "the key file has not the keys of this database: put the right one there",
        }
        return SecretsUnavailableError(
            f"{what}: {says.get(self._facts.state, 'the key file cannot be used')}",
            key_file=str(self._path),
            problem=self._facts.problem or None,
        )

    async def _opened(self, secret: SealedSecret) -> str:
        ring = self._ring
        if ring is None or secret.key_id not in ring.ids():
            ring = await self._reread()
        if ring is None:
            raise self.refusal("a secret cannot be read")
        try:
            text = ring.unseal(secret.sealed, context=context_of(secret.tenant, secret.id))
        except KeyMissingError as exc:
            raise self.refusal("a secret cannot be read") from exc
        self._known[secret.tenant, secret.id] = text
        while len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)
        return text

    def _remembered(self, tenant: str, ids: Iterable[SecretId]) -> dict[SecretId, str]:
        return {secret: self._known[tenant, secret] for secret in ids if (tenant, secret) in self._known}

    async def _reread(self) -> Keyring | None:
        """Read the key file again: a rotation may have put another key there."""
        try:
            ring = await asyncio.to_thread(read_keyring, self._path)
        except GwfError as exc:
            log.warning("secrets_key_unusable", extra={"error": str(exc)})
            return self._ring
        self._ring = ring or self._ring
        return self._ring

    async def _judged(self, state: RingState, in_use: Mapping[str, int], *, problem: str = "") -> RingFacts:
        known = self._ring.ids() if self._ring is not None else frozenset[str]()
        lost = sum(count for key, count in in_use.items() if key not in known)
        owners: tuple[Owner, ...] = ()
        if lost:
            async with self._store.view() as reads:
                owners = tuple(await reads.owners_beyond(known, MAX_OWNERS))
        facts = RingFacts(
            state=state, path=str(self._path), problem=problem, unreadable=lost, owners=owners, by_key=dict(in_use)
        )
        if facts.state is not RingState.OK and facts != self._facts:
            log.error("secrets_unreadable", extra={"state": state.value, "path": facts.path, "unreadable": lost})
        self._facts = facts
        return facts


def context_of(tenant: str, secret: SecretId) -> str:
    """Return what a secret is bound to: under another id or tenant it does not open."""
    return f"secret\0{tenant}\0{secret}"
