"""``rtlab lab``: JupyterLab on the notebooks of the course, in one command.

JupyterLab runs as a child process with this Python. What it needs from us lies in a private folder that is gone
afterwards: the token (a command line could be read by others on the machine), a kernel that is this Python, and
the file in which the server tells its address. The learner's own Jupyter settings are read, but never written.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import quote

from rtlab.errors import InputError, LabError, MissingExtra
from rtlab.notebook_copies import copy_notebooks
from rtlab.resources import notebooks_path

START = "00_start_here.ipynb"
DEFAULT_FOLDER = Path("rtlab-notebooks")

_PACKAGE = Path(__file__).parent
_START_LIMIT_S = 120.0
_STOP_LIMIT_S = 15.0
_LOOK_S = 0.1
# An endless wait on Windows does not see Ctrl-C.
_WAIT_S = None if os.name == "posix" else 0.5

# Windows does not connect to the addresses that mean "all of mine".
_ANY = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}

_SETTINGS = (
    # No request leaves the machine: no news, no look for updates, no list of extensions.
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
    "--ServerApp.log_level=WARN",
    "--LabApp.log_level=WARN",
)


def open_lab(
    *,
    folder: Path | None = None,
    port: int = 8888,
    ip: str = "127.0.0.1",
    browser: bool = True,
    fresh: bool = False,
    say: Callable[[str], object] = print,
) -> int:
    """Open JupyterLab on the notebooks and stay until it ends.

    Call it on the main thread of a program, not in a notebook.

    Args:
        folder: Where to put the notebooks. None means: use those of the checkout where they lie, or, if rtlab was
            installed, copy them to ``rtlab-notebooks``.
        port: The TCP port, from 1 to 65535; if it is taken, another one is used.
        ip: The address to listen on; anything but loopback lets others on the network try to connect.
        browser: Open a browser, if there is a display.
        fresh: Put a fresh copy next to each notebook that was changed.
        say: Gets each line of progress.

    Returns:
        The exit code of JupyterLab.

    Raises:
        InputError: The arguments do not go together, or the address is not one of this machine.
        LabError: The folder cannot be used, or JupyterLab did not start.
        MissingExtra: JupyterLab is not installed.
        KeyboardInterrupt: Ctrl-C was pressed; JupyterLab has been stopped.
    """
    if find_spec("jupyterlab") is None:
        raise MissingExtra("JupyterLab is not installed; run `pip install jupyterlab`.")
    _refuse_strange_address(ip)
    root = _choose_folder(folder, fresh, say)
    if browser and not has_display(os.environ, sys.platform):
        browser = False
        say("There is no display, so no browser is opened.")
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if as_root:
        say("You are root: JupyterLab gets --allow-root.")
    flags = [f"--ServerApp.{name}" for name in (f"root_dir={root}", f"ip={ip}", f"port={port}")]
    flags += [*_SETTINGS, *["--allow-root"] * as_root, *["--no-browser"] * (not browser)]
    page = f"lab/tree/{quote(START)}" if (root / START).is_file() else "lab"
    flags.append(f"--LabApp.default_url=/{page}")

    with _ended_by_signals(), tempfile.TemporaryDirectory(prefix="rtlab-", ignore_cleanup_errors=True) as private:
        environ = _prepare(Path(private), os.environ)
        child = _start(flags, environ)
        try:
            server = _wait_until_ready(child, Path(environ["JUPYTER_RUNTIME_DIR"]))
            if port != server["port"]:
                say(f"Port {port} is taken; this is port {server['port']}.")
            if ip not in ("127.0.0.1", "localhost", "::1"):
                say(f"Listening on {ip}: whoever has the address with its token can run programs as you.")
            say(f"JupyterLab is ready: {server['url']}{page}?token={server['token']}")
            say("Press Ctrl-C to stop it.")
            return _wait_until_ended(child)
        finally:
            _stop(child)
            say("JupyterLab has stopped.")


def has_display(environ: Mapping[str, str], platform: str) -> bool:
    """Tell whether a browser could show up.

    Args:
        environ: The environment variables.
        platform: The system, as ``sys.platform`` names it.

    Returns:
        False in a container, on a server and in a remote shell.
    """
    if any(environ.get(name) for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")):
        return True
    return platform in ("win32", "darwin") and "SSH_CONNECTION" not in environ


def _refuse_strange_address(ip: str) -> None:
    try:
        socket.create_server((ip, 0), family=socket.AF_INET6 if ":" in ip else socket.AF_INET).close()
    except OSError as error:
        raise InputError(
            f"Nothing can listen on {ip} here ({error}); leave --ip out for this machine only."
        ) from error


def _choose_folder(folder: Path | None, fresh: bool, say: Callable[[str], object]) -> Path:
    source = notebooks_path()
    if folder is None and _in_checkout():
        if fresh:
            raise InputError("The notebooks of the checkout are used where they lie; --fresh needs a --folder.")
        say(f"The notebooks are in {source.resolve()}")
        return source.resolve()
    target = (folder or DEFAULT_FOLDER).expanduser().resolve()
    done = copy_notebooks(source, target, fresh=fresh)
    say(f"The notebooks are in {target} ({len(done.new)} copied)")
    for place in done.kept:
        say(f"Kept as it is, for it differs from the one that rtlab brings: {place}")
    for place in done.beside:
        say(f"Fresh copy: {place}")
    if done.kept and not fresh:
        say("With --fresh you get a fresh copy next to each of these.")
    return target


def _prepare(private: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Fill the private folder and return the environment variables that point to it."""
    from ipykernel.kernelspec import write_kernel_spec

    # These come before every folder of the learner's, so that a setting there cannot switch the token off and a
    # kernel there cannot take the place of this Python.
    config, data, runtime = (private / name for name in ("config", "data", "runtime"))
    config.mkdir()
    runtime.mkdir()
    token = {"IdentityProvider": {"token": secrets.token_hex(24)}}
    (config / "jupyter_server_config.json").write_text(json.dumps(token), "utf-8")
    (data / "kernels").mkdir(parents=True)
    write_kernel_spec(data / "kernels" / "python3", overrides={"env": _kernel_variables(environ)})
    return {
        **environ,
        "JUPYTER_CONFIG_PATH": _first_of(config, environ.get("JUPYTER_CONFIG_PATH")),
        "JUPYTER_PATH": _first_of(data, environ.get("JUPYTER_PATH")),
        "JUPYTER_RUNTIME_DIR": str(runtime),
    }


