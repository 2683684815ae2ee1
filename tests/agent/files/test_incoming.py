"""Files that people put into watched directories: whole or not at all, where they may, over nothing unless meant."""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gwf.agent.engine import Edge
from gwf.agent.files.incoming import Incoming
from gwf.core.errors import GwfError
from gwf.core.settings.model import HighWaterSettings
from gwf.wire.incoming import (
    IncomingBegin,
    IncomingCancel,
    IncomingDone,
    IncomingFinish,
    IncomingPiece,
    IncomingState,
)
from tests.agent.edges import Place, running_edge
from tests.agent.waiting import until

WHOLE = bytes(range(256)) * 40


def sum_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class Gate:
    """A running edge that takes files."""

    place: Place
    edge: Edge
    incoming: Incoming

    def begin(self, name: str = "in.log", where: str = "", *, author: str = "ann", **given: Any) -> IncomingState:
        order = {"directory": where or str(self.place.tree), "name": name, "size_bytes": len(WHOLE), **given}
        return self.incoming.begin(IncomingBegin.model_validate({**order, "author": author}))

    def piece(self, state: IncomingState, offset: int, data: bytes, *, author: str = "ann") -> IncomingState:
        text = base64.b64encode(data).decode()
        return self.incoming.piece(
            IncomingPiece(incoming_id=state.incoming_id, offset=offset, data=text, author=author)
        )

    def finish(self, state: IncomingState, data: bytes = WHOLE, *, path: str = "") -> IncomingDone:
        order = IncomingFinish(
            incoming_id=state.incoming_id, path=path or state.path, size_bytes=len(data), sha256=sum_of(data),
            author="ann",
        )  # fmt: skip
        return self.incoming.finish(order)

    def cancel(self, state: IncomingState, *, author: str = "ann") -> None:
        self.incoming.cancel(IncomingCancel(incoming_id=state.incoming_id, path=state.path, author=author))

    def put(self, name: str, data: bytes = WHOLE, **given: Any) -> IncomingDone:
        state = self.begin(name, size_bytes=len(data), **given)
        self.piece(state, state.received_bytes, data[state.received_bytes :])
        return self.finish(state, data)

    def parts(self) -> list[Path]:
        return sorted(self.place.tree.rglob("*.gwf-part"))


@contextmanager
def gate_at(base: Path, watch: dict[str, Any] | None = None, **receive: Any) -> Generator[Gate]:
    place = Place(base)
    settings = place.settings(watch=watch, receive={"enabled": True, **receive})
    with running_edge(settings) as edge:
        yield Gate(place, edge, Incoming(edge))


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    with gate_at(tmp_path) as made:
        yield made


@contextmanager
def refused(code: str) -> Generator[dict[str, object]]:
    context: dict[str, object] = {}
    with pytest.raises(GwfError) as caught:
        yield context
    assert caught.value.code == code
    context.update(caught.value.context)


def test_a_file_is_carried_when_it_is_whole_and_not_before(gate: Gate) -> None:
    state = gate.begin()
    gate.piece(state, 0, WHOLE[:5000])
    gate.place.write("marker.log")
    until(lambda: "marker.log" in gate.place.stored())  # what came after the first half is carried already
    assert [part.read_bytes() for part in gate.parts()] == [WHOLE[:5000]]
    assert set(gate.place.stored()) == {"marker.log"}
    gate.piece(state, 5000, WHOLE[5000:])
    done = gate.finish(state)
    assert (done.path, done.size_bytes, done.sha256) == (f"{gate.place.tree}/in.log", len(WHOLE), sum_of(WHOLE))
    until(lambda: gate.place.stored().get("in.log") == sum_of(WHOLE))
    assert (gate.parts(), list((gate.place.data / "incoming").iterdir())) == ([], [])
    assert (gate.place.tree / "in.log").stat().st_mode & 0o777 == 0o640
    assert gate.finish(state) == done  # whoever did not hear the answer asks again


def test_an_empty_file_is_put_too(gate: Gate) -> None:
    gate.put("empty.log", b"")
    assert (gate.place.tree / "empty.log").read_bytes() == b""


def test_it_goes_on_where_it_stopped_also_after_a_restart(gate: Gate) -> None:
    state = gate.begin(modified_at_ms=7)
    gate.piece(state, 0, WHOLE[:3000])
    gate.incoming = Incoming(gate.edge)
    again = gate.begin(modified_at_ms=7)
    assert (again.incoming_id, again.received_bytes) == (state.incoming_id, 3000)
    with refused("out_of_order") as said:
        gate.piece(state, 3001, WHOLE[3001:])
    assert said["received_bytes"] == 3000
    gate.piece(state, 2000, WHOLE[2000:4000])  # the answer to a piece was lost: it comes once more
    with refused("out_of_order"):
        gate.finish(state)
    gate.piece(state, 4000, WHOLE[4000:])
    assert gate.finish(state).sha256 == sum_of(WHOLE)


def test_other_bytes_than_were_meant_leave_nothing(gate: Gate) -> None:
    state = gate.begin()
    gate.piece(state, 0, WHOLE[:-1] + b"x")
    with refused("checksum_mismatch"):
        gate.finish(state)
    assert list(gate.place.tree.iterdir()) == []
    with refused("incoming_gone"):
        gate.piece(state, 0, WHOLE)


