"""Watched trees and candidates made from few words."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from gwf.agent.inputs.files.tree import Rules, WatchedTree
from gwf.agent.model import Candidate, Route
from gwf.core.mounts import real_path
from gwf.core.settings.model import AgentSettings, WatchSettings


def make_tree(root: Path, *, index: int = 0, **watch: Any) -> WatchedTree:
    """Return the tree of a watch setting; its key is the path below `root` unless said otherwise."""
    return WatchedTree(rules_of(root, index=index, **watch))


def rules_of(root: Path, *, index: int = 0, **watch: Any) -> Rules:
    """Return the rules of a watch setting, as for `make_tree`."""
    settings = WatchSettings.model_validate({"path": root, "key": "{relpath}", **watch})
    return Rules(Route(index=index, root=real_path(root), settings=settings), AgentSettings(hostname="host"))


def candidate_of(tree: WatchedTree, path: Path | bytes) -> Candidate:
    """Return the finished version that now lies at `path`."""
    raw = os.fsencode(path)
    status = os.stat(raw)
    return tree.candidate(raw, status.st_ino, status.st_size, status.st_mtime_ns)
