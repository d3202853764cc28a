"""``real_proxy()`` and ``proxies_agree()``: nginx and HAProxy beside the relay that models them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import pandas as pd

from rtlab.errors import InputError, LabNotRunning
from rtlab.experiments.real_proxies import compare_with_proxies, installed_proxies
from rtlab.findings.proxies import ProxyBehaviour
from rtlab.network.real_proxies import ProxyName, ProxySettings, RealProxy, proxy_version
from rtlab.results.direction import Finding
from rtlab.results.progress import ProgressBar
from rtlab.servers.address import Addresses
from rtlab.servers.lab import Lab
from rtlab.tables.proxies import proxy_behaviours_table

DEFAULTS = (
    ("collects an answer", "yes, in pages of 4 or 8 kB, if it asks over HTTP/1.0", "no"),
    ("obeys X-Accel-Buffering: no", "yes", "does not know it"),
    ("asks the server over", "HTTP/1.0; HTTP/1.1 since 1.29.7", "HTTP/1.1"),
    ("sends small pieces", "at once", "after up to 0.2 s; at once with option http-no-delay"),
    ("compresses", "no; with gzip on, text/html only", "no"),
    (
        "closes a silent connection",
        "after 60 s (proxy_read_timeout)",
        "never, with a warning; Debian's file says 50 s",
    ),
    ("lets a WebSocket pass", "no", "yes"),
    ("says if there is no server", "502", "503"),
)
"""What the real ones do if nobody tells them otherwise."""


class ProxiedLab(Addresses):
    """A lab behind a real proxy, with the addresses to use instead of the lab's own; made by :func:`real_proxy`.

    Args:
        proxy: The proxy, not yet started.
    """

    def __init__(self, proxy: RealProxy) -> None:
        self._proxy = proxy

    @property
    def http_url(self) -> str:
        """The address of the lab's HTTP paths through the proxy, without a slash at the end."""
        if not self._proxy.port:
            raise LabNotRunning(f"This {self._proxy.name} is stopped; call real_proxy() again.")
        return f"http://127.0.0.1:{self._proxy.port}"

    @property
    def config(self) -> str:
        """The proxy's configuration, as it reads it."""
        return self._proxy.config

    def stop(self) -> None:
        """End the proxy and remove its files; a second call does nothing."""
        self._proxy.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        state = f"at {self.http_url}" if self._proxy.port else "stopped"
        return f"<{self._proxy.name}: {state}>"


class ProxyAgreement(Finding):
    """What the relay's faults and the real proxies make of the same conversations.

    Args:
        behaviours: One for each conversation and setting.
        versions: The versions of the proxies that were tried, by name.
    """

    def __init__(self, behaviours: Sequence[ProxyBehaviour], versions: Mapping[str, str]) -> None:
        self.behaviours, self.versions = tuple(behaviours), dict(versions)

    @property
    def details(self) -> pd.DataFrame:
        """One row a conversation and setting (``describe("proxy_behaviours")``)."""
        return proxy_behaviours_table(self.behaviours)

    @property
    def table(self) -> pd.DataFrame:
        """The same without the notes."""
        return self.details.drop(columns="note")

    @property
    def defaults(self) -> pd.DataFrame:
        """What the real ones do if nobody tells them otherwise: columns ``what``, ``nginx``, ``haproxy``."""
        return pd.DataFrame(DEFAULTS, columns=["what", "nginx", "haproxy"], dtype="string")

    @property
    def text(self) -> str:
        """How many agree, and what does not, as a few sentences."""
        tried = [each for each in self.behaviours if each.agree is not None]
        alike = sum(1 for each in tried if each.agree)
        names = " and ".join(f"{name} {version}".rstrip() for name, version in self.versions.items())
        others = [
            each.note or f"Not alike: {each.conversation}, {each.setting}." for each in tried if not each.agree
        ]
        do = "do" if len(self.versions) > 1 else "does"
        return " ".join([f"In {alike} of {len(tried)} conversations the relay does what {names} {do}.", *others])


def real_proxy(
    name: ProxyName,
    lab: Lab,
    *,
    buffering: bool = True,
    honours_accel: bool = True,
    http_1_1: bool = False,
    compression: bool = False,
    upgrade: bool = False,
    no_delay: bool = False,
    read_timeout_s: float = 60.0,
) -> ProxiedLab:
    """Start nginx or HAProxy before a lab, as a process of its own that needs no root.

    It listens on 127.0.0.1 and ends with the ``with`` block, with ``stop()``, or with this process. The defaults
    are nginx's own.

    Args:
        name: ``"nginx"`` or ``"haproxy"``.
        lab: The running lab, without TLS.
        buffering: Whether nginx collects an answer before it sends it on. HAProxy never does.
        honours_accel: Whether nginx obeys ``X-Accel-Buffering: no``, which the lab sends.
        http_1_1: Whether nginx asks the lab over HTTP/1.1; it then collects no chunked answer.
        compression: Whether event streams are compressed for clients that take gzip.
        upgrade: Whether a WebSocket may pass; nginx then asks over HTTP/1.1.
        no_delay: Whether HAProxy sends small pieces at once; nginx does.
        read_timeout_s: After how long a silence the connection is closed, above 0, at most 86,400 s.

    Returns:
        The proxy, running, with the addresses of the lab's paths through it.

    Raises:
        InputError: There is no such proxy, or a setting is out of its range, or the lab speaks TLS.
        LabError: The proxy does not start; its last words are in the text.
        LabNotRunning: The lab was stopped.
        MissingExtra: The proxy is not installed; the text says how to install it.
    """
    if not lab.running:
        raise LabNotRunning(f"The lab {lab.name!r} is not running; call rtlab.start_lab().")
    if lab.ca_pem:
        raise InputError("A proxy that reads HTTP needs a lab without TLS.")
    settings = ProxySettings(
        buffering=buffering,
        honours_accel=honours_accel,
        http_1_1=http_1_1,
        compression=compression,
        upgrade=upgrade,
        no_delay=no_delay,
        read_timeout_s=read_timeout_s,
    )
    proxy = RealProxy(name, "127.0.0.1", lab.port, settings)
    proxy.start()
    return ProxiedLab(proxy)


def proxies_agree(lab: Lab, *, progress: bool = True) -> ProxyAgreement:
    """Hold the same conversations through the relay's faults and through nginx and HAProxy, and compare.

    It takes about ten seconds. A proxy that is not installed is left out.

    Args:
        lab: The running lab, without TLS.
        progress: Show a progress bar.

    Returns:
        What became of each conversation, and whether model and reality agree.

    Raises:
        InputError: The lab speaks TLS.
        LabNotRunning: The lab was stopped.
        MissingExtra: Neither proxy is installed; the text says how to install one.
    """
    with ProgressBar(progress) as bar:
        found = compare_with_proxies(lab, progress=bar.tell)
    return ProxyAgreement(found, {name: proxy_version(name) for name in installed_proxies()})
