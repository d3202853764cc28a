from __future__ import annotations

import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rtlab.errors import InputError, LabError, MissingExtra
from rtlab.network import real_proxies
from rtlab.network.real_proxies import ProxyName, ProxySettings, RealProxy, proxy_version
from rtlab.servers.lab import Lab

ONE_THAT_WAITS = """
import sys
from rtlab.network.real_proxies import RealProxy

proxy = RealProxy(sys.argv[1], "127.0.0.1", 9)
proxy.start()
print(proxy._folder, flush=True)
sys.stdin.read()
"""


def test_it_answers_for_the_lab_and_leaves_nothing(lab: Lab, proxy_name: ProxyName, raw: Any) -> None:
    with RealProxy(proxy_name, "127.0.0.1", lab.port) as proxy:
        folder, port = proxy._folder, proxy.port
        assert urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30).status == 200
        assert str(lab.port) in proxy.config
    assert folder and not folder.exists()
    with pytest.raises(OSError):
        raw(port)
    proxy.stop()  # a second time


def test_it_ends_with_the_process_that_started_it(proxy_name: ProxyName, until: Callable[..., Any]) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", ONE_THAT_WAITS, proxy_name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdin and child.stdout
    folder = Path(child.stdout.readline().strip())
    assert folder.is_dir()
    child.send_signal(signal.SIGKILL)
    child.wait(30)
    until(lambda: not folder.exists(), "the end of the proxy's folder")
    child.stdin.close()
    child.stdout.close()


def test_one_that_does_not_start_says_why(proxy_name: ProxyName, monkeypatch: pytest.MonkeyPatch, raw: Any) -> None:
    monkeypatch.setattr(real_proxies, "_nginx_lines", lambda chosen: ["nonsense;"])
    monkeypatch.setattr(real_proxies, "_haproxy_lines", lambda chosen: ["nonsense"])
    proxy = RealProxy(proxy_name, "127.0.0.1", 9)
    with pytest.raises(LabError, match="nonsense"):
        proxy.start()
    assert proxy._folder is None


def test_a_websocket_needs_http_1_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real_proxies, "find_proxy", lambda name: name)
    for settings, version in ((ProxySettings(), "1.0"), (ProxySettings(upgrade=True), "1.1")):
        assert f"proxy_http_version {version};" in RealProxy("nginx", "127.0.0.1", 9, settings)._configured()


def test_it_tells_its_version(proxy_name: ProxyName) -> None:
    assert proxy_version(proxy_name)[0].isdigit()


def test_one_that_is_missing_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real_proxies.shutil, "which", lambda name, path: None)
    with pytest.raises(MissingExtra, match="apt install nginx" if sys.platform != "win32" else "WSL"):
        RealProxy("nginx", "127.0.0.1", 9)


def test_settings_become_lines_of_the_configuration() -> None:
    chosen = ProxySettings(honours_accel=False, upgrade=True, compression=True, no_delay=True)
    told = " ".join(real_proxies._nginx_lines(chosen))
    assert "proxy_ignore_headers X-Accel-Buffering;" in told
    assert "proxy_set_header Upgrade $http_upgrade;" in told
    told = " ".join(real_proxies._haproxy_lines(chosen))
    assert "option http-no-delay" in told
    assert "compression type text/event-stream" in told
    assert "del-header" not in told
    assert "del-header Upgrade" in " ".join(real_proxies._haproxy_lines(ProxySettings()))


@pytest.mark.parametrize("read_timeout_s", [0, -1, 86_401, float("nan")])
def test_a_time_out_of_range_is_refused(read_timeout_s: float) -> None:
    with pytest.raises(InputError):
        ProxySettings(read_timeout_s=read_timeout_s)


def test_another_name_is_refused() -> None:
    with pytest.raises(InputError, match="squid"):
        RealProxy("squid", "127.0.0.1", 9)  # type: ignore[arg-type]
