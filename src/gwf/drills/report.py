"""A drill's report as Markdown for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from gwf.core.errors import LocalIoError
from gwf.drills.model import CentreAccount, Report


def as_dict(report: Report) -> dict[str, object]:
    """Return the report as plain values."""
    return {
        "drill": report.drill,
        "passed": report.passed,
        "began_at": report.began_at,
        "took_s": _s(report.took_s),
        "version": report.version,
        "command": report.command,
        "files": report.plan.files,
        "size_bytes": report.plan.size_bytes,
        "seconds": report.plan.seconds,
        "injected": report.injected,
        "promises": [
            {"code": item.code, "text": item.text, "kept": item.kept, "found": item.found} for item in report.promises
        ],
        "measured": measured(report),
        "states": [
            {"at_s": _s(at_s), "state": state, "reasons": list(reasons)}
            for at_s, state, reasons in report.measures.states_seen
        ],
        "settings": dict(report.settings),
    }


def measured(report: Report) -> dict[str, object]:
    """Return what was measured, in words and plain values."""
    found, account = report.measures, report.measures.account
    return {
        "files_on_disk": account.files,
        "lost": list(account.lost),
        "wrong": list(account.wrong),
        "extra": list(account.extra),
        "written_again": account.repeated,
        "unfinished_uploads": account.unfinished,
        **({} if found.centre is None else _centre(found.centre)),
        "breaker_opened_after_s": _s(found.breaker_opened_s),
        "first_success_after_s": _s(_after(found.first_success_s, found.ended_s)),
        "drained_after_s": _s(_after(found.drained_s, found.ended_s)),
        "backlog_peak_files": found.backlog_peak,
        "hurts": found.hurts,
        "hurt_what": found.hurt_what,
        "kills": found.kills,
        "live_slowest_ms": _s(max(found.live_ms, default=0.0)),
        "live_failures": found.live_failures,
        **({} if found.peak_rss_mb is None else {"peak_rss_mb": _s(found.peak_rss_mb)}),
        "journal_problems": found.journal_problems,
    }


def _centre(account: CentreAccount) -> dict[str, object]:
    return {"centre_told": account.told, "centre_missing": account.missing, "centre_doubled": list(account.doubled)}


def as_markdown(report: Report) -> str:
    """Return the report as a page."""
    found = report.measures
    facts = measured(report).items()
    states = [f"| {at_s:.1f} | {state} | {', '.join(reasons)} |" for at_s, state, reasons in found.states_seen]
    promises = [f"| {'kept' if item.kept else '**BROKEN**'} | {item.text} | {item.found} |" for item in report.promises]
    return "\n".join(
        (
            f"# Drill {report.drill}: {report.verdict}",
            "",
            f"{report.title}. GWF {report.version}, {report.began_at}, {report.took_s:.1f} s in all.",
            "",
            f"- Failure: {report.injected}; {found.injected_s:.1f} s to {found.ended_s:.1f} s.",
            f"- Files: {report.plan.files}, of {report.plan.size_bytes} bytes and some larger ones sent in parts.",
            f"- Repeat: `{report.command}`",
            "",
            *_table("kept? | promise | found", promises),
            *_table("measured | value", [f"| {name} | {_cell(value)} |" for name, value in facts]),
            *_table("at, s | state | reasons", states),
            "Settings tried:",
            "",
            "```json",
            json.dumps(report.settings, indent=2),
            "```",
            "",
        )
    )


def save(report: Report, directory: Path) -> tuple[Path, Path]:
    """Write both forms into `directory`; return their paths.

    Raises:
        LocalIoError: They cannot be written.
    """
    stamp = report.began_at.replace(":", "").replace("-", "").split(".")[0].removesuffix("Z")
    page, data = (directory / f"{stamp}-{report.drill}.{ending}" for ending in ("md", "json"))
    try:
        directory.mkdir(parents=True, exist_ok=True)
        page.write_text(as_markdown(report), encoding="utf-8")
        data.write_text(json.dumps(as_dict(report), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as exc:
        raise LocalIoError("the report cannot be written", directory=str(directory), reason=exc.strerror) from exc
    return page, data


def _table(heads: str, rows: Sequence[str]) -> list[str]:
    return [f"| {heads} |", "|" + "---|" * (heads.count("|") + 1), *rows, ""]


def _cell(value: object) -> str:
    return "–" if value is None or value in ("", []) else str(value)


def _after(moment_s: float | None, since_s: float) -> float | None:
    return None if moment_s is None else moment_s - since_s


def _s(value: float | None) -> float | None:
    return None if value is None else round(max(0.0, value), 3)
