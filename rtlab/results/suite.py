"""What ``rtlab bench`` measures: one row a question, with its method and its limits in plain words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from rtlab.errors import InputError
from rtlab.experiments.effects import FACTORS
from rtlab.results.comparison import Comparison, compare
from rtlab.results.direction import Finding
from rtlab.results.echo import echo
from rtlab.results.effects import factors
from rtlab.results.files import files
from rtlab.results.idle import idle
from rtlab.results.peers import peers
from rtlab.results.slow_readers import slow_readers
from rtlab.results.speeds import joining, latency, rate
from rtlab.results.swarm import swarm
from rtlab.results.upstream import upstream
from rtlab.servers.lab import start_lab
from rtlab.workload import Workload

Effort = Literal["quick", "normal", "thorough"]
"""``quick`` shows that everything works, ``normal`` is fit for a talk, ``thorough`` for a reference."""
EFFORTS: tuple[Effort, ...] = get_args(Effort)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One row of a suite.

    Attributes:
        name: A short name.
        question: What is asked, one sentence.
        method: How it is measured, in plain words.
        limits: What it cannot say.
        measure: Measures with an effort; gives a result that shows itself.
    """

    name: str
    question: str
    method: str
    limits: str
    measure: Callable[[Effort], Finding | Comparison]


def _repeats(effort: Effort) -> int:
    return {"quick": 3, "normal": 7, "thorough": 15}[effort]


def _seconds(effort: Effort) -> float:
    return {"quick": 0.4, "normal": 0.6, "thorough": 1.0}[effort]


def _compare(effort: Effort) -> Comparison:
    workload = Workload(rate_per_s=50, count={"quick": 50, "normal": 100, "thorough": 200}[effort])
    precision = {"quick": None, "normal": 0.1, "thorough": 0.05}[effort]
    most_s = {"quick": 60.0, "normal": 120.0, "thorough": 600.0}[effort]
    with start_lab("bench", isolated=True) as lab:
        return compare(
            lab,
            workload,
            ("sse", "websocket"),
            repeats=5,
            precision=precision,
            max_repeats=100,
            most_s=most_s,
            progress=False,
        )


def _rate(effort: Effort) -> Finding:
    sizes = (1_024,) if effort == "quick" else (32, 1_024, 16_384)
    return rate(sizes, seconds=_seconds(effort), repeats=_repeats(effort), progress=False)


def _latency(effort: Effort) -> Finding:
    rates_per_s = (100,) if effort == "quick" else (10, 100, 1_000)
    return latency(rates_per_s, seconds=_seconds(effort), repeats=_repeats(effort), progress=False)


def _joining(effort: Effort) -> Finding:
    pending = (1, 16) if effort == "quick" else (1, 4, 16)
    return joining(pending, seconds=_seconds(effort), repeats=_repeats(effort), progress=False)


def _factors(effort: Effort) -> Finding:
    names = ("server library", "message size", "compression") if effort == "quick" else FACTORS
    return factors(names, seconds=_seconds(effort), repeats=_repeats(effort), progress=False)


def _peers(effort: Effort) -> Finding:
    return peers(seconds=_seconds(effort), repeats=_repeats(effort), progress=False)


def _echo(effort: Effort) -> Finding:
    clients = (100,) if effort == "quick" else (1, 100)
    return echo(clients, seconds=_seconds(effort), repeats=_repeats(effort), progress=False)


def _upstream(effort: Effort) -> Finding:
    return upstream({"quick": 5_000, "normal": 50_000, "thorough": 50_000}[effort], progress=False)


def _files(effort: Effort) -> Finding:
    return files(repeats={"quick": 1, "normal": 3, "thorough": 7}[effort], progress=False)


def _idle(effort: Effort) -> Finding:
    return idle({"quick": 200, "normal": 2_000, "thorough": 5_000}[effort], progress=False)


def _slow_readers(effort: Effort) -> Finding:
    return slow_readers(repeats={"quick": 1, "normal": 3, "thorough": 7}[effort], progress=False)


def _swarm(effort: Effort) -> Finding:
    connections = {"quick": 100, "normal": 500, "thorough": 1_000}[effort]
    seconds = {"quick": 2.0, "normal": 5.0, "thorough": 20.0}[effort]
    with start_lab("bench", isolated=True) as lab:
        return swarm(
            lab.sse_url("swarm"),
            connections=connections,
            seconds=seconds,
            rate_per_s=10,
            publish_url=lab.publish_url("swarm"),
            progress=False,
        )


