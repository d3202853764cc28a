"""What is measured, against whom, and what it should be: one row a question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from arms import Load, cpu_us, open_idle, p99_us, per_core, round_trips_per_core, wire_bytes

MANY = 10_000


@dataclass(frozen=True)
class Target:
    """What the ratio of two medians should be.

    Attributes:
        ours: The arm that is judged.
        peer: The arm that it is compared with; empty for a limit on the figure itself.
        limit: The ratio, or the figure.
        at_least: True if it should be at least so much, else at most.
    """

    ours: str
    peer: str
    limit: float
    at_least: bool = True


@dataclass(frozen=True)
class Row:
    """One question, with everybody who is asked; they take turns.

    Attributes:
        name: The question.
        unit: Of the figures.
        arms: Who is asked: a name, and what gives one figure.
        targets: What should come out.
    """

    name: str
    unit: str
    arms: Mapping[str, Callable[[], float]]
    targets: tuple[Target, ...]


def rows(ruler: Path | None) -> list[Row]:
    """Give all rows.

    Args:
        ruler: The folder of a C server to measure with, or None to do without.
    """
    return [
        *[_broadcast(n, size, bound, ruler) for n, bound in ((100, 0.9), (1_000, 0.85)) for size in (32, 1_024)],
        *[_joined(k, least) for k, least in ((4, 6.0), (16, 15.0))],
        _compressed(),
        _compressed_bytes(),
        _paced(200, 100, ruler),
        _paced(20, 1_000, ruler),
        _round_trips(
            "echo, 100 connections", "websocket", (Target("rtlab", "tornado", 5), Target("rtlab", "aiohttp", 1))
        ),
        _round_trips("POST and event stream, 100 clients", "sse+post", (Target("rtlab", "tornado", 1.5),)),
        _history(),
        _bound(100, 16_384, ruler),
        *[row for way in ("sse", "websocket") for row in _idle(way)],
        _bound(MANY, 32, ruler),
        _growth(ruler),
    ]


def _pushes(
    measure: Callable[..., float], names: tuple[str, ...], load: Load, ruler: Path | None
) -> dict[str, Callable[[], float]]:
    arms: dict[str, Callable[[], float]] = {name: partial(measure, name, load) for name in names}
    if ruler:
        arms["C"] = partial(measure, "C", load, ruler)
    return arms


def _by_way(
    measure: Callable[..., float], connections: int, size: int, rate: float, ruler: Path | None
) -> dict[str, Callable[[], float]]:
    sse, websocket = (Load(way, connections, size, rate) for way in ("sse", "websocket"))
    streams = _pushes(measure, ("rtlab", "tornado", "aiohttp"), sse, ruler)
    sockets = _pushes(measure, ("rtlab", "tornado", "aiohttp", "websockets"), websocket, ruler)
    return {f"{name} SSE": arm for name, arm in streams.items()} | {
        f"{name} WebSocket": arm for name, arm in sockets.items()
    }


def _broadcast(connections: int, size: int, bound: float, ruler: Path | None) -> Row:
    targets = [
        Target("rtlab WebSocket", "tornado WebSocket", 4),
        Target("rtlab SSE", "tornado SSE", 2.8),
        Target("rtlab WebSocket", "websockets WebSocket", 1.7),
        Target("rtlab WebSocket", "aiohttp WebSocket", 1.35),
        Target("rtlab SSE", "aiohttp SSE", 1.35),
    ]
    targets += [Target(f"rtlab {way}", f"C {way}", bound) for way in ("SSE", "WebSocket") if ruler]
    arms = _by_way(per_core, connections, size, 0, ruler)
    arms["floor WebSocket"] = partial(per_core, "floor", Load("websocket", connections, size))
    return Row(f"broadcast of {size:,} B to {connections:,}", "deliveries/s of a core", arms, tuple(targets))


def _bound(connections: int, size: int, ruler: Path | None) -> Row:
    arms = _pushes(per_core, ("rtlab", "floor"), Load("websocket", connections, size), ruler)
    peer = "C" if ruler else "floor"
    name = f"broadcast of {size:,} B to {connections:,}, WebSocket"
    return Row(name, "deliveries/s of a core", arms, (Target("rtlab", peer, 0.8),))


def _joined(pending: int, least: float) -> Row:
    load = Load("websocket", 100, 32)
    arms = {
        f"rtlab, {pending} pending": partial(
            per_core, "rtlab", Load("websocket", 100, 32, options=("--join", str(pending)))
        ),
        "websockets": partial(per_core, "websockets", load),
    }
    return Row(
        f"{pending} messages of 32 B pending in one turn, to 100",
        "deliveries/s of a core",
        arms,
        (Target(f"rtlab, {pending} pending", "websockets", least),),
    )


def _compressing() -> dict[str, tuple[str, Load]]:
    base = ("websocket", 100, 1_024)
    return {
        "rtlab, once for all": ("rtlab", Load(*base, options=("--compress-once",), compressed=True)),
        "rtlab, for each": ("rtlab", Load(*base, options=("--compress",), compressed=True)),
        "tornado": ("tornado", Load(*base, options=("--compress",), compressed=True)),
    }


def _compressed() -> Row:
    arms = {arm: partial(per_core, name, load) for arm, (name, load) in _compressing().items()}
    return Row(
        "compressed broadcast of 1,024 B to 100",
        "deliveries/s of a core",
        arms,
        (Target("rtlab, once for all", "tornado", 8),),
    )


def _compressed_bytes() -> Row:
    arms = {arm: partial(wire_bytes, name, load) for arm, (name, load) in _compressing().items()}
    return Row("the same, on the wire (the payloads are alike)", "bytes a delivery", arms, ())


def _paced(rate: float, connections: int, ruler: Path | None) -> Row:
    arms = _by_way(p99_us, connections, 32, rate, ruler)
    targets = [
        Target(f"rtlab {way}", f"{peer} {way}", 1, at_least=False)
        for way in ("SSE", "WebSocket")
        for peer in ("tornado", "aiohttp", "websockets")
        if f"{peer} {way}" in arms
    ]
    targets += [Target(f"rtlab {way}", f"C {way}", 1.5, at_least=False) for way in ("SSE", "WebSocket") if ruler]
    return Row(f"p99 from the schedule, {rate:g}/s to {connections:,}", "µs", arms, tuple(targets))


def _round_trips(name: str, way: str, targets: tuple[Target, ...]) -> Row:
    arms = {
        library: partial(round_trips_per_core, library, way, 100)
        for library in ("rtlab", "tornado", "aiohttp", "websockets")
        if way == "websocket" or library != "websockets"
    }
    return Row(name, "round trips/s of a core", arms, targets)


def _idle(way: str) -> tuple[Row, Row]:
    def per_s(library: str) -> float:
        return open_idle(library, way, MANY // 2).per_s

    def kib(library: str) -> float:
        return open_idle(library, way, MANY).kib_each

    names = ("rtlab", "tornado")
    return (
        Row(
            f"opening {MANY // 2:,} connections, {way}",
            "connections/s",
            {name: partial(per_s, name) for name in names},
            (Target("rtlab", "tornado", 1.2),),
        ),
        Row(
            f"an idle connection among {MANY:,}, {way}",
            "KiB",
            {name: partial(kib, name) for name in names},
            (Target("rtlab", "", 6, at_least=False),),
        ),
    )


def _growth(ruler: Path | None) -> Row:
    def growth(name: str, ruler: Path | None = None) -> float:
        few, many = (cpu_us(name, Load("websocket", count, 32), ruler) for count in (1_000, MANY))
        return many / few

    arms: dict[str, Callable[[], float]] = {name: partial(growth, name) for name in ("rtlab", "floor")}
    targets = [Target("rtlab", "", 3, at_least=False)]
    if ruler:
        arms["C"] = partial(growth, "C", ruler)
        targets.append(Target("rtlab", "C", 2, at_least=False))
    return Row("processor time of a delivery: 10,000 subscribers against 1,000", "times", arms, tuple(targets))


def _history() -> Row:
    def with_history(messages: int) -> float:
        kept = ("--resumption", f'{{"history_messages": {messages}}}')
        return cpu_us("rtlab", Load("sse", 1, 32, options=kept))

    arms = {f"{messages:,} kept": partial(with_history, messages) for messages in (10, 100_000)}
    return Row(
        "processor time of a message, by the length of the history",
        "µs",
        arms,
        (Target("100,000 kept", "10 kept", 1.25, at_least=False),),
    )
