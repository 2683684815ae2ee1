"""`gwf up`: the edge reports to the centre beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gwf.app.standalone import StandaloneProcess
from gwf.core.settings.load import load_settings
from tests.agent.waiting import until
from tests.certificates import certificate_in


def process(home: Path, **more: object) -> StandaloneProcess:
    (home / "in").mkdir(exist_ok=True)
    given: dict[str, object] = {
        "data_dir": str(home / "data"),
        "listen": "127.0.0.1:0",
        "server.enabled": True,
        "agent.watch": [{"path": str(home / "in"), "settle": 0.05}],
    }
    return StandaloneProcess(load_settings(None, environ={}, overrides=given | more))


def state(running: StandaloneProcess) -> str:
    return running.link.view().state if running.link is not None else ""


def enrolled(running: StandaloneProcess, tree: Path, *, tells: bool) -> str:
    """Return the id that the edge got; with `tells` after the centre took what happened."""
    running.start()
    try:
        until(lambda: state(running) == "connected", within_s=60)
        assert running.link is not None
        link = running.link
        (tree / f"{tells}.log").write_text(link.view().agent_id)
        until(lambda: not tells or (link.view().events_sent_total > 0 and link.view().events_waiting == 0), within_s=60)
        return link.view().agent_id
    finally:
        running.stop()


@pytest.mark.slow
def test_the_edge_enrols_by_itself_and_stays_the_same_agent(tmp_path: Path) -> None:
    first = enrolled(process(tmp_path), tmp_path / "in", tells=True)
    assert enrolled(process(tmp_path), tmp_path / "in", tells=True) == first


@pytest.mark.slow
def test_it_does_so_over_tls_and_at_a_centre_that_forgets(tmp_path: Path) -> None:
    pem = str(certificate_in(tmp_path))
    tls = {"api.tls_cert": pem, "api.tls_key": pem, "server.database.url": "memory"}
    first = enrolled(process(tmp_path, **tls), tmp_path / "in", tells=False)  # memory acknowledges nothing
    assert enrolled(process(tmp_path, **tls), tmp_path / "in", tells=False) != first
