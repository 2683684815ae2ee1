"""kill -9 at instants that nobody chose, while files keep coming and the endpoint misbehaves."""

from __future__ import annotations

from gwf.testing.faults import Faults
from tests.agent.waiting import until
from tests.chaos.lab import Lab
from tests.chaos.load import Background
from tests.chaos.scale import sized

STEP_FILES = 8  #: files that one step of the two writers makes
# Only one kind is in force at a time, so each is twice as frequent as over the whole run: 3 % and 2 %.
FAULTS = (
    Faults(status=503, code="SlowDown", ratio=0.06),
    Faults(reset="after", ratio=0.04, methods=("PUT", "POST")),
)


@sized("kills, files", short=(12, 600), long=(200, 100_000))
def test_kill_at_random_instants(lab: Lab, kills: int, files: int) -> None:
    loads = [lab.load(lab.watch("a", store="s3")), lab.load(lab.watch("b", store="file"))]
    large_share = 12 * STEP_FILES / files

    def write() -> None:
        for load in loads:
            load.mix(large_share=large_share)

    steps = files // STEP_FILES
    with Background(write, steps=steps, pause_s=1.5 * kills / steps) as writer:
        for _ in range(kills):
            _live_and_die(lab)
        writer.finish()
    lab.sink.set_faults()
    lab.program.start()
    lab.check(within_s=300)


def _live_and_die(lab: Lab) -> None:
    lab.program.spawn()
    if lab.random.random() < 0.75:  # the others die while they start
        until(lambda: lab.program.url() or not lab.program.alive, within_s=60.0)
        assert lab.program.alive, lab.program.story()
    for _ in range(4):
        lab.sink.set_faults(lab.random.choice(FAULTS))
        lab.pause(lab.random.uniform(0.0, 0.25))
    lab.program.kill()
