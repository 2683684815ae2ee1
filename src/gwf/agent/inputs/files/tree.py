"""One watched tree at run time: its route, filters and present state."""

from __future__ import annotations

import enum
import os
from dataclasses import dataclass
from typing import Literal

from gwf.agent.inputs.files.carriage import Carriage, compiled
from gwf.agent.inputs.files.select import Selector
from gwf.agent.model import IGNORED, SHA256_PLACEHOLDER, Candidate, FileStatus, Route, host_name
from gwf.core.errors import ConfigError
from gwf.core.mounts import real_path
from gwf.core.settings.complete import archive_directories
from gwf.core.settings.model import AgentSettings
from gwf.rules.edge import EdgeRules
from gwf.storage.keys import KeyParts, KeyTemplate, compile_template


class TreeState(enum.StrEnum):
    """Whether a tree is seen."""

    SCANNING = "scanning"
    WATCHING = "watching"
    MISSING = "missing"
    DENIED = "denied"


class Kind(enum.Enum):
    """What a directory entry is."""

    DIRECTORY = enum.auto()
    FILE = enum.auto()
    NOTHING = enum.auto()


@dataclass(slots=True)
class TreeFacts:
    """What views show of a tree; written by the input's threads, read by others."""

    state: TreeState = TreeState.SCANNING
    mode: Literal["inotify", "fanotify", "watchfiles", "poll"] = "inotify"
    #: the system's inotify watch limit was reached below this tree
    limit_reached: bool = False
    #: directories seen by the last pass
    directories: int = 0
    #: files that passed the filters in the last pass
    files: int = 0
    #: wall time of the last finished pass; None before the first
    reconciled_at_ms: int | None = None
    reconcile_ms: float | None = None
    #: the system's message while MISSING or DENIED
    problem: str = ""
    #: directories skipped in the last pass because they may not be read
    unreadable: int = 0


class Rules:
    """A route with everything compiled that deciding about its files needs. Never changed: a new one replaces it."""

    def __init__(
        self, route: Route, agent: AgentSettings, *, own: tuple[bytes, ...] = (), edge: EdgeRules | None = None
    ) -> None:
        """Compile filters and the key template; `own` directories of this process are never entered.

        `edge` are the rules of the centre about how files are carried; they come before the route.

        Raises:
            ConfigError: The key template has an unknown variable, or the root is one of `own`.
        """
        if route.root in own or route.root == b"/":
            raise ConfigError(
                "this directory cannot be watched",
                problems=(
                    (
                        f"agent.watch[{route.index}].path: {os.fsdecode(route.root)} is the root of the file system or "
                        "written by GWF itself; name a directory of your own"
                    ),
                ),
            )
        self.route = route
        self.selector = Selector(route.root, route.settings, own=own)
        self.template = compile_template(route.settings.key)
        self.hostname = host_name(agent.hostname)
        self.labels = dict(agent.labels)
        self._edge = agent.rules
        self.carriage = None if edge is None else Carriage(route, edge, self.labels)
        self._own = own

    def same_as(self, other: Rules) -> bool:
        """Tell whether both decide alike; the position in the configuration decides nothing."""
        return self._marks() == other._marks()

    def _marks(self) -> tuple[object, ...]:
        return self.route.root, self.route.settings, self.hostname, self.labels, self._own, self._edge


class WatchedTree:
    """One tree while it is watched: its present rules and what is known of it."""

    def __init__(self, rules: Rules) -> None:
        """Begin with `rules`; their root stays the root of this tree."""
        self.rules = rules
        self.root = rules.route.root
        self.route = rules.route
        self.settings = rules.route.settings
        self.selector = rules.selector
        self.facts = TreeFacts()
        #: no longer watched: walks of it end
        self.retired = False

    def adopt(self, rules: Rules) -> None:
        """Decide by `rules` from now on; only the input's thread may call this once it runs."""
        self.rules = rules
        self.route = rules.route
        self.settings = rules.route.settings
        self.selector = rules.selector

    @property
    def links_below(self) -> bytes | None:
        """Directory below which links are followed, or None if links are left alone."""
        return self.root if self.settings.follow_symlinks else None

    def kind(self, entry: os.DirEntry[bytes]) -> Kind:
        """Return what a directory entry is to this tree; what cannot be examined is nothing.

        With `follow_symlinks` a link to a file inside the tree is a file too. A link to a directory never is
        one: what lies there is carried under its real name, so that no key depends on the order of a walk.
        """
        try:
            if entry.is_dir(follow_symlinks=False):
                return Kind.DIRECTORY
            if entry.is_file(follow_symlinks=False):
                return Kind.FILE
            linked = self.settings.follow_symlinks and entry.is_symlink() and entry.is_file()
            return Kind.FILE if linked and self._holds(os.path.realpath(entry.path)) else Kind.NOTHING
        except OSError:  # a link to itself, or into a directory we may not enter
            return Kind.NOTHING

    def _holds(self, path: bytes) -> bool:
        return path == self.root or path.startswith(self.root + b"/")

    def candidate(self, path: bytes, ino: int, size_bytes: int, mtime_ns: int) -> Candidate:
        """Return the finished version of a file with its destination decided."""
        directory, _, name = path.rpartition(b"/")
        rules = self.rules
        chosen = None if rules.carriage is None else rules.carriage.choose(path, size_bytes)
        route, template = (self.route, rules.template) if chosen is None else chosen
        status, reason = (FileStatus.SKIPPED, IGNORED) if route.ignored else self._size_rule(size_bytes)
        return Candidate(
            directory=directory,
            name=name,
            ino=ino,
            size_bytes=size_bytes,
            mtime_ns=mtime_ns,
            route=route,
            key=self._key(template, path, mtime_ns),
            status=status,
            reason=reason,
        )

    def _key(self, template: KeyTemplate, path: bytes, mtime_ns: int) -> str:
        """Return the object key of a file; where the template asks for the hash, a placeholder stands."""
        rules = self.rules
        return template.render(
            KeyParts(
                hostname=rules.hostname,
                path=path,
                root=self.root,
                modified_at_ms=mtime_ns // 1_000_000,
                labels=rules.labels,
                sha256=SHA256_PLACEHOLDER,
            )
        )

    def _size_rule(self, size_bytes: int) -> tuple[FileStatus, str | None]:
        if size_bytes < self.settings.min_size:
            return FileStatus.SKIPPED, "smaller_than_min_size"
        if self.settings.max_size is not None and size_bytes > self.settings.max_size:
            return FileStatus.SKIPPED, "larger_than_max_size"
        return FileStatus.READY, None


def rules_of(agent: AgentSettings, own: tuple[bytes, ...]) -> list[Rules]:
    """Return the rules of every configured tree, compiled.

    Raises:
        ConfigError: A key template or a rule of the centre is wrong, or a directory of this process itself is to be
            watched.
    """
    own = (*own, *(real_path(directory) for directory in archive_directories(agent.watch)))
    edge = compiled(agent.rules)
    return [
        Rules(Route(index=index, root=real_path(item.path), settings=item), agent, own=own, edge=edge)
        for index, item in enumerate(agent.watch)
    ]