def test_nothing_is_overwritten_unless_that_is_meant(gate: Gate) -> None:
    target = gate.place.tree / "in.log"
    target.write_bytes(b"old")
    with refused("file_exists") as said:
        gate.begin()
    assert said["kind"] == "file"
    target.unlink()
    state = gate.begin()
    gate.piece(state, 0, WHOLE)
    target.write_bytes(b"meanwhile")
    with refused("file_exists"):
        gate.finish(state)
    assert target.read_bytes() == b"meanwhile"
    assert gate.begin(replace=True).received_bytes == len(WHOLE)
    gate.finish(state)
    assert target.read_bytes() == WHOLE
    (gate.place.tree / "dir.log").mkdir()
    with refused("file_exists") as said:
        gate.begin("dir.log", replace=True)
    assert said["kind"] == "other"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../out.log", "invalid_input"), ("..", "invalid_input"), ("a\nb.log", "invalid_input"),
        ("数" * 90 + ".log", "invalid_input"), ("a.log.gwf-part", "not_carried"),
        ("a.tmp", "not_carried"), ("a.csv", "not_carried"), ("skip.log", "not_carried"),
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_or_is_not_carried_is_refused(tmp_path: Path, name: str, code: str) -> None:
    with gate_at(tmp_path, {"suffixes": [".log"], "exclude": ["skip.*"]}) as gate:
        with refused(code):
            gate.begin(name)
        assert list(gate.place.tree.iterdir()) == []


def test_a_place_that_takes_nothing_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    inbox = tmp_path / "tree/in"
    inbox.mkdir(parents=True)
    with gate_at(tmp_path, {"exclude": ["in/private"], "max_size": 20_000}, into=[str(inbox)], max_size=30_000) as gate:
        (inbox / "private").mkdir()
        (inbox / "away").symlink_to(outside)
        (inbox / "file.log").write_bytes(b"")
        tried: list[tuple[Path, dict[str, Any], str]] = [
            (outside, {}, "outside_watch"),
            (inbox / "../../outside", {}, "outside_watch"),
            (inbox / "away", {}, "outside_watch"),
            (inbox / "nothing", {}, "file_gone"),
            (inbox / "file.log", {}, "not_a_directory"),
            (inbox / "private", {}, "not_carried"),
            (gate.place.tree, {}, "receive_off"),
            (inbox, {"size_bytes": 30_001}, "too_large"),
            (inbox, {"size_bytes": 20_001}, "not_carried"),
        ]
        for where, given, code in tried:
            with refused(code):
                gate.begin("new.log", str(where), **given)
        gate.put("new.log", where=str(inbox))
        assert list(outside.iterdir()) == []


def test_a_host_takes_nothing_unless_its_settings_say_so(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with running_edge(place.settings()) as edge, refused("receive_off"):
        Gate(place, edge, Incoming(edge)).begin()
    assert list(place.tree.iterdir()) == []


def test_a_link_put_in_the_way_meanwhile_leads_nowhere(gate: Gate, tmp_path: Path) -> None:
    outside, inner = tmp_path / "outside", gate.place.tree / "inner"
    outside.mkdir()
    inner.mkdir()
    state = gate.begin(where=str(inner))
    inner.rename(gate.place.tree / "moved")
    inner.symlink_to(outside)
    for step in (lambda: gate.piece(state, 0, WHOLE), lambda: gate.finish(state)):
        with pytest.raises(GwfError):
            step()
    assert list(outside.iterdir()) == []


def test_only_who_began_a_file_goes_on_with_it(gate: Gate) -> None:
    state = gate.begin()
    with refused("incoming_gone"):
        gate.piece(state, 0, WHOLE, author="bob")
    with refused("incoming_gone"):
        gate.cancel(state, author="bob")
    with refused("incoming_taken"):
        gate.begin(author="bob")
    with refused("invalid_input"):  # the record says where a file went: nobody may write another place there
        gate.finish(state, path="/elsewhere.log")
    other = gate.begin(size_bytes=5)  # another file of the same name: the first is given up
    assert other.incoming_id != state.incoming_id
    assert len(gate.parts()) == 1


def test_a_file_given_up_leaves_nothing(gate: Gate) -> None:
    state = gate.begin()
    gate.piece(state, 0, WHOLE[:100])
    gate.cancel(state)
    assert list(gate.place.tree.iterdir()) == []
    with refused("incoming_gone"):
        gate.cancel(state)


def test_what_nobody_goes_on_with_is_removed_after_its_time(gate: Gate) -> None:
    old, young = gate.begin("old.log"), gate.begin("young.log")
    gate.piece(old, 0, WHOLE[:100])
    restarted = Incoming(gate.edge)
    restarted.sweep()
    assert len(gate.parts()) == 2
    record = next(path for path in (gate.place.data / "incoming").iterdir() if old.incoming_id in path.name)
    record.write_text(re.sub(r'"begun_at_ms":\d+', '"begun_at_ms":1', record.read_text()))
    os.utime(next(part for part in gate.parts() if old.incoming_id in part.name), (1, 1))
    Incoming(gate.edge).sweep()
    assert [part.name for part in gate.parts()] == [f".gwf-in-{young.incoming_id}.gwf-part"]
    assert [path.stem for path in (gate.place.data / "incoming").iterdir()] == [young.incoming_id]


def test_more_than_fits_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with gate_at(tmp_path, at_once=1) as gate:
        usual = gate.edge.agent
        gate.edge.agent = usual.model_copy(update={"high_water": HighWaterSettings(min_free_bytes=2**60)})
        with refused("no_room"):
            gate.begin()
        gate.edge.agent = usual
        state = gate.begin()
        with refused("incoming_busy"):
            gate.begin("second.log")
        with refused("invalid_input"):
            gate.piece(state, 1, WHOLE)

        def full(*_: object) -> int:
            raise OSError(errno.ENOSPC, "full")

        monkeypatch.setattr(os, "pwrite", full)
        with refused("no_room"):
            gate.piece(state, 0, WHOLE)
        monkeypatch.undo()
        gate.piece(state, 0, WHOLE)
        gate.finish(state)
