"""One stack from its files to what it does: built, started, tried against the standards, cut off, measured."""

from __future__ import annotations

import os
import platform
import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from rtlab import clock
from rtlab.conformance.run import Judgement
from rtlab.errors import LabError, RtlabError, WaitTimeout
from rtlab.findings.adoption import StackTrial
from rtlab.loop_thread import shared
from rtlab.probes.examination import Examination
from rtlab.probes.run import examine_soon
from rtlab.servers.lab import Lab
from rtlab.stacks import measuring, resuming
from rtlab.stacks.bench import echoes_per_s, events_per_s
from rtlab.stacks.echo_peer import judge_echo
from rtlab.stacks.serving import Served, run_in, serving
from rtlab.stacks.stack import Stack

PROBE_S = 3.0
_VERSION_COMMANDS = {"go": ("go", "version"), "java": ("java", "-version"), "mvn": ("mvn", "-v")}
_VERSION_S = 60.0
_GRAVE = ("error", "warning")

T = TypeVar("T")
Say = Callable[[str], None]


def try_stack(stack: Stack, lab: Lab, *, bench: bool = True, say: Say = lambda what: None) -> StackTrial:
    """Build a stack, run it, and see how it does.

    Args:
        stack: The stack.
        lab: A lab that its own client talks to.
        bench: Measure speed, too.
        say: Called with what is on.

    Returns:
        What was found. A step that failed is in its ``trouble``.

    Raises:
        MissingExtra: A program that it needs is not here.
        LabError: It cannot be built or started.
        WaitTimeout: Its build or its start took too long.
    """
    say("build and start")
    trouble: list[str] = []

    def attempt(what: str, work: Callable[[], T]) -> T | None:
        say(what)
        try:
            return work()
        except RtlabError as error:
            trouble.append(f"{what}: {' '.join(str(error).split())[:300]}")
            return None

    has_events, has_echo = "events" in stack.offers, "echo" in stack.offers
    with serving(stack) as served:
        judged = attempt("vectors", lambda: judge_echo(stack.name, served.port)) if has_echo else None
        resumed = attempt("resume", lambda: resuming.resume_count(served)) if has_events else None
        urls = [served.events_url()] * has_events + [served.echo_url] * has_echo
        probed = [attempt("probe", partial(_probe, url)) or () for url in urls]
        events = attempt("bench", lambda: events_per_s(served)) if bench and has_events else None
        echoes = attempt("bench", lambda: echoes_per_s(served)) if bench and has_echo else None
        client = attempt("client", lambda: resuming.client_count(served, lab)) if stack.client else None
        dependencies = attempt("dependencies", lambda: measuring.list_dependencies(stack, served.folder))
        return StackTrial(
            stack=stack.name,
            title=stack.title,
            language=stack.language,
            framework=stack.framework,
            version=stack.version,
            licence=stack.licence,
            released=stack.released,
            date_utc=clock.date_utc(),
            platform=_machine(),
            tools=_tool_versions(served),
            lines=measuring.count_lines(stack.folder, stack.server_sources),
            resume_lines=measuring.count_resume_lines(stack.folder, stack.server_sources),
            dependencies=None if dependencies is None else len(dependencies),
            installed_bytes=measuring.installed_bytes(stack, served.folder),
            start_ms=round(served.start_ms, 1),
            **_verdicts(judged),
            cuts=resumed[0] if resumed else None,
            sent=resuming.SENT if resumed else None,
            lost=resumed[1] if resumed else None,
            doubled=resumed[2] if resumed else None,
            probe=tuple(dict.fromkeys(finding for found in probed for finding in found)),
            events_per_s=events and round(events),
            echoes_per_s=echoes and round(echoes),
            client_sent=resuming.CLIENT_COUNT if client else None,
            client_lost=client[0] if client else None,
            client_doubled=client[1] if client else None,
            client_echoed=client[2] if client else None,
            trouble=tuple(trouble),
        )


def _verdicts(judged: tuple[Judgement, ...] | None) -> dict[str, Any]:
    if judged is None:
        return {"ok": None, "non_strict": None, "failed": None, "unimplemented": None, "deviations": ()}
    counts = Counter(each.verdict for each in judged)
    return {
        "ok": counts["OK"] + counts["INFORMATIONAL"],
        "non_strict": counts["NON-STRICT"],
        "failed": counts["FAILED"],
        "unimplemented": counts["UNIMPLEMENTED"],
        "deviations": tuple(each.vector for each in judged if each.verdict == "FAILED"),
    }


def _probe(url: str) -> tuple[str, ...]:
    examination, limit_s = Examination(url, PROBE_S, (), "", ()), 3 * PROBE_S + 20
    shared.hold()
    try:
        shared.call(lambda: examine_soon(examination, limit_s=limit_s), limit_s + PROBE_S)
    finally:
        shared.release()
    if not examination.reached:
        raise LabError(f"The probe could not reach {url}.")
    grave = (each for each in examination.findings if each.severity in _GRAVE)
    return tuple(f"{each.severity} {each.id}" for each in grave)


def _machine() -> str:
    """Name the machine and how busy it is: a start that had to share its processor says little."""
    cores = os.cpu_count() or 1
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{platform.system()} {platform.machine()}, {cores} cores{load}"


def _tool_versions(served: Served) -> str:
    return ", ".join(f"{name} {_tool_version(served, name)}" for name in served.stack.needs if name != "npm")


def _tool_version(served: Served, name: str) -> str:
    if name == "python":
        return platform.python_version()
    try:
        with run_in(served.folder, _VERSION_COMMANDS.get(name, (name, "--version")), {}) as program:
            program.wait(_VERSION_S)
            found = re.search(r"\d+(\.\d+)+", program.last_lines)
    except (LabError, WaitTimeout):
        found = None
    return found.group() if found else "of an unknown version"
