"""What the search of the console finds."""

from __future__ import annotations

from typing import Literal

from gwf.wire.edge import Wire

HitKind = Literal["agent", "group", "config_version", "rollout", "rule", "file", "event", "user", "audit"]


class SearchHit(Wire):
    """One thing that was found."""

    kind: HitKind
    #: in its list; of a file the row id of its newest event, of an event its own
    id: str
    #: host name, name, path …
    title: str
    #: what tells it apart: agent, layer, number, author, reason, state …
    params: dict[str, str]


class SearchResult(Wire):
    """What was found of each kind, the best first; at most `limit` of each."""

    items: list[SearchHit]
    #: there are more of these kinds: ask their lists
    more: list[HitKind]
    #: were not looked through, because you may not see them
    left_out: list[HitKind]
    #: could not be looked through in time: ask their lists
    too_slow: list[HitKind]
    as_of: str
