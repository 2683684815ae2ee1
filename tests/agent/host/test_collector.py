from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from gwf.agent.host.collector import HostCollector, HostSampler
from gwf.core.clock import SystemClock
from gwf.core.errors import LocalIoError
from gwf.wire.host import HostView
from tests.agent.host.views import view
from tests.agent.waiting import until


class Samples:
    """Counts what is asked of it."""

    def __init__(self) -> None:
        self.begun = 0
        self.taken = 0
        self.fault: Exception | None = None

    def new(self) -> Samples:
        self.begun += 1
        return self

    def __call__(self) -> HostView:
        if self.fault is not None:
            raise self.fault
        self.taken += 1
        return view(as_of_ms=self.taken)


@pytest.fixture
def samples() -> Samples:
    return Samples()


@pytest.fixture
def collector(samples: Samples) -> Iterator[HostCollector]:
    running = HostCollector(samples.new, sample_every_s=0.01, idle_s=1.0)
    yield running
    running.stop()


def alive() -> bool:
    return any(thread.name == "gwf-host" for thread in threading.enumerate())


def test_nothing_is_sampled_before_somebody_asks(collector: HostCollector, samples: Samples) -> None:
    assert (collector.latest(), samples.begun, alive()) == (None, 0, False)


def test_samples_are_taken_while_somebody_asks_and_no_longer(collector: HostCollector, samples: Samples) -> None:
    assert collector.get().as_of_ms >= 1
    until(lambda: collector.get().as_of_ms > 3)
    assert samples.begun == 1
    until(lambda: not alive())
    assert collector.latest() is None
    taken = samples.taken
    assert collector.get().as_of_ms > taken
    assert samples.begun == 2


def test_who_asks_often_waits_for_no_sample(samples: Samples) -> None:
    collector = HostCollector(samples.new, sample_every_s=600)
    assert [collector.get().as_of_ms for _ in range(1000)] == [1] * 1000
    collector.stop()
    assert not alive()


def test_a_fault_is_told_to_who_asks_and_tried_again(
    collector: HostCollector, samples: Samples, caplog: pytest.LogCaptureFixture
) -> None:
    samples.fault = OSError("no /proc here")
    with pytest.raises(LocalIoError, match="no /proc here"):
        collector.get()
    assert "host_sample_failed" in caplog.messages
    samples.fault = None
    assert collector.get().as_of_ms == 1


def test_a_stopped_collector_takes_no_more_samples(collector: HostCollector) -> None:
    collector.stop()
    with pytest.raises(LocalIoError):
        collector.get()


def test_a_real_sample_of_this_host() -> None:
    sampler = HostSampler(SystemClock())
    first, second = sampler.sample(), sampler.sample()
    assert (first.disk.read_bytes_per_s is None, second.disk.read_bytes_per_s is None) == (True, False)
    assert first.processes_total == len(first.processes) > 1
    assert (second.cpu.cores >= 1, 0 <= second.cpu.used_pct <= 100) == (True, True)
    assert 0 < second.memory.used_bytes < second.memory.total_bytes
    assert second.uptime_s > 0
    assert [item.mount for item in second.volumes] == sorted(item.mount for item in second.volumes)
    assert all((second.host, second.os, second.kernel))
