"""Makes a running edge follow new settings: what changed is replaced, everything else goes on untouched."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping

from gwf.agent.engine import Edge, own_directories
from gwf.agent.inputs.files.carriage import ignoring_mark
from gwf.agent.inputs.files.tree import rules_of
from gwf.agent.journal.notes import decided_anew
from gwf.agent.transfer.destination import Destination
from gwf.agent.transfer.retry import RetryPolicy
from gwf.core.errors import UnavailableError
from gwf.core.settings.model import AgentSettings, StoreSettings
from gwf.storage.ports import ObjectStore

OpenStore = Callable[[str, StoreSettings, AgentSettings], ObjectStore]
"""Opens the store of `stores.<name>`; raises ConfigError."""

#: a store with other values here is another place, or is entered in another way: what its breaker learned is void
PLACE = frozenset(
    {
        "url", "endpoint", "region", "access_key", "secret_key", "session_token", "path_style", "ca_file", "proxy",
    }
)  # fmt: skip
#: values of a store that change while it stays the same
LIVE = frozenset({"workers", "max_bytes_per_s", "max_files_per_s", "orphan_grace"})
MAX_RETIRING = 64  #: replaced stores that may still be sending; each has up to `workers` threads
LOOK_EVERY_S = 0.05

log = logging.getLogger("gwf.agent")


def follow(edge: Edge, agent: AgentSettings, stores: Mapping[str, StoreSettings], *, open_store: OpenStore) -> None:
    """Let `edge` work by `agent` and `stores` from now on; returns when that is in force.

    Settling files keep settling, waiting files stay in the journal and go on under the new settings, transfers under
    way end with the store they began with. It compares with what the edge does now, not with what it was last told:
    after a failure half-way, a call with the old settings brings everything back.

    Raises:
        ConfigError: A store or a tree cannot be used; nothing changed.
        UnavailableError: The process ends, too many replaced stores still send, or the watched directories hang; in
            the last case what was changed so far stays changed.
    """
    if edge.stopped.is_set():
        raise UnavailableError("the process is about to end; the configuration stays as it is")
    own = own_directories(edge.data_dir, stores)
    rules = rules_of(agent, own)
    edge.logs.change(agent.logs, closed=own)
    opened = _open_changed(edge, stores, lambda name: open_store(name, stores[name], agent))
    for name, store in opened.items():
        _enter(edge, name, store, workers=stores[name].workers or agent.transfer.workers, settings=stores[name])
    edge.journal.serve(tuple({**edge.store_settings, **stores}))
    _tune(edge, agent, stores)
    edge.remember_links(rules)
    edge.input.change(rules, interval_s=agent.reconcile_interval, stores=stores.keys())
    edge.journal.submit(decided_anew(ignoring_mark(agent.rules), edge.input.rescan))
    edge.journal.serve(tuple(stores))
    for name in edge.destinations.keys() - stores.keys():
        _remove(edge, name)
    edge.store_settings = dict(stores)
    edge.set_limits()


def replaced_stores(old: Mapping[str, StoreSettings], new: Mapping[str, StoreSettings]) -> set[str]:
    """Return the names of stores that both have and that must be opened anew. Pure."""
    return {name for name in old.keys() & new.keys() if changed_fields(old[name], new[name]) - LIVE}


def changed_fields(old: StoreSettings, new: StoreSettings) -> set[str]:
    """Return the keys in which two stores differ. Pure."""
    return {name for name in StoreSettings.model_fields if getattr(old, name) != getattr(new, name)}


def _open_changed(
    edge: Edge, stores: Mapping[str, StoreSettings], open_: Callable[[str], ObjectStore]
) -> dict[str, ObjectStore]:
    names = (stores.keys() - edge.store_settings.keys()) | replaced_stores(edge.store_settings, stores)
    # twice, so that there is room to undo
    if names and len(edge.retiring) + 2 * len(names) > MAX_RETIRING:
        raise UnavailableError("too many replaced stores are still sending: try again later", stores=len(edge.retiring))
    opened: dict[str, ObjectStore] = {}
    try:
        for name in sorted(names):
            opened[name] = open_(name)
    except BaseException:
        for store in opened.values():
            store.close()
        raise
    return opened


def _enter(edge: Edge, name: str, store: ObjectStore, *, workers: int, settings: StoreSettings) -> None:
    """Put a destination in place of the one of its name, if there is one, and let that one end its work."""
    old = edge.destinations.get(name)
    same_place = old is not None and not changed_fields(edge.store_settings[name], settings) & PLACE
    if old is not None:
        old.halt()
    new = edge.destination(
        name, store, workers=workers, breaker=old.breaker if old is not None and same_place else None
    )
    if old is not None and same_place:
        new.inherit(old)
    edge.destinations = {**edge.destinations, name: new}
    edge.store_settings = {**edge.store_settings, name: settings}
    new.start()
    if old is not None:
        Retirement(edge, old).start()
    log.info("store_added" if old is None else "store_replaced", extra={"store": name})


def _remove(edge: Edge, name: str) -> None:
    old = edge.destinations[name]
    edge.destinations = {key: item for key, item in edge.destinations.items() if key != name}
    old.halt()
    Retirement(edge, old, forget=True).start()
    log.info("store_removed", extra={"store": name})


def _tune(edge: Edge, agent: AgentSettings, stores: Mapping[str, StoreSettings]) -> None:
    """Change what can be changed in place: workers, breakers, waits, marks."""
    edge.agent = agent
    for name, destination in edge.destinations.items():
        settings = stores.get(name)
        workers = (settings.workers if settings is not None else None) or agent.transfer.workers
        if workers != destination.workers:
            destination.resize(workers)
        destination.breaker.reconfigure(agent.breaker)
    edge.journal.set_retry(RetryPolicy(agent.retry))
    edge.actions.configure(agent)


class Retirement(threading.Thread):
    """Waits until a halted destination has ended its transfers, then closes its store."""

    def __init__(self, edge: Edge, destination: Destination, *, forget: bool = False) -> None:
        """`forget`: the store is gone for good; its waiting files are queued anew under the rules that hold now."""
        super().__init__(name=f"gwf-retire-{destination.name}", daemon=True)
        self._edge = edge
        self._destination = destination
        self._forget = forget
        edge.retiring.append(destination)

    def run(self) -> None:
        """Wait, give back what was not begun, close."""
        edge = self._edge
        if self._forget:
            edge.journal.forget_strays(edge.input.rescan)
        while self._destination.stop(time.monotonic() + 60.0) and not edge.stopped.is_set():
            log.info("store_still_sending", extra={"store": self._destination.name})
        if edge.stopped.is_set():
            return  # the edge's end waits for it and closes it
        self._destination.store.close()
        edge.retiring.remove(self._destination)
        if self._forget:
            # files that were finished under the old rules may still be on their way into the journal
            while edge.journal.waiting_batches() and not edge.stopped.wait(LOOK_EVERY_S):
                pass
            edge.journal.forget_strays(edge.input.rescan)
