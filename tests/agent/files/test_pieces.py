from __future__ import annotations

import base64
import os

import pytest

from gwf.agent.filelog.refusals import OutsideWatchError
from gwf.agent.files.refusals import DownloadTooLargeError
from gwf.wire.agentfiles import PieceQuery
from tests.agent.files.conftest import Shop


def test_pieces_of_one_version_make_the_file_again(shop: Shop) -> None:
    path = shop.place.tree / "a.bin"
    shop.place.write("a.bin", content=bytes(range(256)) * 10)
    whole, offset = b"", 0
    generations: set[str] = set()
    while True:
        piece = shop.desk.piece(PieceQuery(path=str(path), offset=offset, max_bytes=1_000))
        generations.add(piece.generation)
        whole += base64.b64decode(piece.data)
        offset = len(whole)
        if offset == piece.size_bytes:
            break
    assert (whole, len(generations)) == (path.read_bytes(), 1)
    (path.parent / "b.bin").write_bytes(b"other")
    os.replace(path.parent / "b.bin", path)
    assert shop.desk.piece(PieceQuery(path=str(path))).generation not in generations


def test_a_file_beyond_the_bound_or_outside_is_refused(shop: Shop) -> None:
    path = shop.place.tree / "a.bin"
    shop.place.write("a.bin", content=b"12345")
    with pytest.raises(DownloadTooLargeError) as refused:
        shop.desk.piece(PieceQuery(path=str(path), most_bytes=4))
    assert refused.value.context == {"size_bytes": 5, "max_bytes": 4}
    with pytest.raises(OutsideWatchError):
        shop.desk.piece(PieceQuery(path="/etc/passwd"))
