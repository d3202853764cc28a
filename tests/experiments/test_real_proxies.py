"""The relay's faults against the real proxies: the same conversation must end alike, but for named differences."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rtlab.errors import InputError, LabNotRunning, MissingExtra
from rtlab.experiments import real_proxies
from rtlab.experiments.proxy_comparisons import COMPARISONS, Comparison
from rtlab.experiments.real_proxies import compare_with_proxies, installed_proxies
from rtlab.findings.proxies import ProxyBehaviour
from rtlab.network.real_proxies import PROXIES
from rtlab.servers.lab import Lab, start_lab

from ..absent import absent

# What no fault of the relay does; each comparison's note tells why.
DIFFERENCES = {
    "HAProxy: as it comes",
    "HAProxy: compression algo gzip, http-no-delay",
    "nginx: HTTP/1.0, buffering off",
}


@pytest.fixture(scope="module")
def behaviours() -> Iterator[dict[tuple[str, str], ProxyBehaviour]]:
    missing = set(PROXIES) - set(installed_proxies())
    if len(missing) == len(PROXIES):
        absent("neither nginx nor HAProxy is installed")
    with start_lab("real proxies") as lab:
        found = compare_with_proxies(lab)
    yield {(each.conversation, each.setting): each for each in found}


@pytest.mark.measuring
@pytest.mark.parametrize("each", COMPARISONS, ids=lambda each: f"{each.conversation}; {each.setting}")
def test_model_and_reality_agree(behaviours: dict[tuple[str, str], ProxyBehaviour], each: Comparison) -> None:
    found = behaviours[each.conversation, each.setting]
    if found.agree is None:
        assert set(PROXIES) - set(installed_proxies())  # who is installed has answered
        absent("the proxy of this comparison is not installed")
    assert found.agree == (each.setting not in DIFFERENCES), found
    assert found.agree or each.note


@pytest.mark.measuring
def test_what_the_real_ones_do(behaviours: dict[tuple[str, str], ProxyBehaviour]) -> None:
    """The findings in words: if a version does otherwise, model and notes must follow."""
    if "nginx" in installed_proxies():
        small = {setting: each.nginx for (talk, setting), each in behaviours.items() if talk == "small events"}
        assert small["nginx: proxy_buffering on, as it comes before 1.29.7"] == "held, 4 kB at a time"
        assert small["nginx: the same; the server says X-Accel-Buffering: no"] == "at once"
        lost = behaviours["one event, then silence", "idle limit 1 s; nginx: buffering on"]
        assert lost.nginx == "the event is lost; FIN, the body is cut short"
    cut = behaviours["a silent WebSocket", "idle limit 1 s"]
    assert {cut.nginx, cut.haproxy} <= {"FIN, no close frame", ""}


@pytest.mark.measuring
def test_a_fault_is_written_without_its_defaults(behaviours: dict[tuple[str, str], ProxyBehaviour]) -> None:
    found = behaviours["one event, then silence", "idle limit 1 s; nginx: buffering on"]
    assert found.fault == "BufferingProxy(honours_accel=False) + IdleCut(idle_s=1.0)"


def test_without_a_proxy_it_says_what_to_install(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise MissingExtra(f"{name} is not installed.")

    monkeypatch.setattr(real_proxies, "find_proxy", missing)
    assert installed_proxies() == ()
    with pytest.raises(MissingExtra, match="nginx is not installed"):
        compare_with_proxies(lab)


def test_a_lab_with_tls_is_refused() -> None:
    with start_lab("real proxies, TLS", tls=True) as lab, pytest.raises(InputError, match="without TLS"):
        compare_with_proxies(lab)


def test_a_stopped_lab_is_refused(lab: Lab) -> None:
    lab.stop()
    with pytest.raises(LabNotRunning, match="start_lab"):
        compare_with_proxies(lab)
