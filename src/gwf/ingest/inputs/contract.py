"""What an input is: it makes CloudEvents of what another system sends. Packages may bring their own (`gwf.inputs`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gwf.ingest.cloudevents import Fault

CloudEvent = Mapping[str, object]
"""An event in the JSON form of CloudEvents 1.0, with our extensions `labels` and `severity`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What another system posted."""

    body: bytes
    #: by lower-case name
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What was made of one thing that came; it is checked as every event of a stranger is."""

    #: JSON pointer to where it stood in the body
    pointer: str
    #: a fault = nothing can be made of it
    event: CloudEvent | Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the settings tell an input of a package."""

    #: name it has in the settings
    name: str
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    secrets: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


class WebInput(Protocol):
    """Reads what is posted to an address of its own."""

    def read(self, posted: Posted) -> Sequence[Made]:
        """Return what the body holds, in its order; it may be called in any order and must not wait.

        Raises:
            UnreadableError: Nothing of it can be understood.
        """
        ...


class Hands(Protocol):
    """Takes events from an input that listens."""

    async def take(self, events: Sequence[CloudEvent]) -> None:
        """Return when they are stored; it waits while the centre has no room, so that the input reads more slowly."""
        ...

    def drop(self, events: int) -> None:
        """Count events that were dropped."""
        ...

    def fail(self, error: str) -> None:
        """Tell people what went wrong last: somebody sent what cannot be read, or could not get in."""
        ...

    def hold(self, *, connections: int, waiting: int) -> None:
        """Tell what the input holds now."""
        ...


class ListeningInput(Protocol):
    """Listens for what other systems send by themselves."""

    async def run(self, hands: Hands, ready: Callable[[], None]) -> None:
        """Listen, call `ready`, and go on until cancelled; then hand over what came.

        Raises:
            UnavailableError: It cannot listen.
        """
        ...


class UnreadableError(ValueError):
    """Nothing of a body can be understood; `fault` says why."""

    def __init__(self, pointer: str, code: str, message: str) -> None:
        """Name the place in the body."""
        super().__init__(message)
        self.fault = Fault(pointer=pointer, code=code, message=message)
