"""Configuration changes and kill -9: what was answered is in force after the next start, and no file is lost."""

from __future__ import annotations

import copy
import http.client
import itertools
import threading
import urllib.error

from tests.agent.waiting import until
from tests.chaos.lab import Lab
from tests.chaos.load import Background
from tests.chaos.scale import sized


@sized("kills", short=3, long=40)
def test_a_change_that_was_answered_survives_kill_9(lab: Lab, kills: int) -> None:
    load = lab.load(lab.watch("in", store="s3"))
    other = lab.load(lab.watch("other", store="file"))
    lab.program.start()
    whole = copy.deepcopy(lab.program.settings)
    rounds = itertools.count(1)

    def write() -> None:
        load.mix()
        other.mix()

    with Background(write, steps=1_000_000, pause_s=0.05):
        for _ in range(kills):
            answered = _change_until_killed(lab, rounds, after_s=lab.random.uniform(0.2, 1.5))
            lab.program.start()
            now = lab.program.get("/api/v1/config")
            # the change under way when it was killed may be in force too, but nothing older
            assert int(now["config"]["agent"]["labels"]["round"]) in {answered, answered + 1}
            assert now["version"]["source"] in {"api", "start"}
    assert lab.program.post("/api/v1/config", whole)[0] == 200
    lab.check()


def _change_until_killed(lab: Lab, rounds: itertools.count[int], *, after_s: float) -> int:
    """Change a label and a store again and again; return the last round that was answered before the kill."""
    answered = 0
    killer = threading.Timer(after_s, lab.program.kill)
    until(lambda: lab.program.url() and lab.program.status("/live") == 200)
    killer.start()
    for number in rounds:
        document = copy.deepcopy(lab.program.settings)
        document["agent"]["labels"] = {"round": str(number)}
        document["stores"]["s3"]["part_concurrency"] = 1 + number % 3
        try:
            status, outcome = lab.program.post("/api/v1/config", document)
        except (urllib.error.URLError, http.client.HTTPException, ConnectionError, ValueError):  # cut off by the kill
            break
        assert status == 200, outcome
        answered = number
    killer.join()
    assert answered
    return answered
