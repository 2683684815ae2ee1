"""How many lines of a log are read and judged a second on one core, by how many rules."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

from bench.plan import Plan
from bench.report import Column, Goal, Report
from gwf.agent.inputs.logs.follower import Follower
from gwf.alerts.logs.engine import LogEngine, MeantLine
from gwf.alerts.logs.joining import Joiner, JoinLimits
from gwf.alerts.logs.model import Level, LogRule, LogRuleset
from gwf.alerts.logs.scanner import LineScanner
from gwf.core.errors import UnavailableError

LINES = 1_000_000
ONE_IN = 100  #: lines that a rule means
WORDS = 3_000  #: that lines are made of
NOW_MS = 1_767_225_600_000
BY_DATE = Joiner(r"\d{4}-\d\d-\d\dT", JoinLimits())  #: each line begins an event: the dearest case

COLUMNS = (
    Column("lines", "lines"),
    Column("mb", "MB"),
    Column("cpu_s", "CPU s", 2),
    Column("per_s", "lines/CPU s", spread=True),
    Column("meant", "meant"),
    Column("decided", "decided"),
)
GOALS = (
    Goal("100 rules of keywords", "per_s", "at least", 200_000),
    Goal("100 rules of keywords, lines joined", "per_s", "at least", 200_000),
    Goal("1,000 rules of keywords", "per_s", "at least", 100_000),
    Goal("100 rules of expressions", "per_s", "at least", 200_000),
    Goal("1,000 rules of expressions", "per_s", "at least", 100_000),
)
HOW = "one log from its beginning; one line in a hundred is meant by a rule; two words to a rule"


def run(plan: Plan) -> Report:
    """Write a log, then read and judge it by several sets of rules."""
    report = Report("logs", HOW, COLUMNS, goals=GOALS)
    home = plan.workplace("logs")
    count = plan.count(LINES)
    for rules in (100, 1_000):
        for kind, make in (("keywords", _by_keywords), ("expressions", _by_expressions)):
            log = home / f"{kind}-{rules}.log"
            ruleset, signs = make(rules)
            _write(log, count, signs)
            for _ in range(plan.rounds):
                _judge(report, f"{rules:,} rules of {kind}", log, ruleset)
            if (rules, kind) == (100, "keywords"):
                for _ in range(plan.rounds):
                    _judge(report, "100 rules of keywords, lines joined", log, ruleset, joiner=BY_DATE)
            log.unlink()
    return report


def _by_keywords(count: int) -> tuple[LogRuleset, list[str]]:
    names = [f"com.example.pay.Order{number}Exception" for number in range(count)]
    rules = [
        LogRule(
            id=f"r{number}",
            title=name,
            level=_level(number),
            keywords=(name, f"订单{number}失败"),
            excludes=("retry ok",),
        )
        for number, name in enumerate(names)
    ]
    return LogRuleset(rules=tuple(rules)), names


def _by_expressions(count: int) -> tuple[LogRuleset, list[str]]:
    rules = [
        LogRule(
            id=f"r{number}", title=f"r{number}", level=_level(number),
            patterns=(rf"service{number}\s+(?:failed|refused)\s+after\s+\d+ms", rf"queue{number}: depth [0-9]{{5,}}"),
        )
        for number in range(count)
    ]  # fmt: skip
    return LogRuleset(rules=tuple(rules)), [f"service{number} refused after {number}ms" for number in range(count)]


def _level(number: int) -> Level:
    return (Level.BUSINESS, Level.SYSTEM, Level.FATAL)[number % 3]


def _write(log: Path, count: int, signs: list[str]) -> None:
    chance = random.Random(7)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(3, 9))) for _ in range(WORDS)]
    with log.open("w", encoding="utf-8") as out:
        for number in range(count):
            text = " ".join(chance.choices(words, k=12))
            sign = f" {chance.choice(signs)}" if number % ONE_IN == 0 else ""
            stamp = f"2026-01-01T10:{number // 60_000 % 60:02}:{number // 1_000 % 60:02}.{number % 1_000:03}Z"
            out.write(f"{stamp} INFO [worker-{number % 32}] com.example.Service - {text}{sign}\n")


def _judge(report: Report, case: str, log: Path, ruleset: LogRuleset, *, joiner: Joiner | None = None) -> None:
    engine = LogEngine(ruleset)
    scanner = LineScanner(engine.rules)
    follower = Follower(from_end=False)
    follower.joins = lambda _: joiner
    path = str(log)
    lines = meant = decided = 0
    now_s, is_over = 0.0, False
    began_s = time.process_time()
    while True:
        now_s += 10.0  # an event that ends the log is whole at the second look
        for piece in follower.look([os.fsencode(log)], now_s=now_s):
            lines += piece.block.count(b"\n")
            for hit in scanner.hits(piece.block, piece.ends):
                meant += 1
                line = MeantLine(rule=hit.rule, text=hit.line.decode(), path=path, at_ms=NOW_MS)
                decided += len(engine.decide(line))
        if is_over:
            break
        is_over = not follower.has_more()
    cpu_s = time.process_time() - began_s
    if meant != -(-lines // ONE_IN):
        raise UnavailableError("not every line was found that is meant", meant=meant, lines=lines)
    mb = log.stat().st_size / 1e6
    report.row(case).add(lines=lines, mb=mb, cpu_s=cpu_s, per_s=lines / cpu_s, meant=meant, decided=decided)
