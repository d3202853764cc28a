"""How long ``import rtlab`` and ``start_lab()`` take; fails if even the quickest try misses its bound.

Run: ``uv run python benchmarks/start_up.py``
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable

import rtlab
from rtlab.clock import now_ns

TRIES = 15
BOUNDS_MS = {"import rtlab": 200.0, "start_lab(), after the first": 20.0, "stop()": 100.0}
_IMPORT = "from time import perf_counter_ns as now; a = now(); import rtlab; print(now() - a)"


def import_ms() -> float:
    """Import rtlab in a fresh interpreter and give the time, in milliseconds."""
    answer = subprocess.run([sys.executable, "-c", _IMPORT], capture_output=True, text=True, check=True, timeout=60)
    return int(answer.stdout) / 1e6


def start_and_stop_ms() -> tuple[float, float]:
    """Start a lab and stop it; give both times, in milliseconds."""
    begun_ns = now_ns()
    lab = rtlab.start_lab("benchmark")
    started_ns = now_ns()
    lab.stop()
    return (started_ns - begun_ns) / 1e6, (now_ns() - started_ns) / 1e6


def report(name: str, times_ms: list[float]) -> bool:
    """Print one line and tell whether the bound is kept."""
    bound_ms = BOUNDS_MS[name]
    low, middle, high = min(times_ms), statistics.median(times_ms), max(times_ms)
    kept = low <= bound_ms
    print(f"{name:32} {low:8.2f} {middle:8.2f} {high:8.2f}   {bound_ms:6.0f}  {'ok' if kept else 'TOO SLOW'}")
    return kept


def repeat(measure: Callable[[], float]) -> list[float]:
    """Measure several times."""
    return [measure() for _ in range(TRIES)]


def main() -> int:
    """Measure everything and give the exit code."""
    print(f"{'milliseconds':32} {'min':>8} {'median':>8} {'max':>8}   {'bound':>6}")
    start_and_stop_ms()
    labs = [start_and_stop_ms() for _ in range(TRIES)]
    kept = [
        report("import rtlab", repeat(import_ms)),
        report("start_lab(), after the first", [start for start, _ in labs]),
        report("stop()", [stop for _, stop in labs]),
    ]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    raise SystemExit(main())
