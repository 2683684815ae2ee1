"""The work of `gwf breaker`: asks the running process, prints what it says."""

from __future__ import annotations

import json
from typing import Literal
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from gwf.cli import show
from gwf.cli.running import Running
from gwf.core.errors import UnavailableError
from gwf.wire.edge import StoreView
from gwf.wire.stores import BreakerOrder

_PATH = "/api/v1/stores"
_STORES = TypeAdapter(list[StoreView])


def stores_of(process: Running) -> list[StoreView]:
    """Return the stores of the running process.

    Raises:
        GwfError: It does not answer, or refuses.
    """
    return _read(process.get(_PATH))


def print_stores(process: Running, *, as_json: bool) -> None:
    """Print every store and its breaker."""
    stores = stores_of(process)
    if as_json:
        show.as_json({"stores": [store.model_dump(mode="json") for store in stores]})
        return
    show.table(("store", "health", "breaker", "next probe", "sending", "why"), [_row(store) for store in stores])


def move(
    process: Running, store: str, action: Literal["open", "close", "reset"], *, reason: str, as_json: bool
) -> None:
    """Move one breaker and print what became of it."""
    body = json.dumps(BreakerOrder(action=action, reason=reason).model_dump()).encode()
    answer = process.post(f"{_PATH}/{quote(store, safe='')}/breaker", body, media_type="application/json")
    (now,) = _read([answer])
    if as_json:
        show.as_json(now.model_dump(mode="json"))
        return
    show.line(f"{now.name}: breaker {_state(now)}{f', {now.breaker_reason}' if now.breaker_reason else ''}")


def resting(store: StoreView) -> str:
    """Return one line that says that and why a store gets no files; "" while it does."""
    if store.breaker == "closed":
        return ""
    probe = "" if store.probe_in_s is None else f", next probe in {store.probe_in_s:.0f} s"
    return f"store {store.name} rests: breaker {_state(store)}{probe}: {store.breaker_reason}"


def _state(store: StoreView) -> str:
    return f"{store.breaker.replace('_', ' ')}{' by hand' if store.breaker_manual else ''}"


def _row(store: StoreView) -> tuple[object, ...]:
    probe = None if store.probe_in_s is None else f"{store.probe_in_s:.0f} s"
    return store.name, store.state, _state(store), probe, f"{store.sending} of {store.workers}", store.breaker_reason


def _read(answer: object) -> list[StoreView]:
    try:
        return _STORES.validate_python(answer)
    except ValidationError as exc:
        raise UnavailableError("the process answers in a form that this release does not know") from exc
