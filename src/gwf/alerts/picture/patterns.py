"""Finds what many lines have in common: numbers, names and ids give way, lines that differ in little are one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

MAX_PATTERNS = 200  #: told apart; lines beyond are counted together
MAX_CHARS = 400  #: of a line that are looked at
SAMPLES = 3  #: lines that a pattern shows, the newest
GAP = "…"
ALIKE = 0.7  #: share of the words that two lines must have in common to be one pattern
_VARIABLE = re.compile(
    r"""
    [0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}      # an id
    | \d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?   # a date
    | \d\d:\d\d:\d\d(?:[.,]\d+)?                                                     # a time
    | \d{1,3}(?:\.\d{1,3}){3}(?::\d+)?                                               # an address
    | (?<![\w./-])(?:[A-Za-z]:)?/(?:[^\s"'=,;:()\[\]]+)                              # a path
    | \b0x[0-9a-fA-F]+\b
    | \b(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{8,}\b                                          # a hash
    | \b[\w.]+-\d[\w.-]*                                                             # a name with a number
    | (?<![\w.])[+-]?\d+(?:\.\d+)?(?:[a-zA-Zµ%]{1,3})?\b
    """,
    re.VERBOSE,
)
_STATUS = re.compile(r"[1-5]\d\d")  # codes of answers tell faults apart


@dataclass(slots=True)
class Cluster:
    """Lines that are alike."""

    words: list[str]
    count: int = 0
    #: worst of its lines
    severity: int = 0
    first_at_ms: int = 0
    last_at_ms: int = 0
    #: numbers of lines, the newest first
    samples: list[int] = field(default_factory=list[int])

    @property
    def pattern(self) -> str:
        """What its lines have in common."""
        return " ".join(self.words)


class Line(NamedTuple):
    """One line and how often it stands for itself."""

    #: of the caller
    number: int
    text: str
    at_ms: int
    severity: int
    times: int


def masked(text: str) -> list[str]:
    """Return the words of a line; what is another one each time is a gap."""
    line = _VARIABLE.sub(lambda found: found[0] if _STATUS.fullmatch(found[0]) else GAP, text[:MAX_CHARS])
    words: list[str] = []
    for word in line.split():
        if word != GAP or words[-1:] != [GAP]:
            words.append(word)
    return words


def clustered(lines: Iterable[Line]) -> list[Cluster]:
    """Return the clusters of lines that are given newest first, those with most happenings first."""
    exact: dict[tuple[str, ...], Cluster] = {}
    by_length: dict[int, list[Cluster]] = {}
    rest = Cluster([GAP])
    for line in lines:
        words = masked(line.text)
        name = tuple(words)
        cluster = exact.get(name)
        if cluster is None:
            cluster = _alike(by_length.get(len(words), ()), words)
            if cluster is None:
                cluster = Cluster(words) if len(exact) < MAX_PATTERNS else rest
                if cluster is not rest:
                    by_length.setdefault(len(words), []).append(cluster)
            exact[name] = cluster
        _add(cluster, line)
    found = [cluster for some in by_length.values() for cluster in some]
    found.sort(key=lambda one: (-one.count, -one.severity, one.pattern))
    return [*found, rest] if rest.count else found


def _alike(clusters: Iterable[Cluster], words: list[str]) -> Cluster | None:
    """Return the cluster that a line belongs to, with gaps where they differ; the first word must be the same."""
    for cluster in clusters:
        same = sum(one == other for one, other in zip(cluster.words, words, strict=True))
        if words and cluster.words[0] == words[0] and same >= ALIKE * len(words):
            cluster.words = [one if one == other else GAP for one, other in zip(cluster.words, words, strict=True)]
            return cluster
    return None


def _add(cluster: Cluster, line: Line) -> None:
    cluster.last_at_ms = max(cluster.last_at_ms, line.at_ms)
    cluster.first_at_ms = line.at_ms if not cluster.count else min(cluster.first_at_ms, line.at_ms)
    cluster.count += line.times
    cluster.severity = max(cluster.severity, line.severity)
    if len(cluster.samples) < SAMPLES:
        cluster.samples.append(line.number)
