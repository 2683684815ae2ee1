"""The page without script: says that no console was built, and how the process is."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from gwf.wire.edge import Overview

STYLE = (
    ":root{color-scheme:light dark}body{font:14px/1.6 system-ui,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',"
    "sans-serif;max-width:760px;margin:32px auto;padding:0 16px}h1{font-size:18px}h2{font-size:15px;margin:24px 0 4px}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:3px 12px 3px 0;"
    "border-bottom:1px solid #8884;vertical-align:top}td.n{text-align:right;font-variant-numeric:tabular-nums}"
    "code{font-family:ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}"
)

_WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "lang": "zh-CN",
        "title": "GWF 正在运行，但没有构建网页控制台",
        "how": "在源码目录里执行 <code>make setup</code>，然后刷新本页。接口和采集不受影响。",
        "why": "上次构建失败的原因",
        "state": "状态",
        "ok": "正常",
        "degraded": "降级",
        "failing": "失败",
        "reasons": "原因",
        "queue": "队列",
        "settling": "等待写完",
        "ready": "待上传",
        "sending": "上传中",
        "waiting": "等待重试",
        "dead": "死信",
        "done": "已送达（累计）",
        "level": "水位",
        "watches": "监视的目录",
        "stores": "目的地",
        "failures": "失败分类",
        "none": "无",
        "more": "更多",
    },
    "en": {
        "lang": "en",
        "title": "GWF is running, but the web console was not built",
        "how": "Run <code>make setup</code> in the source directory, then reload this page. "
        "The API and the transfer of files are not affected.",
        "why": "Why the last build failed",
        "state": "State",
        "ok": "ok",
        "degraded": "degraded",
        "failing": "failing",
        "reasons": "Reasons",
        "queue": "Queue",
        "settling": "Being written",
        "ready": "Ready",
        "sending": "Sending",
        "waiting": "Waiting for a retry",
        "dead": "Dead letters",
        "done": "Delivered (in all)",
        "level": "Water level",
        "watches": "Watched directories",
        "stores": "Destinations",
        "failures": "Failures by class",
        "none": "none",
        "more": "More",
    },
}


def plain_page(now: Overview, *, base: str, languages: tuple[str, ...], why: str = "") -> str:
    """Return the page in each of `languages`; links stay below `base`; `why` is what the last build said."""
    parts = "<hr>".join(_section(now, _WORDS[language], why) for language in languages)
    first = _WORDS[languages[0]]
    return (
        f'<!doctype html><html lang="{first["lang"]}"><head><meta charset="utf-8"><base href="{escape(base)}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta http-equiv="refresh" content="10">'
        f'<link rel="icon" href="data:,"><title>GWF</title><style>{STYLE}</style></head><body><main>{parts}</main>'
        "</body></html>"
    )


def _section(now: Overview, word: dict[str, str], why: str) -> str:
    queue = now.queue
    counts: list[tuple[str, str | int]] = [
        (word["settling"], queue.settling),
        (word["ready"], queue.ready),
        (word["sending"], queue.sending),
        (word["waiting"], queue.waiting),
        (word["dead"], queue.dead),
        (word["done"], queue.done_total),
        (word["level"], f"{queue.level_pct:.0f} %"),
    ]
    watches = [(escape(w.path), f"{escape(w.state)} ({escape(w.mode)})") for w in now.watches]
    stores = [(escape(f"{s.name} {s.url}"), f"{escape(s.state)}, {escape(s.breaker)}") for s in now.stores]
    failures = [(escape(f.error_class), f.attempts_total) for f in now.failures]
    return (
        f'<section lang="{word["lang"]}"><h1>{word["title"]}</h1><p>{word["how"]}</p>'
        f"{_why(word, why)}"
        f"<h2>{word['state']}</h2><p><strong>{word[now.state]}</strong> · {escape(now.hostname)} · "
        f"{escape(now.version)} · {escape(now.as_of)}</p>"
        f"{_table(word['reasons'], [(escape(r.code), escape(r.message)) for r in now.reasons], word)}"
        f"{_table(word['queue'], counts, word)}{_table(word['watches'], watches, word)}"
        f"{_table(word['stores'], stores, word)}{_table(word['failures'], failures, word)}"
        f'<p>{word["more"]}: <a href="api/v1/overview">api/v1/overview</a> · <a href="metrics">metrics</a></p>'
        "</section>"
    )


def _why(word: dict[str, str], why: str) -> str:
    return f"<p>{word['why']}: <code>{escape(why)}</code></p>" if why else ""


def _table(title: str, rows: Sequence[tuple[str, str | int]], word: dict[str, str]) -> str:
    body = (
        "".join(f'<tr><td><code>{name}</code></td><td class="n">{value}</td></tr>' for name, value in rows)
        or f"<tr><td>{word['none']}</td></tr>"
    )
    return f"<h2>{title}</h2><table>{body}</table>"
