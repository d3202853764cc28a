"""Where are we: which front end shows the output, on which machine, with which versions.

Nobody tells a kernel who its front end is, so ``where()`` reads the signs: environment variables, the request
that is being answered, and the notebook server that started the kernel. It opens no connection.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import rtlab
from rtlab.clock import date_utc
from rtlab.surroundings import machine
from rtlab.surroundings.routes import Route

FrontEnd = Literal[
    "jupyterlab",
    "notebook",
    "vscode",
    "colab",
    "binder",
    "jupyterhub",
    "jupyterlite",
    "console",
    "no front end",
    "terminal-ipython",
    "python",
]
"""``binder`` and ``jupyterhub`` are JupyterLab or Notebook on a hub, where the two look alike; ``jupyterlite`` is
Python inside the page; ``console`` is a Jupyter client for text; ``no front end`` is a kernel that a program
drives, such as nbclient; ``python`` is no IPython at all."""

_WITH_WIDGETS = frozenset({"jupyterlab", "notebook", "vscode", "colab", "binder", "jupyterhub"})
_HUB_PREFIX = "JUPYTERHUB_SERVICE_PREFIX"
_ON_THE_WIRE = ("tornado", "sseclient-py", "websocket-client")
_AROUND = (
    "ipykernel",
    "ipywidgets",
    "anywidget",
    "jupyterlab",
    "jupyterlab_widgets",
    "jupyter-server-proxy",
    "plotly",
    "pandas",
    "numpy",
)


@dataclass(frozen=True, slots=True)
class Environment:
    """Where this code runs.

    Attributes:
        front_end: Who shows the output.
        in_kernel: True in a Jupyter kernel.
        has_widgets: True if the front end can show widgets and the packages for them are installed.
        can_answer: A hint that somebody sits at the front end: what runs now may ask for input.
        proxy_prefix: The path of the notebook server, such as ``"/"`` or ``"/user/abc/"``; None without a server.
        python: The version of Python.
        system: The operating system, its release and the architecture.
        versions: Version by package name, for the packages that are installed.
    """

    front_end: FrontEnd
    in_kernel: bool
    has_widgets: bool
    can_answer: bool
    proxy_prefix: str | None
    python: str
    system: str
    versions: Mapping[str, str]

    @property
    def route(self) -> Route:
        """The way a page most likely has to a lab: a widget still tries it, for only trying makes sure."""
        at_home = self.proxy_prefix in (None, "/")
        if self.front_end == "vscode":  # its pages know no notebook server
            return "direct" if at_home else "kernel only"
        if self.front_end == "colab" or self.front_end not in _WITH_WIDGETS:
            return "kernel only"
        return "direct" if at_home and self.front_end not in ("binder", "jupyterhub") else "proxy"


def where() -> Environment:
    """Find out which front end shows the output, and which versions are at work.

    Returns:
        What could be seen, without opening any connection.
    """
    shell = _shell()
    in_kernel = hasattr(shell, "kernel")
    front_end: FrontEnd = "python" if shell is None else "terminal-ipython"
    can_answer = sys.stdin is not None and sys.stdin.isatty()
    proxy_prefix = os.environ.get(_HUB_PREFIX)
    if platform.system() == "Emscripten":  # no process to ask about, and no psutil
        front_end = "jupyterlite"
    elif in_kernel:
        request, server = _request(shell), _server_pid(os.environ)
        front_end = kernel_front_end(os.environ, request, shell.user_ns, _command_of(server))
        can_answer = request.get("content", {}).get("allow_stdin") is True
        proxy_prefix = proxy_prefix or _base_url(server)
    return Environment(
        front_end=front_end,
        in_kernel=in_kernel,
        has_widgets=front_end in _WITH_WIDGETS and all(map(find_spec, ("anywidget", "ipywidgets"))),
        can_answer=can_answer,
        proxy_prefix=proxy_prefix,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        versions=_versions(),
    )


def conditions() -> dict[str, str | int | float | bool]:
    """Give the conditions of a measurement, to be saved with it.

    Returns:
        Plain values by name, such as ``{"cores": 4, "tornado": "6.6"}``; what the system does not tell is left
        out. No user, host or folder is named.
    """
    here = where()
    seen: dict[str, str | int | float | bool | None] = {
        "date_utc": date_utc(),
        "front_end": here.front_end,
        "cpu": machine.cpu_model(),
        "cores": machine.cores(),
        "core_limit": machine.core_limit(),
        "load_1min": machine.load_1min(),
        "memory_bytes": machine.memory_bytes(),
        "python": here.python,
        "platform": here.system,
        **{name: here.versions.get(name) for name in ("rtlab", *_ON_THE_WIRE)},
    }
    return {name: value for name, value in seen.items() if value is not None}


def kernel_front_end(
    environ: Mapping[str, str],
    request: Mapping[str, Any],
    names: Container[str],
    server_command: Sequence[str],
) -> FrontEnd:
    """Name the front end of a kernel from the signs it leaves.

    Args:
        environ: The environment variables of the kernel.
        request: The message that the kernel is answering, or an empty mapping.
        names: The names in the user's namespace.
        server_command: The command line of the process that started the kernel, possibly empty.

    Returns:
        The front end's name.
    """
    may_ask = request.get("content", {}).get("allow_stdin")
    cell = str(request.get("metadata", {}).get("cellId", ""))
    if may_ask is False:  # nbclient and its kin, also when a cell started them and they inherit its variables
        return "no front end"
    if "COLAB_RELEASE_TAG" in environ:
        return "colab"
    if "__vsc_ipynb_file__" in names or cell.startswith("vscode-"):
        return "vscode"
    if "BINDER_SERVICE_HOST" in environ or "BINDER_LAUNCH_HOST" in environ:
        return "binder"
    if _HUB_PREFIX in environ:
        return "jupyterhub"
    if "JPY_SESSION_NAME" in environ:  # a notebook server gives it to each of its kernels
        programs = {Path(part).stem for part in server_command[:3]}
        is_notebook = programs & {"jupyter-notebook", "notebook"} and not programs & {"jupyter-lab", "jupyterlab"}
        return "notebook" if is_notebook else "jupyterlab"
    return "console" if may_ask else "no front end"


def _shell() -> Any:
    ipython = sys.modules.get("IPython")  # where IPython runs, it is loaded
    return ipython.get_ipython() if ipython else None


def _request(shell: Any) -> Mapping[str, Any]:
    try:
        return shell.kernel.get_parent() or {}
    except (AttributeError, LookupError):  # a thread that answers no request
        return {}


def _server_pid(environ: Mapping[str, str]) -> int:
    # On Windows the variable holds a handle, not a process id.
    named = environ.get("JPY_PARENT_PID", "") if os.name == "posix" else ""
    return int(named) if named.isdigit() else os.getppid()


def _command_of(pid: int) -> Sequence[str]:
    import psutil  # ipykernel brings it along

    try:
        return psutil.Process(pid).cmdline()
    except psutil.Error:
        return ()


def _base_url(server_pid: int) -> str | None:
    from jupyter_core.paths import jupyter_runtime_dir

    try:
        info = json.loads((Path(jupyter_runtime_dir()) / f"jpserver-{server_pid}.json").read_text("utf-8"))
        return str(info["base_url"])
    except (OSError, ValueError, KeyError):  # no notebook server, or not on this machine
        return None


def _versions() -> dict[str, str]:
    found = {"rtlab": rtlab.__version__}
    for name in (*_ON_THE_WIRE, *_AROUND):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found
