"""TOUCH: makes a marker file on the worker's host, so that a program there knows that something is ready."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from gwf.core.errors import ErrorClass
from gwf.tasks.worker.contract import Config, Fault, WorkContext, WorkResult, done, failed


class TouchAction:
    """See gwf.tasks.worker.contract.WorkAction."""

    kind = "TOUCH"

    def validate(self, config: Config) -> Sequence[Fault]:
        """Wants `path`, absolute, and nothing else."""
        faults = [Fault(pointer=f"/{name}", message="is not known") for name in sorted(set(config) - {"path"})]
        path = config.get("path")
        if not isinstance(path, str) or not os.path.isabs(path) or "\0" in path:
            faults.append(Fault(pointer="/path", message="is an absolute path"))
        return faults

    def describe(self, config: Config) -> str:
        """Say which file appears."""
        return f"make the marker {config['path']}"

    async def execute(self, config: Config, context: WorkContext) -> WorkResult:
        """Make the file; whose it is stands in it, so that a repeat knows its own."""
        path = Path(str(config["path"]))
        try:
            mine = await asyncio.to_thread(_made, path, context.idempotency_key)
        except OSError as exc:
            return failed(f"{path}: {exc.strerror}", ErrorClass.LOCAL_IO)
        if not mine:
            return failed(f"{path} is there and not ours", ErrorClass.CONFLICT, retryable=False)
        return done(f"made {path}", undo={"path": str(path)})

    async def compensate(self, config: Config, context: WorkContext, undo: Mapping[str, object]) -> WorkResult:
        """Remove the file if it is ours; one that is gone is undone."""
        path = Path(str(undo["path"]))
        try:
            await asyncio.to_thread(_removed, path, context.idempotency_key)
        except OSError as exc:
            return failed(f"{path}: {exc.strerror}", ErrorClass.LOCAL_IO)
        return done(f"removed {path}")


def _made(path: Path, owner: str) -> bool:
    """Make the file; False when somebody else's is there."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(owner)
    except FileExistsError:
        return path.read_text(encoding="utf-8") == owner
    return True


def _removed(path: Path, owner: str) -> None:
    try:
        if path.read_text(encoding="utf-8") == owner:
            path.unlink()
    except FileNotFoundError:
        return
