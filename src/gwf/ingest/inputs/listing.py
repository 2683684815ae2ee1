"""All inputs of a centre, for people: what each is, where it takes what comes, who may send, and how it does."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from gwf.ingest.inputs.doors import Door
from gwf.ingest.inputs.metrics import InputFacts
from gwf.ingest.inputs.news import InputNews, News


class InputState(enum.StrEnum):
    """Whether an input takes anything."""

    ON = "on"
    #: the settings do not switch it on
    OFF = "off"
    #: it crashed, and is gone until the next start
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True, kw_only=True)
class InputNow:
    """An input and how it does."""

    door: Door
    state: InputState
    news: News
    #: of what listens; None = it does not
    connections: int | None
    waiting: int | None


class InputListing:
    """Used in one event loop."""

    def __init__(self, doors: Sequence[Door], news: InputNews, facts: InputFacts) -> None:
        """Look at these."""
        self._doors = doors
        self._news = news
        self._facts = facts

    @property
    def since_ms(self) -> int:
        """Since when everything is counted: since this process began."""
        return self._news.since_ms

    def all(self, tenant: str) -> Sequence[InputNow]:
        """Return the inputs that bring something to a tenant, in the order of the settings."""
        return [self._now(door, tenant) for door in self._doors if door.tenant in {"", tenant}]

    def _now(self, door: Door, tenant: str) -> InputNow:
        state = InputState.ON if door.is_on else InputState.OFF
        listens = door.listens and door.is_on
        return InputNow(
            door=door,
            state=InputState.CRASHED if self._news.is_crashed(door.name) else state,
            news=self._news.of(door.name, tenant),
            connections=self._facts.connections.get(door.name, 0) if listens else None,
            waiting=self._facts.waiting.get(door.name, 0) if listens else None,
        )
