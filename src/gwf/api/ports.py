"""What the HTTP endpoints need from the process they speak for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from gwf.control.asks.model import Asking
from gwf.core.settings.model import Settings
from gwf.wire.config import ConfigOrigin, ConfigOutcome, ConfigVersion, ConfigView
from gwf.wire.deadletters import ChangedFiles, DeadFilter, DeadPage, DropOrder, HistoryEntry, ReplayOrder
from gwf.wire.edge import CentreView, FilePage, FileState, FileView, HealthState, Overview, Reason, StoreView
from gwf.wire.filelog import LinesFound, LogSearch
from gwf.wire.goalerts import GoAlertChange
from gwf.wire.goconfig import GoConfigChange
from gwf.wire.host import HostProcess, HostView, Termination
from gwf.wire.stores import BreakerOrder


class EdgeSource(Protocol):
    """An edge as seen by its own HTTP port. Calls may block for some milliseconds (SQLite reads)."""

    def state(self) -> tuple[HealthState, list[Reason]]:
        """Return the overall state and every reason for not being `ok`."""
        ...

    def overview(self) -> Overview:
        """Return the numbers of the first page."""
        ...

    def files(
        self, *, states: tuple[FileState, ...], text: str, store: str | None, cursor: str | None, limit: int
    ) -> FilePage:
        """Return files, newest change first; `text` is a substring of the path.

        Raises:
            InputError: The cursor is not one of ours.
        """
        ...

    def file(self, file_id: int) -> FileView:
        """Return one file.

        Raises:
            NotFoundError: No file has this id.
        """
        ...

    def version(self) -> int:
        """Return a number that grows whenever the overview or the files change."""
        ...

    def legacy_health(self) -> dict[str, object]:
        """Return the counters of the legacy /api/health body, by its field names."""
        ...


Document = dict[str, object]
"""A configuration in its native form, as YAML would hold it: durations in seconds or as text, paths as text."""


class ConfigSource(Protocol):
    """The configuration of this process: read, checked, changed while everything runs, kept in versions.

    Every change goes the same way: validated whole, compared, applied to the running edge without dropping a file,
    written down as a new version. What is refused changes nothing. Calls may block for some seconds.
    """

    def current(self) -> ConfigVersion:
        """Return the version in force."""
        ...

    def settings(self) -> Settings:
        """Return the typed settings in force, with secrets; keep no copy, they may be replaced at any time."""
        ...

    def view(self, number: int | None = None) -> ConfigView:
        """Return the configuration in force, or that of an older version, secrets masked.

        Raises:
            NotFoundError: No version has this number, or it is no longer kept.
        """
        ...

    def validate(self, document: Document) -> list[str]:
        """Return every fault of a whole configuration, as `gwf check` tells them; empty = usable."""
        ...

    def apply(
        self,
        document: Document,
        *,
        author: str,
        reason: str,
        source: ConfigOrigin,
        dry_run: bool = False,
        expected: int | None = None,
    ) -> ConfigOutcome:
        """Put a whole configuration into force; what it leaves out is a default. A masked value stays as it is.

        `expected` is the version that it was made from, if the caller wants no other change overwritten.

        Raises:
            ConflictError: Another version than `expected` is in force.
            ConfigError: It is wrong, or changes what only a restart can; `problems` lists every fault.
            LocalIoError: The new version cannot be written down; the old one stays in force.
        """
        ...

    def edit(
        self,
        change: Callable[[Document], Document],
        *,
        author: str,
        reason: str,
        source: ConfigOrigin,
        dry_run: bool = False,
    ) -> ConfigOutcome:
        """Put into force what `change` makes of the configuration in force.

        It gets a copy of its own of the native document, every key filled, secrets in clear, and returns the new one.
        The result stands above file, environment and flags, also after a restart. Edits of several callers follow
        each other: none is lost.

        Raises:
            ConfigError: As `apply`.
            LocalIoError: As `apply`.
        """
        ...

    def versions(self) -> list[ConfigVersion]:
        """Return the versions that are kept, newest first."""
        ...

    def rollback(self, number: int, *, author: str, reason: str, dry_run: bool = False) -> ConfigOutcome:
        """Put the configuration of an older version into force again, as a new version.

        Raises:
            NotFoundError: No version has this number, or it is no longer kept.
            ConfigError: It no longer fits, for example because a certificate file is gone.
            LocalIoError: As `apply`.
        """
        ...


class DashboardSource(Protocol):
    """The console data of the Go version, ready as JSON. Calls may block: the whole takes some 100 ms."""

    def light(self) -> bytes:
        """Return the body without tree and files."""
        ...

    def full(self) -> list[bytes]:
        """Return the whole body in pieces."""
        ...


class GoConfigSource(Protocol):
    """The configuration in the words of the Go version. Calls may block for some seconds."""

    def change(self, wish: GoConfigChange, *, author: str) -> dict[str, object]:
        """Put a change into force and return `configSnapshot`.

        Raises:
            InputError: A value is wrong; the message is the Go version's text, `reason` says more.
            ConfigError: The whole would not be usable.
            LocalIoError: The new version cannot be written down.
        """
        ...


class GoAlertSource(Protocol):
    """Log alerts in the words of the Go version. Changes may block for some seconds."""

    def alerts(self) -> dict[str, object] | None:
        """Return the answer of /api/alerts; None where alerts were never on."""
        ...

    def config(self) -> dict[str, object]:
        """Return `config` of /api/alert-config."""
        ...

    def change(self, wish: GoAlertChange, *, author: str) -> dict[str, object]:
        """Put settings into force and return `config`.

        Raises:
            InputError: A value is wrong; the message is the Go version's text, `reason` says more.
            ConfigError: The whole would not be usable.
            LocalIoError: The new version cannot be written down.
        """
        ...

    def rules(self) -> dict[str, object]:
        """Return the rules in force."""
        ...

    def change_rules(self, document: Mapping[str, object], *, author: str) -> dict[str, object]:
        """Put rules into force and return them in normal form; raises as `change`."""
        ...


class PathActions(Protocol):
    """What people may ask for by path. Calls return when it is durable."""

    def switch(self, path: str, *, enabled: bool, author: str) -> None:
        """Decide whether a file, or all below a directory, is sent by itself.

        Raises:
            InputError: There are too many switches, or no file can have such a path.
            UnavailableError: It could not be written down.
        """
        ...

    def send_now(self, path: str, *, author: str) -> str:
        """Send one file below a watched directory now; return its clean path.

        Raises:
            InputError: The path is not that of a file below a watched directory.
            LocalIoError: The file cannot be examined.
            UnavailableError: It could not be written down.
        """
        ...


class FileLogSource(Protocol):
    """Watched text files. Both calls read files and raise InputError for a path that may not be read."""

    def tail(self, path: str) -> list[str]:
        """Return the last lines of a file, oldest first.

        Raises:
            InputError: The path leads to no text file below a watched directory.
            LocalIoError: The file cannot be read.
        """
        ...

    def search(self, asked: LogSearch, *, stopped: Callable[[], bool]) -> LinesFound:
        """Return lines that hold a text; ends early when `stopped` says so.

        Raises:
            InputError: The path leads to no text file below a watched directory, or the text is too long.
            LocalIoError: The file cannot be read.
            OverloadedError: Enough searches are running.
        """
        ...


class HostSource(Protocol):
    """The host of an edge. Every call but `check` may block for a second, the first one after a pause."""

    def check(self, *, ending: bool = False) -> None:
        """Refuse what the settings do not allow; `ending` asks about ending processes.

        Raises:
            DeniedError: It is switched off.
        """
        ...

    def view(self) -> HostView:
        """Return the host as it was seconds ago.

        Raises:
            DeniedError: It is switched off.
            LocalIoError: The system does not tell.
        """
        ...

    def environments(self, processes: Sequence[HostProcess]) -> Mapping[int, Sequence[str]]:
        """Return the first variables of each process that may be looked into, secrets masked.

        Raises:
            DeniedError: It is switched off.
        """
        ...

    def terminate(self, pid: int, *, force: bool, author: str) -> Termination:
        """End a process: TERM first, or KILL at once with `force`.

        Raises:
            InputError: There is no such process, or it is protected.
            DeniedError: It is switched off, or the system does not allow it.
            LocalIoError: It does not end.
        """
        ...


class StoresSource(Protocol):
    """The stores of an edge."""

    def list(self) -> Sequence[StoreView]:
        """Return every store in the order of the configuration."""
        ...

    def move_breaker(self, name: str, order: BreakerOrder, *, author: str) -> StoreView:
        """Open, close or reset the breaker of a store, and return the store as it is then.

        Raises:
            NotFoundError: No store has this name.
        """
        ...


class DeadLetterSource(Protocol):
    """Files of an edge that wait for a person. Calls may block for some milliseconds, changes for longer."""

    def page(self, wanted: DeadFilter, *, cursor: str | None, limit: int) -> DeadPage:
        """Return one page, with all groups if it is the first.

        Raises:
            InputError: The cursor is none of ours.
        """
        ...

    def history(self, file_id: int) -> Sequence[HistoryEntry]:
        """Return what happened to a file, oldest first.

        Raises:
            NotFoundError: No file has this id.
        """
        ...

    def replay(self, order: ReplayOrder, *, author: str) -> ChangedFiles:
        """Send files again.

        Raises:
            InputError: The target cannot be used, or a file is in another state.
            NotFoundError: An id is unknown.
            ConflictError: Another file has the key.
        """
        ...

    def drop(self, order: DropOrder, *, author: str) -> ChangedFiles:
        """Give files up.

        Raises:
            InputError: A file is in another state.
            NotFoundError: An id is unknown.
        """
        ...


class AgentFilesSource(Protocol):
    """Agents that can be asked about the files of their hosts."""

    async def ask(self, asking: Asking) -> bytes:
        """Return what an agent answers, as JSON.

        Raises:
            NotFoundError: There is no such agent.
            UnavailableError: It is offline, or did not answer in time.
            GwfError: What it said instead of an answer, with its own code.
        """
        ...


class CentreSource(Protocol):
    """The link of this edge to a centre. Calls may block for as long as the centre takes to answer."""

    def view(self) -> CentreView:
        """Return how this edge stands with its centre.

        Raises:
            NotFoundError: This edge has none.
        """
        ...

    def enrol(self, token: str) -> CentreView:
        """Enrol with a token that is not kept.

        Raises:
            NotFoundError: This edge has no centre.
            DeniedError: The centre does not take the token.
            UnavailableError: The centre does not answer.
        """
        ...

    def leave(self) -> CentreView:
        """Forget the credential.

        Raises:
            NotFoundError: This edge has no centre.
            ConflictError: It left before.
        """
        ...
