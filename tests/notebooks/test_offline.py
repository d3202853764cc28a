"""The course needs no network: whatever it connects to or looks up is on this machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

IMPORT_ALL = """
import importlib, pkgutil, rtlab
from rtlab.errors import MissingExtra
count = 0
for module in pkgutil.walk_packages(rtlab.__path__, "rtlab."):
    try:
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
            count += 1
    except (ImportError, MissingExtra) as error:
        assert "rtlab" not in str(getattr(error, "name", "")), error  # what need not be installed may be missing
print(count)
"""


def python(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100)


@pytest.mark.parametrize(
    ("code", "noted"),
    [
        ("import socket; socket.create_connection(('192.0.2.1', 9), 1)", "'192.0.2.1'"),
        ("import urllib.request as r; r.urlopen('http://example.org', timeout=1)", "'example.org'"),
        ("import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('203.0.113.5', 9))", "'203.0.113.5'"),
    ],
)
def test_the_guard_stops_whoever_leaves_the_machine(code: str, noted: str, asked_for: Path) -> None:
    assert python(code).returncode != 0
    assert noted in asked_for.read_text("utf-8")


def test_the_guard_lets_this_machine_pass(asked_for: Path) -> None:
    code = "import socket; s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname(), 5)"
    assert python(code).returncode == 0
    assert asked_for.read_text("utf-8") == ""


def test_no_module_asks_for_another_host_when_it_is_imported(asked_for: Path) -> None:
    done = python(IMPORT_ALL)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 200
    assert asked_for.read_text("utf-8") == ""
