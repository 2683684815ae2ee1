"""Decides from what was measured which promises were kept. Pure."""

from __future__ import annotations

from collections.abc import Callable

from gwf.drills.model import DrillPlan, Measures, Promise, Sample

BREAKER_S = 2.0  #: longest reaction of a breaker to a store that fails
LOOK_S = 0.35  #: what looking from outside may add to a time
TRIAL_S = 1.0  #: longest time of sending one file after a probe
OK_AGAIN_S = 15.0  #: from the end of all work until the state is ok
LIVE_MS = 1000.0  #: longest answer of /live

Judge = Callable[[DrillPlan, Measures], Promise]


def was_hurt(_: DrillPlan, found: Measures) -> Promise:
    """The failure was met: a drill that hurt nobody proves nothing."""
    advice = "" if found.hurts else ": this proved nothing; play it with more --files, --size or --seconds"
    return Promise(
        code="was_hurt",
        text="the failure was met",
        kept=found.hurts > 0,
        found=f"{found.hurts} {found.hurt_what}{advice}",
    )


def nothing_lost(_: DrillPlan, found: Measures) -> Promise:
    """Every file has its object."""
    lost = found.account.lost
    return Promise(
        code="nothing_lost",
        text="every file has its object in the store",
        kept=not lost and found.account.files > 0,
        found=f"{len(lost)} of {found.account.files} lost {_some(lost)}".strip(),
    )


def nothing_wrong(_: DrillPlan, found: Measures) -> Promise:
    """Every object has the bytes of its file."""
    wrong = found.account.wrong
    return Promise(
        code="nothing_wrong",
        text="every object has the bytes of its file",
        kept=not wrong,
        found=f"{len(wrong)} differ {_some(wrong)}".strip(),
    )


def nothing_extra(_: DrillPlan, found: Measures) -> Promise:
    """There is no second object of a file."""
    extra = found.account.extra
    return Promise(
        code="nothing_doubled",
        text="no file has a second object",
        kept=not extra,
        found=f"{len(extra)} objects without a file {_some(extra)}".strip(),
    )


def written_once(_: DrillPlan, found: Measures) -> Promise:
    """No object was written twice."""
    return Promise(
        code="written_once",
        text="no object was written twice",
        kept=found.account.repeated == 0,
        found=f"{found.account.repeated} written again",
    )


def few_repeats(plan: DrillPlan, found: Measures) -> Promise:
    """A kill repeats at most what was on its way."""
    workers = plan.store.workers or plan.agent.transfer.workers
    limit = workers * found.kills
    return Promise(
        code="few_repeats",
        text="a kill repeats at most what was being sent",
        kept=found.account.repeated <= limit,
        found=f"{found.account.repeated} written again in {found.kills} kills, limit {limit}",
    )


def no_upload_left(_: DrillPlan, found: Measures) -> Promise:
    """No upload in parts is left unfinished."""
    return Promise(
        code="no_upload_left",
        text="no unfinished upload is left in the store",
        kept=found.account.unfinished == 0,
        found=f"{found.account.unfinished} left",
    )


def none_dead(_: DrillPlan, found: Measures) -> Promise:
    """No file was given up."""
    dead = max((sample.dead for sample in found.samples), default=0)
    return Promise(
        code="none_given_up",
        text="no file became a dead letter",
        kept=dead == 0,
        found=f"{dead} dead" + (": raise agent.retry.max_attempts or max_age" if dead else ""),
    )


def drained(_: DrillPlan, found: Measures) -> Promise:
    """The backlog went away by itself."""
    took = None if found.drained_s is None else found.drained_s - found.ended_s
    return Promise(
        code="drained",
        text="the backlog is carried without anybody's help",
        kept=took is not None,
        found=f"peak {found.backlog_peak} files, "
        + ("never done" if took is None else f"gone {max(0.0, took):.1f} s after"),
    )


def ok_again(_: DrillPlan, found: Measures) -> Promise:
    """The state is ok in the end."""
    last = found.samples[-1] if found.samples else Sample(at_s=0.0, state="away")
    return Promise(
        code="ok_again",
        text=f"the instance says ok within {OK_AGAIN_S:.0f} s of the end of all work",
        kept=last.state == "ok",
        found=" ".join((last.state, *last.reasons)),
    )


def journal_sound(_: DrillPlan, found: Measures) -> Promise:
    """The journal is sound."""
    return Promise(
        code="journal_sound",
        text="gwf queue check finds nothing wrong with the journal",
        kept=not found.journal_problems,
        found=found.journal_problems or "sound",
    )


