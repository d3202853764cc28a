"""A guard over every Python process of a test: none leaves the machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SITE = '''
"""Every Python process that finds this file refuses to leave the machine, and notes that it was asked to."""

import ipaddress, os, sys

HOST_FIRST = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
ADDRESS_SECOND = {"socket.connect", "socket.sendto", "socket.sendmsg"}


def stays(host):
    if host in (None, "", "localhost", b"localhost"):
        return True
    name = host.decode() if isinstance(host, bytes) else host
    if name.endswith(".invalid"):
        return True  # nobody has such a name (RFC 6761 6.4): what a lookup that fails is shown with
    try:
        return ipaddress.ip_address(name).is_loopback
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
