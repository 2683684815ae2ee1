from __future__ import annotations

import os
from pathlib import Path

import pytest

from gwf.core.mounts import is_network, real_path

TABLE = rb"""22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:26 / /mnt/share rw shared:2 master:1 - nfs4 10.0.0.1:/x rw,vers=4.2
31 22 0:27 / /mnt/share/local rw - tmpfs tmpfs rw
32 22 0:28 / /mnt/with\040space rw - cifs //srv/x rw
33 22 0:29 /sub /mnt/shar rw - ext4 /dev/vdb rw
34 22 0:30 / /mnt/over rw - nfs 10.0.0.2:/y rw
35 34 0:31 / /mnt/over rw - ext4 /dev/vdc rw
"""


@pytest.fixture
def mounts(tmp_path: Path) -> bytes:
    table = tmp_path / "mountinfo"
    table.write_bytes(TABLE)
    return bytes(table)


@pytest.mark.parametrize(
    ("path", "network"),
    [
        (b"/", False),
        (b"/mnt/share", True),
        (b"/mnt/share/deep/er", True),
        (b"/mnt/shared", False),
        (b"/mnt/shar/x", False),
        (b"/mnt/share/local/x", False),
        (b"/mnt/with space/x", True),
        (b"/mnt/over/x", False),
    ],
)
def test_the_innermost_and_latest_mount_decides(mounts: bytes, path: bytes, network: bool) -> None:
    assert is_network(path, mounts=mounts) is network


def test_a_system_that_says_nothing_has_local_files_only() -> None:
    assert not is_network(b"/x", mounts=b"/nonexistent/mountinfo")


def test_the_table_of_this_system_can_be_read() -> None:
    assert not is_network(b"/proc/self")


def test_links_are_resolved_as_far_as_the_path_exists(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    os.symlink("real", tmp_path / "link")
    assert real_path(tmp_path / "link" / "later") == os.fsencode(tmp_path / "real" / "later")
