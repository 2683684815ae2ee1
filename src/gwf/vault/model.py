"""Secrets as they are kept, and what is known about who can read them."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NewType

SecretId = NewType("SecretId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """What a secret belongs to, and goes away with."""

    #: for example config_layer
    kind: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSecret:
    """One secret, unreadable without its key. Its id always means the same text."""

    id: SecretId
    tenant: str
    owner: Owner
    #: of the key that it was sealed with
    key_id: str
    sealed: str = field(repr=False)
    created_at_ms: int


class RingState(enum.StrEnum):
    """How the key file of this process stands to the database."""

    #: every secret can be read, new ones can be kept
    OK = "ok"
    #: there is no key file, but the database has a ring
    MISSING = "missing"
    #: the key file has other keys than the database's
    WRONG = "wrong"
    #: it cannot be read, or is no key file
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True, kw_only=True)
class RingFacts:
    """What is known about the key file."""

    state: RingState
    path: str
    #: why it is UNUSABLE; else ""
    problem: str = ""
    #: secrets that cannot be read with the keys of the file, all tenants
    unreadable: int = 0
    #: some of what they belong to
    owners: tuple[Owner, ...] = ()
    #: how many secrets were sealed with each key
    by_key: Mapping[str, int] = field(default_factory=dict[str, int])
