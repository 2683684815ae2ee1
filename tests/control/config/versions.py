"""Versions of layers as tests write them."""

from __future__ import annotations

from gwf.control.config.canonical import hash_of
from gwf.control.config.model import ConfigVersion, LayerId, VersionId


def version(layer: str, document: dict[str, object], *, number: int = 1, parent: str | None = None) -> ConfigVersion:
    """Return version `number` of a layer."""
    return ConfigVersion(
        id=VersionId(f"{layer}-{number}"),
        tenant="default",
        layer=LayerId(layer),
        number=number,
        hash=hash_of(document),
        document=document,
        parent=None if parent is None else VersionId(parent),
        author="ann",
        reason="a test",
        created_at_ms=number,
    )