SUITE = (
    Measurement(
        "compare",
        "Which delivers a pushed message sooner, SSE or WebSocket?",
        "A server in a process of its own sends 50 messages a second to one client, over each transport in turn. "
        "Rounds go on until the intervals are narrow or the time is up.",
        "At this rate the server rests most of the time. What many clients or high rates do is not in it.",
        _compare,
    ),
    Measurement(
        "rate",
        "How many messages a second can each transport push?",
        "Server and client are processes of their own. The server sends to all connections as fast as they take "
        "it; the transports take turns, for several sizes and numbers of connections.",
        "A rate at full speed says nothing about how late messages are. Where the client was busier than the "
        "server, it set the pace.",
        _rate,
    ),
    Measurement(
        "latency",
        "How late are messages at rising rates, and from where on do they queue?",
        "Messages are due on a schedule that waits for nobody, and their age counts from that moment.",
        "To many connections the age is mostly the place in the row: the last one gets its copy after all others.",
        _latency,
    ),
    Measurement(
        "joining",
        "What does it bring to join messages in one send?",
        "The same messages leave one by one, four at a time and sixteen at a time, over both transports.",
        "Joining is free only where several messages are ready at once; waiting for more would make them late.",
        _joining,
    ),
    Measurement(
        "factors",
        "What decides how fast a message is: the transport, or what is around it?",
        "One thing is changed at a time, from a base case of ten connections and 1 KiB; the ratio to the base case "
        "is taken pair by pair.",
        "Two changes at once may do more or less than both alone. Text of one letter compresses well.",
        _factors,
    ),
    Measurement(
        "peers",
        "How far do libraries differ that do the same work?",
        "Each library is used the way its own documentation teaches it, and they take turns.",
        "It compares libraries as they are taught, not what an expert could make of each.",
        _peers,
    ),
    Measurement(
        "echo",
        "What does a round trip cost over a WebSocket, and by POST with an event stream?",
        "Each client asks again as soon as it has its answer: a closed loop, which tells how many round trips a "
        "server can do.",
        "A closed loop does not tell how late answers come to people who do not wait for one another.",
        _echo,
    ),
    Measurement(
        "upstream",
        "What does a client send back while it only listens?",
        "The server pushes messages and the client says nothing; every byte on the socket is counted, both ways.",
        "The acknowledgements of TCP are below the socket and not counted; both transports have them.",
        _upstream,
    ),
    Measurement(
        "files",
        "What does it cost to send files over each?",
        "Files go as binary WebSocket messages, and as base64 in an event stream, from process to process.",
        "A download by plain HTTP, which is the usual way for files, is not compared.",
        _files,
    ),
    Measurement(
        "idle",
        "What does a connection cost on which nothing happens?",
        "The server's memory is weighed while more and more connections open; the slope is the cost of one.",
        "What the operating system keeps for each socket is not in it.",
        _idle,
    ),
    Measurement(
        "slow-readers",
        "What happens to the others when some readers pause?",
        "Some of the readers stop reading for a while, under each policy of the server and over both transports.",
        "The buffers of the systems hide short pauses; their size belongs to the machine.",
        _slow_readers,
    ),
    Measurement(
        "swarm",
        "Does each of many listeners get every message, and how late?",
        "Hundreds of event streams in processes of their own; ten messages a second are sent by POST when they are "
        "due, and every message that should come is counted.",
        "Server and swarm share the cores of one machine, and it is one transport: the others are held beside it "
        "in the measurements above.",
        _swarm,
    ),
)
"""The measurements, in order."""


def chosen(suite: tuple[Measurement, ...], only: tuple[str, ...] | None) -> tuple[Measurement, ...]:
    """Pick measurements by name, in the suite's order.

    Args:
        suite: What there is.
        only: Names, or None for all.

    Raises:
        InputError: There is no such measurement.
    """
    names = [measurement.name for measurement in suite]
    unknown = [name for name in only or () if name not in names]
    if unknown:
        raise InputError(f"There is no measurement {unknown[0]!r}; there are {', '.join(names)}.")
    return tuple(measurement for measurement in suite if not only or measurement.name in only)
