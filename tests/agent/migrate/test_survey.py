from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gwf.agent.migrate.survey import Fate, Found, LeftOut, Survey, trees_of
from gwf.core.mounts import real_path
from gwf.core.settings.legacy.watch import go_silence_s
from gwf.core.settings.model import Settings

NAMES = st.binary(min_size=1, max_size=40).filter(
    lambda raw: not {b"/", b"\0"} & {raw[at : at + 1] for at in range(len(raw))} and raw not in {b".", b".."}
)
HOSTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)


def settings_of(root: Path, *, hostname: str = "vm", **watch: object) -> Settings:
    one = {"path": str(root), "key": "{hostname}/{path}", "silence": 1, "settle": 0, **watch}
    return Settings.model_validate({"data_dir": "/nonexistent", "agent": {"hostname": hostname, "watch": [one]}})


def go_key(hostname: str, root: bytes, path: bytes) -> bytes:
    """Return the key that the Go version forms: host, watched directory, relative path."""
    host = hostname.strip().replace("/", "-").replace("\\", "-") or "unknown-host"
    return b"/".join((host.encode(), root.lstrip(b"/"), os.path.relpath(path, root)))


@given(names=st.lists(NAMES, min_size=1, max_size=4), hostname=HOSTS)
def test_keys_are_those_of_the_go_version_unless_it_is_told(names: list[bytes], hostname: str) -> None:
    root = b"/srv/spool"
    (tree,) = trees_of(settings_of(Path("/srv/spool"), hostname=hostname))
    path = b"/".join((root, *names))
    candidate = tree.candidate(path, 1, 1, 1)
    relative = path.removeprefix(root + b"/").decode("utf-8", "surrogateescape")
    renamed = not candidate.key.endswith(f"/{relative}")
    host_is_plain = hostname.strip() not in {"", ".", ".."}
    if not renamed and host_is_plain:
        assert candidate.key.encode() == go_key(hostname, root, path)
    if renamed:
        assert len(go_key(hostname, root, path)) > 767 or not _is_text(path)


def _is_text(raw: bytes) -> bool:
    try:
        return bool(raw.decode()) and len(raw) < 10_000
    except UnicodeDecodeError:
        return False


def survey(root: Path, **watch: Any) -> tuple[Survey, list[LeftOut]]:
    notes: list[LeftOut] = []
    now_ns = 10**18
    return Survey(trees_of(settings_of(root, **watch)), now_ns=now_ns, note=notes.append), notes


def write(path: Path, *, at_ns: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    os.utime(path, ns=(at_ns, at_ns))
    return path


def test_the_walk_takes_what_the_agent_would_take(tmp_path: Path) -> None:
    for name in ("a.log", "deep/b.log", "c.txt", "d.log.tmp", "cache/e.log"):
        write(tmp_path / name)
    write(tmp_path / "young.log", at_ns=10**18 - 1)
    (tmp_path / "link.log").symlink_to(tmp_path / "a.log")
    found, notes = survey(tmp_path, suffixes=[".log", ".tmp"], exclude=["cache"])
    names = {os.fsdecode(item.path) for item in found.on_disk()}
    assert names == {str(tmp_path / "a.log"), str(tmp_path / "deep/b.log")}
    assert notes == [LeftOut(path=str(tmp_path / "young.log"), fate=Fate.SETTLING)]


def test_an_entry_of_the_queue_is_taken_whatever_the_filters_say_now(tmp_path: Path) -> None:
    path = write(tmp_path / "manual.txt", at_ns=10**18 - 1)
    found, notes = survey(tmp_path, suffixes=[".log"])
    (item,) = found.queued([os.fsencode(path)])
    assert isinstance(item, Found)
    assert (item.path, item.queued, notes) == (os.fsencode(path), True, [])


def test_an_entry_that_leads_out_of_the_directory_is_told(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside.log")
    root = tmp_path / "in"
    (root / "sub").mkdir(parents=True)
    (root / "link.log").symlink_to(outside)
    found, notes = survey(root)
    entries = [root / "link.log", root / "../outside.log", root / "gone.log", root / "sub"]
    assert list(found.queued([os.fsencode(entry) for entry in entries])) == []
    assert [note.fate for note in notes] == [Fate.OUTSIDE, Fate.OUTSIDE, Fate.MISSING, Fate.NOT_A_FILE]


def test_the_roots_are_resolved(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tree,) = trees_of(settings_of(tmp_path / "link"))
    assert tree.root == real_path(tmp_path / "real")


def test_silence_is_what_the_go_version_made_of_it() -> None:
    assert (go_silence_s("1min"), go_silence_s("10秒"), go_silence_s("2h30m")) == (1.0, 10.0, 9000.0)
