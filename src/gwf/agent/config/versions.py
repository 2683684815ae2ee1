"""Keeps configurations that were in force: one private file each in the data directory, the newest 100."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import logging
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from gwf.agent.config.overlay import Overlay, from_json, to_json
from gwf.core.errors import CorruptDataError, LocalIoError
from gwf.core.settings.draft import is_block
from gwf.wire.config import ConfigVersion

CONFIG_DIRECTORY = "config"  #: inside the data directory
KEEP = 100  #: versions; older ones are removed
_NAME = re.compile(r"v(\d{8})\.json")
_SALT = "salt"

log = logging.getLogger("gwf.agent.config")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One version with everything that it takes to put it into force again. It holds secrets."""

    version: ConfigVersion
    document: dict[str, object]
    overlay: Overlay


class VersionStore:
    """The versions of one data directory. Files are of mode 0600: they hold secrets."""

    def __init__(self, directory: Path) -> None:
        """Read nothing yet; the directory is made with the first version."""
        self._directory = directory

    def numbers(self) -> list[int]:
        """Return the numbers that are kept, newest first."""
        try:
            names = os.listdir(self._directory)
        except OSError:
            return []
        return sorted((int(match[1]) for name in names if (match := _NAME.fullmatch(name))), reverse=True)

    def find(self, number: int) -> Kept | None:
        """Return a version, or None if it is not kept or its file is damaged (which is logged)."""
        path = self._path(number)
        try:
            return _kept(json.loads(path.read_bytes()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, CorruptDataError) as exc:
            log.error("config_version_unreadable", extra={"path": str(path), "error": str(exc)})
            return None

    def latest(self) -> Kept | None:
        """Return the newest version that can be read."""
        return next((kept for number in self.numbers() if (kept := self.find(number))), None)

    def write(self, kept: Kept) -> None:
        """Make a version durable and remove those beyond KEEP.

        Raises:
            LocalIoError: It cannot be written.
        """
        body = {
            "version": kept.version.model_dump(mode="json"),
            "document": kept.document,
            "overlay": to_json(kept.overlay),
        }
        self._write(self._path(kept.version.number), json.dumps(body).encode())
        for number in self.numbers()[KEEP:]:
            with contextlib.suppress(OSError):  # it is tried again with the next version
                os.unlink(self._path(number))

    def hash_of(self, document: dict[str, object]) -> str:
        """Return a hash that changes with every value; without this directory nothing can be guessed from it.

        Raises:
            LocalIoError: The salt cannot be written.
        """
        text = json.dumps(document, sort_keys=True).encode()
        return hmac.new(self._salt(), text, hashlib.sha256).hexdigest()

    def _salt(self) -> bytes:
        path = self._directory / _SALT
        try:
            salt = path.read_bytes()
        except FileNotFoundError:
            salt = b""
        except OSError as exc:
            raise _refused(path, exc) from exc
        if len(salt) < 32:
            salt = secrets.token_bytes(32)
            self._write(path, salt)
        return salt

    def _path(self, number: int) -> Path:
        return self._directory / f"v{number:08}.json"

    def _write(self, path: Path, body: bytes) -> None:
        temporary = path.with_name(f".{path.name}.tmp")
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
            descriptor = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as exc:
            raise _refused(path, exc) from exc


def _kept(body: object) -> Kept:
    if not is_block(body) or not is_block(document := body.get("document")):
        raise CorruptDataError("a version of the configuration has no document")
    try:
        version = ConfigVersion.model_validate(body.get("version"))
    except ValidationError as exc:
        raise CorruptDataError("a version of the configuration is damaged") from exc
    return Kept(version=version, document=document, overlay=from_json(body.get("overlay")))


def _refused(path: Path, exc: OSError) -> LocalIoError:
    return LocalIoError("the configuration cannot be written down", path=str(path), reason=exc.strerror)
