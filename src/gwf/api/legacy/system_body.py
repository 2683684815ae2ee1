"""The body of /api/system, made of a sample of the host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gwf.api.legacy.words import NONE, clock_time, rate, size, span
from gwf.wire.host import HostProcess, HostView, HostVolume

LISTEN = "LISTEN"
MAX_STATES = 3  #: kinds of connections that are named
STATES = (
    "ESTABLISHED", "TIME_WAIT", LISTEN, "CLOSE_WAIT", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "LAST_ACK",
    "CLOSING",
)  # fmt: skip
CRITICAL_PCT, WARN_PCT = 85.0, 70.0
HIGH_CPU_PCT, HIGH_MEM_PCT = 60.0, 20.0


def system_body(
    view: HostView, processes: Sequence[HostProcess], environments: Mapping[int, Sequence[str]]
) -> dict[str, object]:
    """Return the body with these `processes` and their environments, as far as they are given."""
    return {
        "systemOverview": _overview(view, processes),
        "systemGauges": [_cpu(view), _memory(view), _disk(view)],
        "systemVolumes": [_volume(item) for item in view.volumes],
        "systemProcesses": [_process(view, item, environments.get(item.pid, ())) for item in processes],
    }


def _overview(view: HostView, processes: Sequence[HostProcess]) -> dict[str, object]:
    return {
        "host": view.host or NONE,
        "os": view.os or NONE,
        "kernel": view.kernel or NONE,
        "uptime": span(view.uptime_s),
        "load": _load(view),
        "ip": view.ip or NONE,
        "lastUpdated": clock_time(view.as_of_ms),
        "processes": view.processes_total,
        "connections": sum(count for state, count in view.connections.items() if state != LISTEN),
        "connectionsBreakdown": _breakdown(view.connections),
        "cpuTemp": _temperature(view),
        "topProcess": processes[0].name if processes else NONE,
    }


def _load(view: HostView) -> str:
    return " / ".join(f"{value:.2f}" for value in view.load) or NONE


def _temperature(view: HostView) -> str:
    return NONE if view.cpu_temp_c is None else f"{view.cpu_temp_c:.0f}C"


def _breakdown(connections: Mapping[str, int]) -> str:
    named = [f"{state} {connections[state]}" for state in STATES if connections.get(state)]
    return " · ".join(named[:MAX_STATES]) or NONE


def _cpu(view: HostView) -> dict[str, object]:
    cpu = view.cpu
    trend = f"空闲 {100 - cpu.used_pct:.1f}%"
    return {
        "id": "cpu",
        "label": "CPU 使用率",
        "usedPct": cpu.used_pct,
        "usedLabel": f"{cpu.used_pct:.1f}%",
        "totalLabel": f"{cpu.cores} 核" + ("" if cpu.mhz is None else f" · {cpu.mhz / 1000:.1f} GHz"),
        "subLabel": _load(view),
        "trend": trend if view.cpu_temp_c is None else f"{trend} · 温度 {_temperature(view)}",
        "tone": _tone(cpu.used_pct),
    }


def _memory(view: HostView) -> dict[str, object]:
    memory = view.memory
    used_pct = _share(memory.used_bytes, memory.total_bytes)
    swap = f"{size(memory.swap_used_bytes)}/{size(memory.swap_total_bytes)}"
    return {
        "id": "memory",
        "label": "内存占用",
        "usedPct": used_pct,
        "usedLabel": size(memory.used_bytes),
        "totalLabel": f"总计 {size(memory.total_bytes)}",
        "subLabel": f"缓存 {size(memory.cached_bytes)} · 交换 {swap}",
        "trend": f"可用 {size(memory.available_bytes)}",
        "tone": _tone(used_pct),
    }


def _disk(view: HostView) -> dict[str, object]:
    disk = view.disk
    used_pct = _share(disk.used_bytes, disk.total_bytes)
    return {
        "id": "disk",
        "label": "磁盘占用",
        "usedPct": used_pct,
        "usedLabel": size(disk.used_bytes),
        "totalLabel": f"总计 {size(disk.total_bytes)}",
        "subLabel": f"读取 {rate(disk.read_bytes_per_s)} · 写入 {rate(disk.write_bytes_per_s)}",
        "trend": f"分区 {len(view.volumes)} 个",
        "tone": _tone(used_pct),
    }


def _volume(volume: HostVolume) -> dict[str, object]:
    return {
        "mount": volume.mount,
        "usedPct": _share(volume.used_bytes, volume.used_bytes + volume.free_bytes),
        "used": size(volume.used_bytes),
        "total": size(volume.total_bytes),
    }


def _process(view: HostView, process: HostProcess, environment: Sequence[str]) -> dict[str, object]:
    body: dict[str, object] = {
        "pid": process.pid,
        "name": process.name,
        "command": process.command or NONE,
        "user": process.user or NONE,
        "status": process.state,
        "cpu": process.cpu_pct,
        "mem": process.mem_pct,
        "rss": size(process.rss_bytes),
        "threads": process.threads,
        "start": clock_time(process.started_at_ms),
        "uptime": span((view.as_of_ms - process.started_at_ms) / 1000),
        "ports": process.ports,
        "ioRead": rate(process.read_bytes_per_s),
        "ioWrite": rate(process.write_bytes_per_s),
        "netIn": NONE,
        "netOut": NONE,
        "cwd": process.cwd or NONE,
        "path": process.path or NONE,
        "env": list(environment),
    }
    note = _note(process)
    return {**body, "note": note} if note else body


def _note(process: HostProcess) -> str:
    if process.cpu_pct >= HIGH_CPU_PCT:
        return "CPU/内存偏高" if process.mem_pct >= HIGH_MEM_PCT else "高 CPU 负载"
    return "内存占用偏高" if process.mem_pct >= HIGH_MEM_PCT else ""


def _share(part: float, whole: float) -> float:
    return min(100.0, 100 * part / whole) if whole > 0 else 0.0


def _tone(used_pct: float) -> str:
    if used_pct >= CRITICAL_PCT:
        return "critical"
    return "warn" if used_pct >= WARN_PCT else "normal"
