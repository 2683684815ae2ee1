"""How a soak ended: what was counted on the way, what is wrong with it, and how it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.soak_load import Account, around, growth_mb

LOOK_EVERY_S = 1.0
LATE_SHARE = 0.5  #: of the time that is judged
FLAT_MB, FLAT_SHARE = 4.0, 0.04  #: growth that is no growth: the larger of both
COLD_MB, COLD_SHARE = 8.0, 0.10  #: the same for a life that began too late to be warm: its caches still fill


@dataclass(slots=True)
class Stalls:
    """Times in which the instance lived and gave no answer: they are told, and are no reason to fail."""

    count: int = 0
    longest_s: float = 0.0
    total_s: float = 0.0

    def add(self, lasted_s: float) -> None:
        """Count one."""
        self.count += 1
        self.longest_s = round(max(self.longest_s, lasted_s), 1)
        self.total_s = round(self.total_s + lasted_s, 1)


@dataclass(slots=True)
class Verdict:
    """How it ended."""

    passed: bool = False
    problems: list[str] = field(default_factory=list[str])
    #: why it ended before its time; "" = it did not
    broken_off: str = ""
    minutes: float = 0.0
    warm_up_s: float = 0.0
    account: Account = field(default_factory=Account)
    unfinished_uploads: int = 0
    #: files that waited when the instance answered last
    pending: int = 0
    dead: int = 0
    config_changes: int = 0
    config_refusals: list[str] = field(default_factory=list[str])
    kills: int = 0
    stalls: Stalls = field(default_factory=Stalls)
    drained: bool = False
    states: dict[str, int] = field(default_factory=dict[str, int])
    #: whether the last life saw the whole warm-up
    warm: bool = False
    #: medians of a minute: after the start, when the clock began to run, halfway, at the end
    rss_cold_mb: float = 0.0
    rss_first_mb: float = 0.0
    rss_half_mb: float = 0.0
    rss_last_mb: float = 0.0
    rss_peak_mb: float = 0.0
    #: of the fitted line over the second half of the last life, warm-up left out
    rss_growth_mb: float = 0.0
    rss_limit_mb: float = 0.0
    rss_slope_mb_per_h: float = 0.0
    rss_every_s: float = LOOK_EVERY_S
    rss_mb: list[float] = field(default_factory=list[float])

    def weigh(self, life: Sequence[tuple[float, float]], warm_at_s: float | None) -> None:
        """Judge the (seconds, MB) samples of the last life; `warm_at_s` = its caches were full then."""
        if not life:  # it was broken off before the first look
            return
        from_s = life[0][0] if warm_at_s is None else warm_at_s
        judged = [point for point in life if point[0] >= from_s] or life[-1:]
        late = judged[round(LATE_SHARE * len(judged)) :] or judged
        self.rss_cold_mb = around(life, life[0][0])
        self.rss_first_mb, self.rss_half_mb = around(judged, judged[0][0]), around(judged, late[0][0])
        self.rss_last_mb, self.rss_peak_mb = around(judged, judged[-1][0]), max(self.rss_mb)
        self.rss_growth_mb = round(growth_mb(late), 2)
        flat_mb, share = (FLAT_MB, FLAT_SHARE) if self.warm else (COLD_MB, COLD_SHARE)
        self.rss_limit_mb = round(max(flat_mb, share * self.rss_last_mb), 1)
        lasted_s = late[-1][0] - late[0][0]
        self.rss_slope_mb_per_h = round(self.rss_growth_mb / lasted_s * 3600, 2) if lasted_s else 0.0

    def judge(self) -> None:
        """Say whether it passed, or everything that is wrong."""
        account = self.account
        broken = {
            f"broken off: {self.broken_off}": bool(self.broken_off),
            "no file was written": account.files == 0,
            f"{len(account.lost)} {'not in the store' if self.broken_off else 'lost'}": bool(account.lost),
            f"{len(account.wrong)} wrong": bool(account.wrong),
            f"{len(account.doubled)} doubled": bool(account.doubled),
            f"{self.unfinished_uploads} unfinished uploads": self.unfinished_uploads > 0,
            f"{self.dead} dead letters": self.dead > 0,
            "the backlog did not go away": not self.drained,
            f"{len(self.config_refusals)} configuration changes failed": bool(self.config_refusals),
            f"memory grew by {self.rss_growth_mb} MB in the second half, limit {self.rss_limit_mb}": (
                self.rss_growth_mb > self.rss_limit_mb
            ),
        }
        self.problems = [text for text, is_so in broken.items() if is_so]
        self.passed = not self.problems

    def told(self) -> str:
        """Return the account for people."""
        account, stalls = self.account, self.stalls
        lost = f"{len(account.lost)} not in the store" if self.broken_off else f"lost {len(account.lost)}"
        waited = f", {self.pending} waited at the last look" if self.broken_off else ""
        return (
            f"soak: {'PASSED' if self.passed else 'FAILED: ' + '; '.join(self.problems)}\n"
            f"  {account.files} files, {account.versions} versions: {lost}, wrong {len(account.wrong)}, "
            f"doubled {len(account.doubled)}, written again {account.again}, unfinished {self.unfinished_uploads}, "
            f"dead {self.dead}{waited}\n"
            f"  memory {self.rss_cold_mb} MB at the start, {self.rss_first_mb} after the warm-up, {self.rss_half_mb} "
            f"halfway, {self.rss_last_mb} at last, peak {self.rss_peak_mb}; second half {self.rss_growth_mb:+} MB "
            f"({self.rss_slope_mb_per_h:+} MB/h), limit {self.rss_limit_mb}\n"
            f"  {self.warm_up_s} s of warm-up, {self.minutes} min, {self.config_changes} configuration changes, "
            f"{self.kills} kills, states {self.states}\n"
            f"  {stalls.count} stalls without an answer, the longest {stalls.longest_s} s, {stalls.total_s} s in all"
        )