def breaker_opens(_: DrillPlan, found: Measures) -> Promise:
    """The breaker opened soon."""
    took = found.breaker_opened_s
    return Promise(
        code="breaker_opens",
        text=f"the breaker opens within {BREAKER_S:.0f} s",
        kept=took is not None and took <= BREAKER_S + LOOK_S,
        found="never opened" if took is None else f"{took:.2f} s",
    )


def breaker_stays_closed(_: DrillPlan, found: Measures) -> Promise:
    """A store that works, if slowly, is not given a rest."""
    took = found.breaker_opened_s
    return Promise(
        code="breaker_stays_closed",
        text="the breaker stays closed: a slow store is no failing one",
        kept=took is None,
        found="closed" if took is None else f"open after {took:.2f} s",
    )


def first_success(plan: DrillPlan, found: Measures) -> Promise:
    """The first success came within one probe interval."""
    took = None if found.first_success_s is None else found.first_success_s - found.ended_s
    limit = probe_interval_s(plan, found) + TRIAL_S
    return Promise(
        code="first_success",
        text="the first file is carried at most one probe interval after the store is back",
        kept=took is not None and took <= limit,
        found="none came" if took is None else f"{took:.2f} s, limit {limit:.2f} s",
    )


def probe_interval_s(plan: DrillPlan, found: Measures) -> float:
    """Return the probe interval in force when the failure ended: it doubles from rest to rest up to a cap."""
    breaker = plan.agent.breaker
    lasted_s = max(0.0, found.ended_s - found.injected_s)
    interval_s = rests_s = breaker.open_for
    while rests_s * 0.75 < lasted_s and interval_s < breaker.open_cap:
        interval_s = min(breaker.open_cap, interval_s * 2)
        rests_s += interval_s
    return interval_s


def told(*codes: str) -> Judge:
    """Return the judge of: health said so, with one of these reasons."""

    def judge(_: DrillPlan, found: Measures) -> Promise:
        during = found.between(found.injected_s, found.drained_s or float("inf"))
        seen = sorted({code for sample in during if sample.state != "ok" for code in sample.reasons if code in codes})
        return Promise(
            code="told",
            text=f"health tells of it ({' or '.join(codes)})",
            kept=bool(seen),
            found=", ".join(seen) or "not told",
        )

    return judge


def stays_alive(_: DrillPlan, found: Measures) -> Promise:
    """The instance answered all the time."""
    slowest = max(found.live_ms, default=0.0)
    return Promise(
        code="stays_alive",
        text=f"/live answers within {LIVE_MS:.0f} ms all the time",
        kept=bool(found.live_ms) and found.live_failures == 0 and slowest <= LIVE_MS,
        found=f"{len(found.live_ms)} answers, slowest {slowest:.0f} ms, {found.live_failures} missing",
    )


def told_once(_: DrillPlan, found: Measures) -> Promise:
    """The centre was told of every file once."""
    centre = found.centre
    kept = centre is not None and centre.told > 0 and not centre.missing and not centre.doubled
    what = "not asked" if centre is None else f"{centre.told} told, {centre.missing} missing, "
    more = "" if centre is None else f"{len(centre.doubled)} more than once {_some(centre.doubled)}".strip()
    return Promise(
        code="told_once", text="the centre was told of the arrival of every file exactly once", kept=kept,
        found=what + more,
    )  # fmt: skip


def none_done_unproved(plan: DrillPlan, found: Measures) -> Promise:
    """No file counted as done while the store confirmed other bytes."""
    during = found.between(found.injected_s + min(1.5, plan.seconds / 2), found.ended_s)
    more = during[-1].done_total - during[0].done_total if during else 0
    return Promise(
        code="none_done_unproved",
        text="no file counts as done while the store confirms other bytes than were sent",
        kept=bool(during) and more == 0,
        found=f"{more} called done" if during else "not measured: too short",
    )


ALWAYS: tuple[Judge, ...] = (
    was_hurt, nothing_lost, nothing_wrong, nothing_extra, no_upload_left, none_dead, drained, ok_again, journal_sound,
)  # fmt: skip

OWN: tuple[Judge, ...] = (journal_sound,)  #: of an instance of our own only: the journal of a running one may be huge


def _some(names: tuple[str, ...]) -> str:
    return f"({', '.join(names[:5])})" if names else ""
