"""A watched directory with one verified file, and executions of actions on it."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

from gwf.core.settings.model import ArchiveSettings, ScriptSettings
from gwf.tasks.actions.archive import ArchiveConfig, archive_config
from gwf.tasks.actions.memory import MemoryProof
from gwf.tasks.actions.model import Context, Undo, idempotency_key
from gwf.tasks.actions.output import BoundedOutput
from gwf.tasks.actions.script import ScriptConfig
from gwf.tasks.actions.subject import Subject

OLD_NS = 1_700_000_000_123_456_789


class Workshop:
    """One file and what is known about it."""

    def __init__(self, base: Path) -> None:
        self.root = base / "in"
        self.root.mkdir()
        self.proof = MemoryProof()
        self.cancel = threading.Event()
        self.output = BoundedOutput(1000)
        self.undo: list[Undo] = []

    def file(self, name: str = "day/a.log", content: bytes = b"some lines\n" * 20, *, mode: int = 0o640) -> Subject:
        """Write a file, put its object into the store, and return what the journal knows."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(mode)
        os.utime(path, ns=(OLD_NS, OLD_NS))
        subject = self.subject(name)
        self.proof.objects[subject.key] = content
        self.proof.verified.add(subject.file_id)
        return subject

    def subject(self, name: str) -> Subject:
        """Return a file as it is now."""
        path = self.root / name
        status = path.stat()
        return Subject(
            file_id=1, gen=1, path=os.fsencode(path), root=os.fsencode(self.root), ino=status.st_ino,
            size_bytes=status.st_size, mtime_ns=status.st_mtime_ns, store="default", key=f"h/{name}", etag="",
            sha256="", hostname="h",
        )  # fmt: skip

    def context(self, subject: Subject, *, before: Undo | None = None, timeout_s: float = 20.0) -> Context:
        """Return one execution; what it remembers is kept in `undo`."""
        return Context(
            subject=subject,
            idempotency_key=idempotency_key(subject, kind="test", step=0),
            attempt=1,
            timeout_s=timeout_s,
            cancel=self.cancel,
            output=self.output,
            proof=self.proof,
            before=before or {},
            remember=self.undo.append,
        )

    def archive(self, *allowed: Path, **settings: object) -> ArchiveConfig:
        """Return an archive step."""
        step = ArchiveSettings.model_validate(settings)
        return archive_config(step, os.fsencode(self.root), [os.fsencode(path) for path in allowed])

    @staticmethod
    def script(*command: str, **settings: object) -> ScriptConfig:
        """Return a script step."""
        step = ScriptSettings.model_validate({"command": command, **settings})
        return ScriptConfig(name="test", settings=step)


def tree_of(root: Path) -> dict[str, tuple[bytes, int, int]]:
    """Return content, mode and time of every file below `root`."""
    found: dict[str, tuple[bytes, int, int]] = {}
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink():
            status = path.stat()
            found[str(path.relative_to(root))] = (path.read_bytes(), stat.S_IMODE(status.st_mode), status.st_mtime_ns)
    return found
