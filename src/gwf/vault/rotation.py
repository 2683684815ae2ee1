"""Puts another key in the place of the one that secrets are sealed with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gwf.audit.model import Actor, AuditEntry, Resource
from gwf.core.clock import Clock
from gwf.core.errors import CorruptDataError, NotFoundError
from gwf.core.keyfile import read_keyring, write_keyring
from gwf.core.sealing import KeyMissingError, Keyring
from gwf.vault.model import SealedSecret
from gwf.vault.ports import SecretStore
from gwf.vault.service import context_of

PORTION = 500
TENANT = "default"  #: whose audit tells of the ring of all tenants


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """What a rotation did."""

    #: ids of the keys
    before: str
    now: str
    resealed: int
    #: secrets that were damaged, or whose key is gone; they stay as they were
    left: tuple[str, ...]
    #: ids of keys that were taken out of the file
    dropped: tuple[str, ...] = ()


def ring_in(path: Path) -> Keyring:
    """Return the keys in a file.

    Raises:
        NotFoundError: There is no file.
        InputError: It is no key file, or not private.
    """
    ring = read_keyring(path)
    if ring is None:
        raise NotFoundError("there is no key file: make one with `gwf secrets init`", path=str(path))
    return ring


def prepare(path: Path) -> Keyring:
    """Put a key for the next rotation into a file, to be copied to other servers before it is used.

    Raises:
        NotFoundError: There is no file.
    """
    ring = ring_in(path).prepared()
    write_keyring(path, ring)
    return ring


class Rotation:
    """Works on the database itself, also while centres run: they read the key file again when they need to."""

    def __init__(self, store: SecretStore, path: Path, clock: Clock) -> None:
        """Keep the parts."""
        self._store = store
        self._path = path
        self._clock = clock

    async def rotate(self, actor: Actor, *, drop_old: bool = False) -> Rotated:
        """Seal every secret with the next key. One that was interrupted is gone on with.

        Raises:
            NotFoundError: There is no file.
            KeyMissingError: The file has not the key of this database.
        """
        ring = ring_in(self._path)
        async with self._store.view() as reads:
            registered = await reads.ring()
        before = registered or ring.active.id
        if before not in ring.ids():
            raise KeyMissingError("the key file has not the key of this database", path=str(self._path), key_id=before)
        if before == ring.active.id:
            ring = ring.rotated()
            write_keyring(self._path, ring)  # first: what is sealed with a key must never be ahead of the file
        resealed, left = await self._reseal(ring, before, actor)
        dropped = await self._drop(ring) if drop_old else ()
        return Rotated(before=before, now=ring.active.id, resealed=resealed, left=left, dropped=dropped)

    async def _reseal(self, ring: Keyring, before: str, actor: Actor) -> tuple[int, tuple[str, ...]]:
        count, left, after = 0, list[str](), ""
        async with self._store.change() as change:
            await change.put_ring(ring.active.id)
            while secrets := await change.sealed_beyond(ring.active.id, PORTION, after=after):
                after = secrets[-1].id
                moved, stuck = _moved(ring, secrets)
                await change.reseal(moved)
                count += len(moved)
                left += stuck
            change.record(self._entry(actor, before, ring.active.id, count=count))
        return count, tuple(left)

    async def _drop(self, ring: Keyring) -> tuple[str, ...]:
        async with self._store.view() as reads:
            used = frozenset(await reads.count_by_key())
        kept = ring.without_old(but=used)
        write_keyring(self._path, kept)
        return tuple(sorted(ring.ids() - kept.ids()))

    def _entry(self, actor: Actor, before: str, now: str, *, count: int) -> AuditEntry:
        return AuditEntry(
            tenant=TENANT,
            actor=actor,
            action="key_ring.rotate",
            resource=Resource(kind="key_ring", id=now),
            at_ms=self._clock.now_ms(),
            detail={"before": before, "resealed": count},
        )


def _moved(ring: Keyring, secrets: Sequence[SealedSecret]) -> tuple[list[SealedSecret], list[str]]:
    moved: list[SealedSecret] = []
    stuck: list[str] = []
    for secret in secrets:
        context = context_of(secret.tenant, secret.id)
        try:
            text = ring.unseal(secret.sealed, context=context)
        except (KeyMissingError, CorruptDataError):  # told by the caller, with its id
            stuck.append(secret.id)
            continue
        moved.append(replace(secret, key_id=ring.active.id, sealed=ring.seal(text, context=context)))
    return moved, stuck
