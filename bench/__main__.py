"""The command line of the benchmarks: which scenarios run, how large, compared with what."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench import machine, soak
from bench.plan import Plan
from bench.report import Report, read_earlier, show
from bench.scenarios import (
    alertlist,
    alertrate,
    alerts,
    audit,
    breaker,
    browser,
    carry,
    database,
    desk,
    events,
    filelog,
    fleet,
    flows,
    huge,
    idle,
    index,
    ingest,
    inputs,
    legacy,
    lives,
    logs,
    neighbour,
    poison,
    rules,
    system,
    tasks,
    waiting,
    wake,
)

SCENARIOS: dict[str, Callable[[Plan], Report]] = {
    "small": carry.small,
    "medium": carry.medium,
    "large": carry.large,
    "slow": carry.slow,
    "huge": huge.run,
    "index": index.run,
    "idle": idle.run,
    "alertlist": alertlist.run,
    "alertrate": alertrate.run,
    "alerts": alerts.run,
    "legacy": legacy.run,
    "waiting": waiting.run,
    "neighbour": neighbour.run,
    "breaker": breaker.run,
    "wake": wake.run,
    "filelog": filelog.run,
    "system": system.run,
    "audit": audit.run,
    "fleet": fleet.run,
    "poison": poison.run,
    "database": database.run,
    "ingest": ingest.run,
    "inputs": inputs.run,
    "events": events.run,
    "tasks": tasks.run,
    "flows": flows.run,
    "rules": rules.run,
    "desk": desk.run,
    "lives": lives.run,
    "logs": logs.run,
    "console": browser.run,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what was asked for."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["soak"]:
        sys.exit(soak.main(given[1:]))
    parser = _parser()
    asked = parser.parse_args(arguments)
    if unknown := set(asked.scenarios) - set(SCENARIOS):
        parser.error(f"no such scenario: {', '.join(unknown)}; there are {', '.join(SCENARIOS)}")
    asked.out.mkdir(parents=True, exist_ok=True)
    plan = Plan(
        out=asked.out.resolve(),
        scale=asked.scale,
        files=asked.files,
        rounds=asked.rounds or (3 if asked.scenarios else 1),
        fresh=asked.fresh,
        brief=asked.brief,
    )
    console = Console(width=None if sys.stdout.isatty() else 220)
    earlier = read_earlier(asked.baseline)
    target = asked.json or plan.out / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.jsonl"
    for name in asked.scenarios or SCENARIOS:
        facts = machine.facts(plan.out)
        console.print(" · ".join(f"{key} {value}" for key, value in facts.items()), style="dim")
        report = SCENARIOS[name](plan)
        show(report, console, earlier)
        line = {
            "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "command": f"make bench ARGS={' '.join(arguments or sys.argv[1:])!r}",
            "machine": facts,
            **report.as_dict(),
        }
        with target.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(line) + "\n")
    console.print(f"written to {target}", style="dim")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Benchmarks; see bench/README.md.")
    parser.add_argument(
        "scenarios", nargs="*", metavar="scenario", help=f"{', '.join(SCENARIOS)}; or soak (see soak --help)"
    )
    parser.add_argument("--scale", type=float, default=1.0, help="factor on every default size (default 1)")
    parser.add_argument("--files", type=int, help="number of files, in place of the scaled default")
    parser.add_argument("--rounds", type=int, help="how often each runner runs (default 3; 1 when all scenarios run)")
    parser.add_argument("--baseline", type=Path, help="file of an earlier run to compare with")
    parser.add_argument("--json", type=Path, help="append the results here (default: bench/out/TIME.jsonl)")
    parser.add_argument("--out", type=Path, default=Path("bench/out"), help="working directory (default bench/out)")
    parser.add_argument("--brief", action="store_true", help="fleet: 10 s each for calm and restart, all agents still")
    parser.add_argument("--fresh", action="store_true", help="make kept trees anew")
    return parser


if __name__ == "__main__":
    main()
