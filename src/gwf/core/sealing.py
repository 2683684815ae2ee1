"""Seals texts with the keys of a ring, so that only who has the ring can read them. Pure.

The library is loaded by the first secret: it takes 8 MB that an agent without sealed settings does not need.
"""

from __future__ import annotations

import base64
import binascii
import enum
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from gwf.core.errors import CorruptDataError, InputError, NotFoundError

KEY_BYTES = 32
NONCE_BYTES = 12  #: random for each text; 2^32 texts under one key are far more than anybody seals
MAX_KEYS = 100
_FORM = "v1"
_HEAD = (
    "# Keys of GWF. Who has this file can read the secrets in the database and in configuration files.\n"
    "# Keep a copy apart from the backups of the database: without it those secrets cannot be read again.\n"
)


class KeyRole(enum.StrEnum):
    """What a key is for now."""

    #: texts are sealed with it
    ACTIVE = "active"
    #: texts that were sealed with it can still be read
    OLD = "old"
    #: it becomes the active one with the next rotation
    NEXT = "next"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key; its id is made from it and tells nothing about it."""

    id: str
    role: KeyRole
    secret: bytes = field(repr=False)


class KeyMissingError(NotFoundError):
    """A text was sealed with a key that is not on the ring."""

    code = "secrets_key_missing"


@dataclass(frozen=True, slots=True)
class Keyring:
    """Keys, exactly one of them active."""

    keys: tuple[Key, ...]

    @property
    def active(self) -> Key:
        """Return the key that texts are sealed with."""
        return next(key for key in self.keys if key.role is KeyRole.ACTIVE)

    def ids(self) -> frozenset[str]:
        """Return the ids of all keys."""
        return frozenset(key.id for key in self.keys)

    def seal(self, text: str, *, context: str) -> str:
        """Return `text` sealed with the active key; it is opened only with the same `context`."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 — see above

        nonce = secrets.token_bytes(NONCE_BYTES)
        key = self.active
        sealed = AESGCM(key.secret).encrypt(nonce, text.encode(), _bound(key.id, context))
        return f"{_FORM}.{key.id}.{base64.urlsafe_b64encode(nonce + sealed).decode().rstrip('=')}"

    def unseal(self, sealed: str, *, context: str) -> str:
        """Return the text that was sealed.

        Raises:
            KeyMissingError: Its key is not on this ring.
            CorruptDataError: It is damaged, or was sealed for another context.
        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 — see above
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 — see above

        key_id, packed = _parts(sealed)
        key = next((key for key in self.keys if key.id == key_id), None)
        if key is None:
            raise KeyMissingError("the key of this secret is not in the key file", key_id=key_id)
        try:
            clear = AESGCM(key.secret).decrypt(packed[:NONCE_BYTES], packed[NONCE_BYTES:], _bound(key_id, context))
        except InvalidTag as exc:
            what = "a secret is damaged, or was moved from where it belongs"
            raise CorruptDataError(what, key_id=key_id, retryable=False) from exc
        return clear.decode()

    def prepared(self, new_key: Callable[[], bytes] | None = None) -> Keyring:
        """Return a ring that has a key for the next rotation."""
        if any(key.role is KeyRole.NEXT for key in self.keys):
            return self
        return Keyring((*self.keys, _key((new_key or _random)(), KeyRole.NEXT)))

    def rotated(self) -> Keyring:
        """Return a ring whose next key, or a new one, is active; the one before stays readable."""
        roles = {KeyRole.ACTIVE: KeyRole.OLD, KeyRole.NEXT: KeyRole.ACTIVE, KeyRole.OLD: KeyRole.OLD}
        moved = tuple(replace(key, role=roles[key.role]) for key in self.prepared().keys)
        return Keyring(tuple(sorted(moved, key=lambda key: key.role is not KeyRole.ACTIVE)))

    def without_old(self, *, but: frozenset[str]) -> Keyring:
        """Return a ring without old keys, except those of `but`."""
        return Keyring(tuple(key for key in self.keys if key.role is not KeyRole.OLD or key.id in but))

    def text(self) -> str:
        """Return the ring as a file holds it."""
        rows = (f"{key.role.value} {base64.b64encode(key.secret).decode()}\n" for key in self.keys)
        return _HEAD + "".join(rows)


def new_keyring() -> Keyring:
    """Return a ring with one new key."""
    return Keyring((_key(_random(), KeyRole.ACTIVE),))


def parse_keyring(text: str) -> Keyring:
    """Return the ring that a file holds.

    Raises:
        InputError: It is none; the message has the line, never what stands there.
    """
    keys: list[Key] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        role, _, packed = line.strip().partition(" ")
        try:
            secret = base64.b64decode(packed.strip(), validate=True)
            key = _key(secret, KeyRole(role))
        except (binascii.Error, ValueError):
            raise _no_ring(f"line {number} is no 'active', 'next' or 'old' with a key") from None
        if len(secret) != KEY_BYTES:
            raise _no_ring(f"the key in line {number} has not {KEY_BYTES} bytes")
        keys.append(key)
    if sum(key.role is KeyRole.ACTIVE for key in keys) != 1:
        raise _no_ring("it has not exactly one active key")
    if sum(key.role is KeyRole.NEXT for key in keys) > 1 or len({key.id for key in keys}) != len(keys):
        raise _no_ring("it has two next keys, or one key twice")
    if len(keys) > MAX_KEYS:
        raise _no_ring(f"it has more than {MAX_KEYS} keys")
    return Keyring(tuple(keys))


def key_of(sealed: str) -> str:
    """Return the id of the key that a text was sealed with.

    Raises:
        CorruptDataError: It is no sealed text.
    """
    return _parts(sealed)[0]


def _parts(sealed: str) -> tuple[str, bytes]:
    form, _, rest = sealed.partition(".")
    key_id, _, packed = rest.partition(".")
    try:
        raw = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if form != _FORM or not key_id or len(raw) <= NONCE_BYTES:
        raise CorruptDataError("this is no sealed secret", retryable=False)
    return key_id, raw


def _key(secret: bytes, role: KeyRole) -> Key:
    return Key(id=hashlib.sha256(b"gwf key id\0" + secret).hexdigest()[:16], role=role, secret=secret)


def _random() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def _bound(key_id: str, context: str) -> bytes:
    return f"{_FORM}\0{key_id}\0{context}".encode()


def _no_ring(why: str) -> InputError:
    return InputError("this is no key file of GWF", reason=why)