def _kernel_variables(environ: Mapping[str, str]) -> dict[str, str]:
    # A checkout need not be installed: its kernels find rtlab by the folder.
    return {"PYTHONPATH": _first_of(_PACKAGE.parent, environ.get("PYTHONPATH"))} if _in_checkout() else {}


def _in_checkout() -> bool:
    return notebooks_path().parent != _PACKAGE


def _first_of(path: Path, others: str | None) -> str:
    return os.pathsep.join(filter(None, (str(path), others)))


def _start(flags: list[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    # -P: a file of the learner's, such as json.py, shall not take the place of a module of the server.
    # Ctrl-C reaches only us, in a process group of our own, and without stdin the server asks no question.
    own_group: dict[str, Any] = (
        {"start_new_session": True}
        if os.name == "posix"
        else {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined,unused-ignore]
    )
    command = [sys.executable, "-P", "-m", "jupyterlab", *flags]
    return subprocess.Popen(command, env=dict(environ), stdin=subprocess.DEVNULL, **own_group)


def _wait_until_ready(child: subprocess.Popen[bytes], runtime: Path) -> dict[str, Any]:
    """Wait for the file in which the server tells its address, and then until it listens there."""
    for _ in range(round(_START_LIMIT_S / _LOOK_S)):
        for file in runtime.glob("jpserver-*.json"):
            with contextlib.suppress(OSError, ValueError):  # half written, or not listening yet
                server: dict[str, Any] = json.loads(file.read_text("utf-8"))
                host = _ANY.get(server["hostname"], server["hostname"])
                socket.create_connection((host, server["port"]), timeout=_LOOK_S).close()
                return server
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = child.wait(_LOOK_S)
            raise LabError(f"JupyterLab ended while it started (exit code {code}); its own words are above.")
    raise LabError(f"JupyterLab did not start within {_START_LIMIT_S:g} s; run `rtlab doctor`.")


def _wait_until_ended(child: subprocess.Popen[bytes]) -> int:
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = child.wait(_WAIT_S)
            return code if code >= 0 else 128 - code  # ended by a signal, as a shell counts it


def _stop(child: subprocess.Popen[bytes]) -> None:
    """End JupyterLab: ask it, which lets it end its kernels; if it does not, or Ctrl-C comes again, kill it."""
    try:
        child.terminate()
        child.wait(_STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        pass
    finally:
        if child.poll() is None:
            child.kill()
            child.wait(_STOP_LIMIT_S)


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Turn the signals that end a program into an exception, so that JupyterLab does not stay behind alone."""

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    known = [getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP", "SIGBREAK")]
    # One that is ignored stays ignored: nohup means it.
    taken = [number for number in known if number and signal.getsignal(number) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)
