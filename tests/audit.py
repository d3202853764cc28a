"""Asks whether a known weakness is in what we depend on: the versions that Binder pins, by pip-audit.

Where pip-audit, or the service that knows the weaknesses, cannot be reached, it says ``SKIPPED`` and why, and exits
with 0. pip-audit itself calls a package that the service does not know "skipped", and is content; here that is not
taken for an audit.

Run: ``uv run --with pip-audit python tests/audit.py``
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PINS = Path(__file__).parents[1] / "binder" / "requirements.txt"
TIMEOUT_S = 600


@dataclass(frozen=True)
class Audit:
    """What came of an audit: its exit status, and what to print."""

    status: int
    text: str


def judged(output: str, words: str) -> Audit:
    """Read what pip-audit printed.

    Args:
        output: Its standard output, JSON if all went well.
        words: Its standard error.
    """
    try:
        found = json.loads(output)["dependencies"]
    except (ValueError, KeyError, TypeError):
        lines = [line.strip() for line in words.splitlines() if line.strip()] or ["it printed nothing"]
        return Audit(0, f"SKIPPED: pip-audit has no data: {lines[-1]}")
    weak = [
        f"{each['name']} {each['version']}: {flaw['id']}, mended in: {', '.join(flaw['fix_versions']) or 'nothing'}"
        for each in found
        for flaw in each.get("vulns", ())
    ]
    unknown = [each for each in found if "skip_reason" in each]
    asked = len(found) - len(unknown)
    if weak:
        return Audit(1, "\n".join(("FAILED: known weaknesses", *weak)))
    if not asked:
        return Audit(
            0, f"SKIPPED: no package could be audited: {unknown[0]['skip_reason'] if unknown else 'no pins'}"
        )
    text = f"{asked} of {len(found)} packages audited, no known weakness"
    names = ", ".join(each["name"] for each in unknown)
    return Audit(0, f"{text}; SKIPPED: {names}" if unknown else text)


def main() -> int:
    """Run pip-audit and print what came of it."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--no-deps", "--progress-spinner", "off"]
    try:
        done = subprocess.run(
            [*command, "-f", "json", "-r", str(PINS)], capture_output=True, text=True, timeout=TIMEOUT_S
        )
        audit = judged(done.stdout, done.stderr)
    except subprocess.TimeoutExpired:
        audit = Audit(0, f"SKIPPED: pip-audit did not end within {TIMEOUT_S} s")
    print(f"audit of dependencies: {audit.text}")
    return audit.status


if __name__ == "__main__":
    sys.exit(main())
