"""Runs one tool against a lab, and holds what it counted against what the lab sent."""

from __future__ import annotations

import tempfile
from pathlib import Path

from rtlab import clock
from rtlab.errors import InputError, LabError
from rtlab.exports.scenario import Scenario
from rtlab.findings.tools import ToolRun
from rtlab.loop_thread import shared
from rtlab.servers.lab import Lab
from rtlab.tools.program import Ended, run_program
from rtlab.tools.sender import Sender
from rtlab.tools.tool import Job, Reading, Tool

_SPARE_S = 20.0


def run_tool(tool: Tool, lab: Lab, transport: str, shape: Scenario) -> ToolRun:
    """Run a tool against a channel of its own.

    It blocks, and the lab goes on serving: the event loop has a thread of its own.

    Args:
        tool: Which tool.
        lab: A running lab in this kernel, without TLS.
        transport: ``"sse"`` or ``"websocket"``.
        shape: How many connections and messages, how fast and how large; its addresses do not count.

    Returns:
        What it counted, beside what the lab sent.

    Raises:
        InputError: The tool does not speak that transport, or the lab cannot be used.
        MissingExtra: The tool is not installed; the text says how to install it.
        WaitTimeout: It did not end in time, or did not connect.
        LabError: It failed, or its result cannot be read or counts nothing.
    """
    if transport not in tool.sees:
        raise InputError(f"{tool.name} speaks {' and '.join(tool.sees)} only, not {transport!r}.")
    shared.refuse_own_thread()
    tool.find()
    with tempfile.TemporaryDirectory(prefix="rtlab-tool-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        version = tool.version(folder)
        with Sender(lab, transport, shape, wait_s=tool.start_s) as sender:
            job = Job(transport, sender.scenario, folder)
            command = tool.command(job)
            ended = run_program(command, folder, tool.start_s + sender.scenario.seconds + _SPARE_S)
            if ended.exit_code not in tool.fine_codes:
                raise LabError(f"{tool.name} ended with exit code {ended.exit_code}. It said: {ended.last_words}")
            reading = tool.read(job, ended)
            require_counts(tool, reading, ended)
            sender.require_done()
            sent = sender.sent
    return ToolRun(
        tool.name,
        version,
        transport,
        clock.date_utc()[:10],
        tool.shown(command).replace(job.url, "URL"),
        shape.connections,
        sent,
        reading.messages,
        reading.answers,
        reading.p50_ms is not None if reading.single is None else reading.single,
        reading.p50_ms,
        reading.p95_ms,
        reading.answer_ms,
        round(ended.seconds, 2),
    )


def require_counts(tool: Tool, reading: Reading, ended: Ended) -> None:
    """Refuse a result that counts nothing: a tool may end well without having run anything.

    Raises:
        LabError: It counts nothing.
    """
    if not (reading.messages or reading.answers):
        raise LabError(
            f"{tool.name} ended with exit code {ended.exit_code} and counted nothing, so its run is no result. "
            f"It said: {ended.last_words}"
        )
