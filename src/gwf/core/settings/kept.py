"""Secrets that stand beside a configuration file: in files of their own, or sealed with the keys of this host."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from gwf.core.errors import InputError, LocalIoError
from gwf.core.keyfile import read_keyring

MAX_BYTES = 64 * 1024
CONTEXT = "configuration file"  #: a text that was sealed for the centre's database does not open here


class KeptSecrets:
    """Reads `${file:PATH}`, relative to the configuration's directory, and `${sealed:…}` (placeholders.Kept)."""

    def __init__(self, directory: Path, key_file: Path) -> None:
        """Read nothing yet."""
        self._directory = directory
        self._key_file = key_file

    def text(self, form: str, of: str) -> str:
        """Return the secret.

        Raises:
            InputError: There is none there, or it cannot be opened with the keys of this host.
            LocalIoError: A file cannot be read.
        """
        return self._unsealed(of) if form == "sealed" else _content(self._directory / of)

    def _unsealed(self, sealed: str) -> str:
        ring = read_keyring(self._key_file)
        if ring is None:
            what = "is sealed, and there is no key file here: put it back, or write the secret anew"
            raise InputError(what, key_file=str(self._key_file))
        return ring.unseal(sealed, context=CONTEXT)


def _content(path: Path) -> str:
    """Return the content of a file of one secret, without the line break at its end."""
    try:
        with path.open("rb") as file:
            mode, raw = os.fstat(file.fileno()).st_mode, file.read(MAX_BYTES + 1)
    except OSError as exc:
        raise LocalIoError("the file of this secret cannot be read", path=str(path), reason=exc.strerror) from exc
    if mode & stat.S_IWOTH:
        raise InputError("others may write the file of this secret: chmod o-w", path=str(path))
    if len(raw) > MAX_BYTES:
        raise InputError("the file of this secret is too large", path=str(path), max_bytes=MAX_BYTES)
    try:
        return raw.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise InputError("the file of this secret is no UTF-8 text", path=str(path)) from None
