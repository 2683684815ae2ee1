from __future__ import annotations

from pathlib import Path

from gwf.core.clock import ManualClock
from gwf.identity.local import LINK_S, MAX_LINKS, SESSION_S, LocalAccess, find_token, publish_token, withdraw_token


def test_the_token_is_the_owners_and_goes_with_its_process(tmp_path: Path) -> None:
    mine, later = LocalAccess(ManualClock()), LocalAccess(ManualClock())
    publish_token(tmp_path, mine)
    assert (tmp_path / "local.token").stat().st_mode & 0o777 == 0o600
    assert find_token(tmp_path) == mine.token
    assert mine.is_token(mine.token)
    assert not mine.is_token(later.token)
    publish_token(tmp_path, later)
    withdraw_token(tmp_path, mine)
    assert find_token(tmp_path) == later.token
    withdraw_token(tmp_path, later)
    assert find_token(tmp_path) is None


def test_a_link_is_good_once_and_for_a_while() -> None:
    clock = ManualClock()
    access = LocalAccess(clock)
    first, late = access.new_link(), access.new_link()
    secret = access.open_link(first)
    assert secret is not None
    assert access.open_link(first) is None
    assert access.open_link("gwfl_x") is None
    assert not access.is_session(first)
    clock.advance(LINK_S)
    assert access.open_link(late) is None
    assert access.is_session(secret)
    clock.advance(SESSION_S)
    assert not access.is_session(secret)


def test_links_do_not_pile_up() -> None:
    access = LocalAccess(ManualClock())
    links = [access.new_link() for _ in range(MAX_LINKS + 1)]
    assert access.open_link(links[0]) is None
    assert access.open_link(links[-1]) is not None


def test_a_file_that_is_no_token_is_none(tmp_path: Path) -> None:
    (tmp_path / "local.token").write_bytes(b"\xff\xfe")
    assert find_token(tmp_path) is None
    (tmp_path / "local.token").write_text("something else\n")
    assert find_token(tmp_path) is None
