"""A headless browser that shows one page of a lab, as a child process.

Between the kernel and the browser stands a small program, ``python -m rtlab.pages.keeper``: it ends the browser and
throws its profile away when its own standard input closes. So the browser cannot outlive the kernel.
"""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import ssl
import subprocess
import sys
from typing import Any
from urllib.parse import urlsplit

from rtlab.errors import LabNotRunning
from rtlab.pages.browsers import Browser, find_browser
from rtlab.servers.lab import Lab

_STOP_S = 15.0


class DrivenBrowser:
    """A browser of the kernel's own.

    Args:
        kind: Which browser.
        url: What it shows.
        trusted: A lab with TLS whose certificate Chromium shall trust; all others are checked as ever.
        third_party_cookies: Whether Chromium allows third-party cookies; None leaves it to the build's own setting.

    Raises:
        MissingExtra: No such browser is installed.
        LabNotRunning: It did not start.
    """

    def __init__(
        self, kind: Browser, url: str, trusted: Lab | None = None, *, third_party_cookies: bool | None = None
    ) -> None:
        key = key_hash(trusted) if trusted else ""
        cookies = "" if third_party_cookies is None else "allow" if third_party_cookies else "block"
        command = [sys.executable, "-m", "rtlab.pages.keeper", kind, find_browser(kind), key, cookies]
        # The address holds a secret, and every program of the machine may read a command line: it goes by the pipe.
        self._keeper = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **_own_group()
        )
        assert self._keeper.stdin
        try:
            self._keeper.stdin.write(url.encode() + b"\n")
            self._keeper.stdin.flush()
        except OSError as error:
            raise LabNotRunning("The browser's keeper did not start.") from error

    @property
    def pid(self) -> int:
        """The keeper's process; the browser is its child."""
        return self._keeper.pid

    @property
    def running(self) -> bool:
        """True until the browser has ended."""
        return self._keeper.poll() is None

    def stop(self) -> None:
        """End the browser; a second call does nothing."""
        keeper = self._keeper
        assert keeper.stdin and keeper.stderr
        if not keeper.stdin.closed:
            keeper.stdin.close()
        try:
            keeper.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            keeper.kill()
            keeper.wait(_STOP_S)
        keeper.stderr.close()


def key_hash(lab: Lab) -> str:
    """Give what Chromium knows a server by: the SHA-256 of its public key, in base64.

    Args:
        lab: A running lab with TLS.

    Raises:
        LabNotRunning: It does not answer.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    address = urlsplit(lab.http_url)
    context = ssl.create_default_context(cadata=lab.ca_pem)
    try:
        with (
            socket.create_connection((address.hostname or "", lab.port), timeout=_STOP_S) as plain,
            context.wrap_socket(plain, server_hostname=address.hostname) as line,
        ):
            certificate = x509.load_der_x509_certificate(line.getpeercert(binary_form=True) or b"")
    except OSError as error:
        raise LabNotRunning(f"The lab {lab.name!r} does not speak TLS: {error}") from error
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(key).digest()).decode()


def _own_group() -> dict[str, Any]:
    """An interrupt of a cell is for the kernel, not for the browser."""
    if os.name == "nt":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined,unused-ignore]
    return {"start_new_session": True}
