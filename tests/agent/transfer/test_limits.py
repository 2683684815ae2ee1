from __future__ import annotations

import threading
import time
from pathlib import Path

from gwf.agent.model import Result
from gwf.agent.transfer.limits import EdgeLimits
from gwf.core.clock import ManualClock
from gwf.core.settings.model import BreakerSettings, StoreSettings, TransferSettings, WatchSettings
from tests.agent.transfer.far_end import FarEnd, work_for
from tests.agent.transfer.side import MakeSide, MakeWorks, limits_of
from tests.agent.transfer.test_workqueue import work
from tests.agent.waiting import until

STORES = {"s": StoreSettings.model_validate({"url": "memory://"})}


def watch(**limits: float) -> WatchSettings:
    return WatchSettings.model_validate({"path": "/w", **limits})


def test_a_file_belongs_to_the_innermost_tree() -> None:
    limits = limits_of(trees={"/a": {"max_files_per_s": 1}, "/a/b": {"max_files_per_s": 2}, "/a/b/free": {}})
    assert [pace.max_files_per_s if (pace := limits.pace_of(path)) else None for path in (
        b"/a/f", b"/a/b/f", b"/a/b/free/f", b"/ab/f", b"/a/bc/f",
    )] == [1, 2, None, None, 1]  # fmt: skip


def test_limits_that_stay_keep_what_was_used_of_them() -> None:
    clock = ManualClock()
    limits = EdgeLimits(clock)
    transfer = TransferSettings(max_files_per_s=10)
    limits.reconfigure(transfer, STORES, [(b"/w", watch(max_files_per_s=5))])
    assert limits.of_store("s").reserve_s(10, 0) == 0
    assert not limits.reconfigure(transfer, STORES, [(b"/w", watch(max_files_per_s=5))])
    assert limits.of_store("s").reserve_s(1, 0) > 0
    assert limits.reconfigure(TransferSettings(), STORES, [(b"/w", watch())])
    assert not limits.of_store("s").active


def test_a_limit_of_one_store_does_not_touch_another() -> None:
    limits = EdgeLimits(ManualClock())
    stores = {"s": StoreSettings.model_validate({"url": "memory://", "max_files_per_s": 1}), "t": STORES["s"]}
    limits.reconfigure(TransferSettings(), stores, [])
    assert limits.of_store("s").active
    assert not limits.of_store("t").active


def test_parts_of_a_large_file_keep_the_limit_in_bytes(make_side: MakeSide, works: MakeWorks) -> None:
    store = FarEnd(multipart_threshold_bytes=100, part_size_bytes=100)
    side = make_side(store, limits=limits_of(store={"max_bytes_per_s": 1000}))
    (item,) = works(1)
    Path(item.path.decode()).write_bytes(bytes(1500))
    side.destination.deliver([work_for(Path(item.path.decode()))])
    began_s = time.monotonic()
    until(lambda: side.outcomes)
    assert time.monotonic() - began_s >= 0.4
    assert side.destination.limits.waits.times >= 3


def test_a_large_file_given_back_before_it_is_sent_holds_up_no_other(make_side: MakeSide, tmp_path: Path) -> None:
    store = FarEnd(multipart_threshold_bytes=100, part_size_bytes=100)
    limits = limits_of(trees={str(tmp_path): {"max_bytes_per_s": 1e6}})
    side = make_side(store, settings=BreakerSettings(open_for=60), limits=limits)
    large = tmp_path / "large"
    large.write_bytes(bytes(500))
    side.breaker.trip("away")
    side.breaker.probed(ok=True)
    assert side.breaker.enter()  # another file is on trial
    side.destination.deliver([work_for(large)])
    until(lambda: side.results() == [Result.RELEASED])
    side.breaker.close("well")
    side.destination.deliver([work_for(large)])
    until(lambda: side.results() == [Result.RELEASED, Result.DONE])


def test_a_part_that_waits_goes_on_when_the_limit_is_lifted() -> None:
    limits = limits_of(store={"max_bytes_per_s": 1})
    limits.pay_part(work(1), 1)
    thread = threading.Thread(target=limits.pay_part, args=(work(1), 1000))
    thread.start()
    until(lambda: limits.waits.times)
    limits.reconfigure([])
    thread.join(5)
    assert not thread.is_alive()
