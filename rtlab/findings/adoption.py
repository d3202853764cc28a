"""What a reference stack takes, and how it does when it runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StackTrial:
    """One framework with the lab's two endpoints, as it was measured. What was not tried is None.

    Attributes:
        stack: Its name, such as ``"go"``.
        title: Its name for people.
        language: What it is written in.
        framework: What it is written with.
        version: The version of that.
        licence: The licence of that version.
        released: When that version came out, an ISO 8601 date.
        date_utc: When this was measured, ISO 8601.
        platform: What it was measured on, with the cores and how many programs wanted them.
        tools: The programs that built and ran it, with their versions.
        lines: Lines of the server, without empty ones and comments.
        resume_lines: How many of them are there for resume alone.
        dependencies: Packages that it needs, those of its packages included.
        installed_bytes: What has to be on the disk beside the language itself.
        start_ms: From the start of the process to the first answer.
        ok: Vectors for WebSocket servers that it takes as the standard wants it, or leaves open.
        non_strict: Vectors that it takes in a way that is allowed and not the best.
        failed: Vectors that it fails.
        unimplemented: Vectors that need what it does not have.
        deviations: The ids of the vectors that it failed.
        cuts: How often the line was cut while its events flowed.
        sent: Events that should have come.
        lost: Events that never came.
        doubled: Events that came more than once.
        probe: What a probe found wrong, ``"severity id"`` each.
        events_per_s: Events a second that one reader got, without a rate.
        echoes_per_s: Round trips a second over one WebSocket, one after the other.
        client_sent: Events that a lab sent to its own client, with the line cut once.
        client_lost: How many of them never came.
        client_doubled: How many came more than once.
        client_echoed: Texts that came back to its own client.
        trouble: Steps that could not be done, and why.
    """

    stack: str
    title: str
    language: str
    framework: str
    version: str
    licence: str
    released: str
    date_utc: str
    platform: str
    tools: str
    lines: int
    resume_lines: int
    dependencies: int | None
    installed_bytes: int
    start_ms: float
    ok: int | None
    non_strict: int | None
    failed: int | None
    unimplemented: int | None
    deviations: tuple[str, ...]
    cuts: int | None
    sent: int | None
    lost: int | None
    doubled: int | None
    probe: tuple[str, ...]
    events_per_s: float | None
    echoes_per_s: float | None
    client_sent: int | None
    client_lost: int | None
    client_doubled: int | None
    client_echoed: int | None
    trouble: tuple[str, ...]
