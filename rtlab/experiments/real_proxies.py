"""Do the relay's faults do what real proxies do? The same conversations through the model, nginx and HAProxy."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import fields

from rtlab.errors import InputError, LabNotRunning, MissingExtra
from rtlab.experiments.proxy_comparisons import COMPARISONS, Comparison
from rtlab.experiments.proxy_conversations import Place
from rtlab.findings.proxies import ProxyBehaviour
from rtlab.loop_thread import shared
from rtlab.network.faults import Fault
from rtlab.network.real_proxies import PROXIES, ProxyName, ProxySettings, RealProxy, find_proxy
from rtlab.network.relay import Relay
from rtlab.servers.lab import Lab

_CALL_S = 10.0
_AT_ONCE = 6


def installed_proxies() -> tuple[ProxyName, ...]:
    """Name the proxies that can be started here."""
    found: list[ProxyName] = []
    for name in PROXIES:
        try:
            find_proxy(name)
        except MissingExtra:
            continue
        found.append(name)
    return tuple(found)


def compare_with_proxies(
    lab: Lab,
    comparisons: Sequence[Comparison] = COMPARISONS,
    *,
    progress: Callable[[int, int, str], None] | None = None,
) -> tuple[ProxyBehaviour, ...]:
    """Hold each conversation through the relay and through the proxies that are installed.

    Args:
        lab: The running lab, without TLS.
        comparisons: What to compare.
        progress: Called with conversations done, conversations in all and what is on.

    Returns:
        One for each comparison.

    Raises:
        InputError: The lab speaks TLS.
        LabNotRunning: The lab was stopped.
        MissingExtra: No proxy is installed; the text says how to install one.
    """
    if not lab.running:
        raise LabNotRunning(f"The lab {lab.name!r} is not running; call rtlab.start_lab().")
    if lab.http_url.startswith("https"):
        raise InputError("A proxy that reads HTTP needs a lab without TLS.")
    installed = installed_proxies()
    if not installed:
        find_proxy("nginx")  # says what to do
    tell = progress or (lambda done, total, text: None)
    with ThreadPoolExecutor(_AT_ONCE, "rtlab proxies") as pool:
        try:
            found = _collect(pool, lab, comparisons, installed, tell)
        except BaseException:  # an interrupt, too: what has not begun shall not
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    tell(len(comparisons), len(comparisons), "done")
    return tuple(found)


def _collect(
    pool: ThreadPoolExecutor,
    lab: Lab,
    comparisons: Sequence[Comparison],
    installed: Sequence[ProxyName],
    tell: Callable[[int, int, str], None],
) -> list[ProxyBehaviour]:
    talks = []
    for each in comparisons:
        settings = {"nginx": each.nginx, "haproxy": each.haproxy}
        real = {
            name: pool.submit(_through_proxy, lab, each, name, chosen)
            for name in installed
            if (chosen := settings[name])
        }
        talks.append((each, pool.submit(_through_model, lab, each), real))
    found = []
    for done, (each, model, real) in enumerate(talks):
        tell(done, len(talks), each.conversation)
        words = {name: real[name].result() if name in real else "" for name in PROXIES}
        faults = " + ".join(map(_written, each.faults))
        found.append(
            ProxyBehaviour(each.conversation, each.setting, faults, model.result(), **words, note=each.note)
        )
    return found


def _written(fault: Fault) -> str:
    """Write a fault as a learner would: without what it has by default."""
    told = [
        f"{one.name}={getattr(fault, one.name)!r}"
        for one in fields(fault)  # type: ignore[arg-type]  # each fault is a dataclass; their base is not
        if getattr(fault, one.name) != one.default
    ]
    return f"{type(fault).__name__}({', '.join(told)})"


def _through_model(lab: Lab, each: Comparison) -> str:
    relay = Relay("127.0.0.1", lab.port, faults=each.faults)
    shared.call(relay.start, _CALL_S)
    try:
        return each.talk(Place(relay.port, lab))
    finally:
        shared.call(relay.stop, _CALL_S)


def _through_proxy(lab: Lab, each: Comparison, name: ProxyName, settings: ProxySettings) -> str:
    with ExitStack() as stack:
        port = stack.enter_context(_closed_port()) if each.nobody else lab.port
        proxy = stack.enter_context(RealProxy(name, "127.0.0.1", port, settings))
        return each.talk(Place(proxy.port, lab))


@contextmanager
def _closed_port() -> Iterator[int]:
    """Keep a port on which nobody listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        yield closed.getsockname()[1]
