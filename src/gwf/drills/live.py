"""A running process that a drill joins: a scratch store and tree are added by its API and taken away again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Protocol

from gwf.core.errors import ConflictError, GwfError, UnavailableError
from gwf.core.settings.draft import is_block, is_list
from gwf.drills.model import STORE

TRIES = 5  #: changes of the configuration that others may make under our hands
CONFIG = "/api/v1/config"

Document = dict[str, object]


class Api(Protocol):
    """The HTTP port of the process."""

    def get(self, path: str) -> object:
        """Return the JSON of a GET; a GwfError tells why not."""
        ...

    def post(self, path: str, body: bytes, *, media_type: str, **query: object) -> object:
        """Return the JSON of a POST; a GwfError tells why not."""
        ...


class LiveInstance:
    """The process in production; it is asked and configured, never ended."""

    alive = True
    pid = 0

    def __init__(self, api: Api) -> None:
        """Ask nothing yet."""
        self._api = api

    def get(self, path: str) -> Document:
        """Return the JSON of a GET.

        Raises:
            UnavailableError: No answer came.
        """
        try:
            answer = self._api.get(path)
        except GwfError as exc:
            raise UnavailableError("the process does not answer", path=path, reason=str(exc)) from exc
        return answer if is_block(answer) else {}

    def add(self, store: Mapping[str, object], watch: Mapping[str, object]) -> None:
        """Add the scratch store and tree to its configuration.

        Raises:
            ConflictError: It has a store of this name: another drill runs, or was killed.
            GwfError: It refuses the change, or does not answer.
        """

        def added(document: Document) -> Document:
            stores, agent = _block(document, "stores"), _block(document, "agent")
            if STORE in stores:
                raise ConflictError("the process has a drill's store; end that drill, or run `gwf drill restore`")
            watches = [*_list(agent, "watch"), dict(watch)]
            return {**document, "stores": {**stores, STORE: dict(store)}, "agent": {**agent, "watch": watches}}

        self._change(added, "a drill begins")

    def remove(self) -> bool:
        """Take the scratch store and its tree away again; False = they were not there.

        Raises:
            GwfError: It refuses the change, or does not answer.
        """

        def removed(document: Document) -> Document:
            stores, agent = _block(document, "stores"), _block(document, "agent")
            watches = [item for item in _list(agent, "watch") if not (is_block(item) and item.get("store") == STORE)]
            kept = {name: item for name, item in stores.items() if name != STORE}
            return {**document, "stores": kept, "agent": {**agent, "watch": watches}}

        return self._change(removed, "a drill ended")

    def _change(self, change: Callable[[Document], Document], reason: str) -> bool:
        for left in reversed(range(TRIES)):
            view = self._api.get(CONFIG)
            seen: Document = view if is_block(view) else {}
            document = _block(seen, "config")
            wanted = change(document)
            if wanted == document:
                return False
            number = _block(seen, "version").get("number")
            body = json.dumps(wanted).encode()
            try:
                self._api.post(CONFIG, body, media_type="application/json", reason=reason, base_version=number)
            except ConflictError:  # somebody else changed it since we looked
                if not left:
                    raise
            else:
                return True
        return False


def _block(document: Mapping[str, object], name: str) -> Document:
    value = document.get(name)
    return value if is_block(value) else {}


def _list(document: Mapping[str, object], name: str) -> list[object]:
    value = document.get(name)
    return value if is_list(value) else []
