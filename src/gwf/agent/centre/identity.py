"""Who this edge is for a centre: an id made once, and the credential that the centre gave for it."""

from __future__ import annotations

import itertools
import logging
import os
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from gwf.core.durable import write_durably
from gwf.core.errors import CorruptDataError, LocalIoError

FILE_NAME = "centre.json"  #: inside the data directory, mode 0600

log = logging.getLogger("gwf.agent.centre")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What is kept in the data directory."""

    #: UUID, made once: the same one again is the same agent
    instance_id: str
    #: address of the centre that gave the credential; "" = not enrolled
    url: str = ""
    agent_id: str = ""
    credential: str = field(default="", repr=False)
    tenant: str = ""
    #: a person took this edge away from its centre: it does not enrol again by itself
    left: bool = False

    def is_enrolled_at(self, url: str) -> bool:
        """Tell whether there is a credential for this centre."""
        return bool(self.credential) and self.url == url

    def without_credential(self, *, left: bool) -> Identity:
        """Return the same edge as nobody's agent."""
        return Identity(instance_id=self.instance_id, left=left)


class IdentityFile:
    """Reads and writes the identity. Its owner makes sure that one thread writes at a time."""

    def __init__(self, data_dir: Path) -> None:
        """Read nothing yet."""
        self._path = data_dir / FILE_NAME

    def find(self) -> Identity | None:
        """Return the identity; None when there is none yet.

        Raises:
            CorruptDataError: The file is none of ours.
            LocalIoError: It cannot be read.
        """
        try:
            identity = msgspec.json.decode(self._path.read_bytes(), type=Identity)
            uuid.UUID(identity.instance_id)
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise LocalIoError("the identity cannot be read", path=str(self._path), reason=exc.strerror) from exc
        except (msgspec.MsgspecError, ValueError) as exc:
            raise CorruptDataError("the identity is damaged", path=str(self._path)) from exc
        return identity

    def ensure(self) -> Identity:
        """Return the identity, a new one if there was none or it was damaged (that file is set aside).

        Raises:
            LocalIoError: It cannot be read or written.
        """
        try:
            known = self.find()
        except CorruptDataError as exc:
            log.error("identity_damaged", extra={"error": str(exc), "kept_as": str(self._set_aside())})
            known = None
        if known is None:
            known = Identity(instance_id=str(uuid.uuid4()))
            self.write(known)
        return known

    def write(self, identity: Identity) -> None:
        """Make the identity durable.

        Raises:
            LocalIoError: It cannot be written; the old one is as it was.
        """
        write_durably(self._path, msgspec.json.encode(identity), mode=0o600)

    def _set_aside(self) -> Path:
        names = (self._path.with_name(f"{FILE_NAME}.damaged{number or ''}") for number in itertools.count())
        aside = next(name for name in names if not name.exists())
        try:
            os.replace(self._path, aside)
        except OSError as exc:
            raise LocalIoError("the damaged identity is in the way", path=str(self._path), reason=exc.strerror) from exc
        return aside
