"""Configuration versions, the layers they belong to, and the configuration they amount to for an agent."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NewType

LayerId = NewType("LayerId", str)
VersionId = NewType("VersionId", str)

Document = Mapping[str, object]
"""Setting keys as a configuration file has them, as JSON values."""

MAX_DOCUMENT_BYTES = 256 * 1024  #: of one version in canonical form; the widest edge of our tests has 40 KiB


class LayerKind(enum.StrEnum):
    """Which agents a layer is for."""

    BASE = "base"
    GROUP = "group"
    AGENT = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A place in the order of configurations; its current version counts for all agents it is for.

    The base lies lowest, the layer of an agent highest. Between them lie the layers of its groups, in the order in
    which the groups decide: the one that decides most on top.
    """

    id: LayerId
    tenant: str
    kind: LayerKind
    #: id of the group or agent; "" for the base
    subject: str
    #: the version in force; None until a first one was rolled out
    current: VersionId | None
    #: number of its newest version; 0 = none
    last_number: int = 0
    #: another one after each change of it: when it was changed, in ms; 0 = it is not stored yet
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigVersion:
    """One immutable document of one layer."""

    id: VersionId
    tenant: str
    layer: LayerId
    #: counts from 1 within its layer
    number: int
    #: of the document, see `canonical.hash_of`
    hash: str
    document: Document
    #: the version it was made from; None for the first one
    parent: VersionId | None
    author: str
    reason: str
    created_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where the value of a key comes from."""

    layer: LayerId
    version: VersionId


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """What the layers of an agent amount to."""

    document: Document
    hash: str
    #: the versions it is made of, lowest layer first
    versions: tuple[VersionId, ...]
    #: by JSON pointer, for every value of `document`; lists are values and have one origin
    origins: Mapping[str, Origin]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with a document."""

    #: JSON pointer into the document
    pointer: str
    code: str
    #: names the key and says what to do
    message: str
    #: the values of the message by name, so that it can be said in other languages; may lack any
    params: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
