"""Reads from a heartbeat why the stores of an agent get nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from gwf.control.fleet.model import Beat
from gwf.core.errors import ErrorClass

HELD = "held"  #: a person wants it so
_CLASSES = frozenset(ErrorClass)
_OF_STORES = frozenset({"breaker_open", "breaker_manual", "breaker_half_open", "store_unreachable"})


def store_causes(beat: Beat | None) -> Mapping[str, str]:
    """Return by store the class of its failures, or `held`; a store that an agent says nothing of is left out."""
    return dict(_causes(beat)) if beat is not None else {}


def _causes(beat: Beat) -> Iterator[tuple[str, str]]:
    for reason in beat.reasons:
        match reason:
            case {"code": code, "params": {"store": str() as store}} if code in _OF_STORES:
                cause = HELD if code == "breaker_manual" else _class_of(cast("Mapping[str, object]", reason["params"]))
                if cause:
                    yield store, cause
            case _:
                continue


def _class_of(params: Mapping[str, object]) -> str:
    """Return the class that a reason names; a breaker tells it before the message, as `throttled: 503 …`."""
    told = params.get("error_class") or str(params.get("why", "")).partition(":")[0]
    return str(told) if told in _CLASSES else ""
