"""Runs a headless browser until standard input closes.

::

    python -m rtlab.pages.keeper KIND PROGRAM [KEY] [allow|block]

KEY is the hash of a server's key that Chromium shall trust; the last word rules Chromium's third-party cookies.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

LESSON_DOMAIN = "rtlab.test"
_STOP_S = 5.0
_TRIES, _AGAIN_S, _GONE_LOOKS = 50, 0.1, 4
_CHROMIUM = (
    "--headless",
    "--no-first-run",
    "--disable-gpu",
    "--disable-sync",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-popup-blocking",  # the page covers itself with a tab to see what becomes of a hidden page
    # Names for lessons: they are not loopback's own, but lead there, and no name server is asked for them.
    f"--host-resolver-rules=MAP *.{LESSON_DOMAIN} 127.0.0.1, MAP *.invalid ~NOTFOUND",
)
COOKIE_CONTROLS = {"allow": 0, "block": 1}
"""What Chromium's profile calls it when third-party cookies are allowed, or blocked."""
_FIREFOX_SETTINGS = """user_pref("app.update.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("browser.startup.homepage", "about:blank");
user_pref("dom.disable_open_during_load", false);
"""


def command(kind: str, program: str, key: str, profile: Path, start: Path) -> Sequence[str]:
    """Give the command that starts the browser with a profile of its own."""
    if kind == "firefox":
        (profile / "user.js").write_text(_FIREFOX_SETTINGS, "utf-8")
        return [program, "--headless", "--no-remote", "--profile", str(profile), start.as_uri()]
    flags = [*_CHROMIUM, f"--user-data-dir={profile}"]
    if key:
        flags.append(f"--ignore-certificate-errors-spki-list={key}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium does not start for root with it; the page is our own
    return [program, *flags, start.as_uri()]


def main(kind: str, program: str, key: str = "", cookies: str = "") -> None:
    """Start the browser on the address of the first line, and end it with the last."""
    url = sys.stdin.readline().strip()
    folder = Path(tempfile.mkdtemp(prefix="rtlab-browser-"))
    try:
        profile, start = folder / "profile", folder / "start.html"
        profile.mkdir()
        if cookies:
            _set_third_party_cookies(profile, cookies)
        # The browser's command line names this file, and not the address with its secret.
        start.write_text(f'<meta charset="utf-8"><script>location.replace({url!r})</script>', "utf-8")
        none = subprocess.DEVNULL
        browser = subprocess.Popen(
            command(kind, program, key, profile, start), stdin=none, stdout=none, stderr=none
        )
        threading.Thread(target=_end_with_input, args=(browser,), daemon=True).start()
        browser.wait()
    finally:
        _throw_away(folder)


def _set_third_party_cookies(profile: Path, cookies: str) -> None:
    """Choose what the user of a Chromium can choose in its settings; builds differ in what they start with."""
    settings = profile / "Default" / "Preferences"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"profile": {"cookie_controls_mode": COOKIE_CONTROLS[cookies]}}), "utf-8")


def _throw_away(folder: Path) -> None:
    """Remove the profile; the browser's other processes may write into it, and make it anew, a moment longer."""
    gone = 0
    for _ in range(_TRIES):
        gone = 0 if folder.exists() else gone + 1
        shutil.rmtree(folder, ignore_errors=True)
        if gone == _GONE_LOOKS:
            return
        threading.Event().wait(_AGAIN_S)


def _end_with_input(browser: subprocess.Popen[bytes]) -> None:
    sys.stdin.read()
    browser.terminate()
    try:
        browser.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        browser.kill()


if __name__ == "__main__":
    main(*sys.argv[1:])
