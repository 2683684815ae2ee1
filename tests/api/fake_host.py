"""A host and its text files in memory; they speak the ports of the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gwf.agent.filelog.refusals import NotTextError
from gwf.agent.host.service import HostDisabledError
from gwf.core.errors import GwfError
from gwf.wire.filelog import LinesFound, LogSearch
from gwf.wire.host import HostProcess, HostView, Termination
from tests.agent.host.views import view


class FakeHost:
    """A host in memory; `fault` is raised by what comes after the check."""

    def __init__(self) -> None:
        self.off = False
        self.fault: GwfError | None = None
        self.ended: list[tuple[int, bool, str]] = []

    def check(self, *, ending: bool = False) -> None:
        if self.off:
            raise HostDisabledError("off")

    def view(self) -> HostView:
        self.check()
        if self.fault:
            raise self.fault
        return view()

    def environments(self, processes: Sequence[HostProcess]) -> Mapping[int, Sequence[str]]:
        return {item.pid: ["A=******"] for item in processes}

    def terminate(self, pid: int, *, force: bool, author: str) -> Termination:
        if self.fault:
            raise self.fault
        self.ended.append((pid, force, author))
        return Termination(pid=pid, name="sleep", command="", signal="KILL", forced=force)


class FakeFiles:
    """One text file in memory; every other path is binary."""

    PATH = "/data/app.log"
    LINES = ("first line", "Second line", "third")

    def __init__(self) -> None:
        self.searches: list[LogSearch] = []

    def tail(self, path: str) -> list[str]:
        self._check(path)
        return list(self.LINES)

    def search(self, asked: LogSearch, *, stopped: Callable[[], bool]) -> LinesFound:
        self._check(asked.path)
        self.searches.append(asked)
        found = tuple(line for line in self.LINES if asked.query.lower() in line.lower())
        return LinesFound(lines=found[: asked.limit], truncated=len(found) >= asked.limit, scanned_bytes=29)

    def _check(self, path: str) -> None:
        if path != self.PATH:
            raise NotTextError("only text files are shown", path=path)
