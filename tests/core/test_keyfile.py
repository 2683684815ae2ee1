from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from gwf.core.errors import InputError, LocalIoError
from gwf.core.keyfile import make_keyring, read_keyring, write_keyring
from gwf.core.sealing import parse_keyring


def test_a_key_file_is_private_and_never_replaced_by_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secrets.key"
    assert read_keyring(path) is None
    ring = make_keyring(path)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert make_keyring(path) == ring == read_keyring(path)
    assert os.listdir(path.parent) == ["secrets.key"]


def test_other_keys_take_the_place_of_the_old_ones_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "secrets.key"
    rotated = make_keyring(path).rotated()
    write_keyring(path, rotated)
    assert parse_keyring(path.read_text()) == rotated
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_a_key_file_that_others_may_read_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "secrets.key"
    make_keyring(path)
    path.chmod(0o640)
    with pytest.raises(InputError, match="chmod 600"):
        read_keyring(path)


def test_what_is_no_key_file_is_refused_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "secrets.key"
    path.write_bytes(b"\xff" * 10)
    path.chmod(0o600)
    with pytest.raises(InputError) as caught:
        read_keyring(path)
    assert caught.value.context["path"] == str(path)
    with pytest.raises(LocalIoError):
        read_keyring(tmp_path)
