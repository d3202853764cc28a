"""Sends a process on an errand: it gets one order as a JSON line, and comes back with one JSON line."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rtlab.errors import LabError, WaitTimeout

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_LAST_WORDS = 500


def carry_out(module: str, order: DataclassInstance, limit_s: float) -> dict[str, Any]:
    """Run a module that carries out an order, and give what it found.

    Args:
        module: What ``python -m`` runs.
        order: Its order.
        limit_s: How long it may take, in seconds.

    Returns:
        What it printed.

    Raises:
        LabError: It failed; its words are in the text.
        WaitTimeout: It did not end in time.
    """
    command = [sys.executable, "-m", module]
    try:
        done = subprocess.run(
            command, input=json.dumps(asdict(order)) + "\n", capture_output=True, text=True, timeout=limit_s
        )
    except subprocess.TimeoutExpired as error:
        raise WaitTimeout(f"The process of {module} did not end within {limit_s:g} s.") from error
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise LabError(f"The process of {module} failed: {done.stderr.strip()[-_LAST_WORDS:]}") from error
    if "error" in found:
        raise LabError(f"The process of {module}: {found['error']}")
    return found
