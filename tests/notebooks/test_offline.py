"""The course needs no network: whatever it connects to or looks up is on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
SITE = '''
"""Every Python process that finds this file refuses to leave the machine, and notes that it was asked to."""

import ipaddress, os, sys

HOST_FIRST = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
ADDRESS_SECOND = {"socket.connect", "socket.sendto", "socket.sendmsg"}


def stays(host):
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False


def guard(event, arguments):
    if event in HOST_FIRST:
        host = arguments[0]
    elif event in ADDRESS_SECOND and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if not stays(host):
        with open(os.environ["ASKED_FOR"], "a", encoding="utf-8") as notes:
            notes.write(f"{event} {host!r}\\n")
        raise OSError(f"not on this machine: {host!r}")


sys.addaudithook(guard)
'''
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


@pytest.fixture
def asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Guard every Python process that is started from here; the file has what they asked for in vain."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(SITE, encoding="utf-8")
    notes = tmp_path / "asked_for.txt"
    notes.touch()
    monkeypatch.setenv("ASKED_FOR", str(notes))
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'site'}{os.pathsep}{ROOT}")
    return notes


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


@pytest.mark.notebooks
@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("default")  # nbclient and jupyter_client warn of themselves
@pytest.mark.parametrize("name", ["00_start_here"])
def test_a_notebook_asks_for_no_other_host(name: str, asked_for: Path) -> None:
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3", store_widget_state=False).execute()
    assert asked_for.read_text("utf-8") == ""
