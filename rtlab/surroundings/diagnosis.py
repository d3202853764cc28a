"""``doctor()``: look at this installation, and name what will not work together with its fix.

Nothing that may be the wrong package is imported: its file is read instead.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.metadata
import os
import socket
import sys
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from rtlab.surroundings import checks, machine
from rtlab.surroundings.checks import Check, ImportName, Status
from rtlab.surroundings.place import where
from rtlab.surroundings.plain_table import html_table, text_table

_SYMBOLS: dict[Status, str] = {"ok": "✓", "info": "ℹ", "warning": "⚠", "problem": "✗"}
_COLOURS: dict[Status, str] = {
    "ok": "var(--jp-success-color1, green)",
    "info": "var(--jp-info-color1, steelblue)",
    "warning": "var(--jp-warn-color1, orange)",
    "problem": "var(--jp-error-color1, red)",
}
_PAGE_PARTS = ("@jupyter-widgets/jupyterlab-manager", "anywidget")
_WAIT_S = 2.0


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of :func:`doctor`; iterate over it to get each :class:`~rtlab.surroundings.checks.Check`.

    Attributes:
        checks: One check a question, in the order in which they were asked.
    """

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """True if nothing was found that will make a lesson fail."""
        return all(check.status != "problem" for check in self.checks)

    def __iter__(self) -> Iterator[Check]:
        return iter(self.checks)

    def _repr_html_(self) -> str:
        rows = [(c.name, f"{_SYMBOLS[c.status]} {c.status}", c.found, c.fix) for c in self.checks]
        edges = [_COLOURS[check.status] for check in self.checks]
        return html_table(self._summary(), ("Looked at", "Status", "Found", "What to do"), rows, edges)

    def __repr__(self) -> str:
        # Words instead of symbols: not every terminal can show those.
        lines = text_table([(check.status, check.name, check.found) for check in self.checks]).splitlines()
        fixes = [f"\n         -> {check.fix}" if check.fix else "" for check in self.checks]
        return "\n".join([*(line + fix for line, fix in zip(lines, fixes, strict=True)), "", self._summary()])

    def _summary(self) -> str:
        found = [f"{n} {s}{'s' * (n > 1)}" for s in ("problem", "warning") if (n := self._count(s))]
        if not found:
            return "Everything is fine."
        return f"{' and '.join(found)}. In a notebook, write % before pip and restart the kernel afterwards."

    def _count(self, status: str) -> int:
        return sum(check.status == status for check in self.checks)


def doctor() -> Report:
    """Look at this installation: packages that clash, versions, network, front end.

    Returns:
        A report that displays itself, with a fix for everything that is wrong.
    """
    here = where()
    version = here.versions.get
    owners = importlib.metadata.packages_distributions()
    found = [
        checks.check_python(sys.version_info[:3]),
        checks.check_front_end(here),
        checks.check_import_name(_import_name("websocket", "websocket-client", "WebSocketApp", owners)),
        checks.check_import_name(_import_name("sseclient", "sseclient-py", "SSEClient.events", owners)),
        checks.check_version("tornado", version("tornado"), "6.6", "problem", "has known security holes"),
        checks.check_ipykernel(version("ipykernel")),
        checks.check_version("ipywidgets", version("ipywidgets"), "8.1", "problem", "too old for these widgets"),
        checks.check_version("anywidget", version("anywidget"), "0.9.13", "problem", "too old for these widgets"),
        checks.check_lab_extension(version("jupyterlab_widgets"), version("ipywidgets")),
        checks.check_page_parts(_missing_page_parts()),
        checks.check_version(
            "jupyter-server-proxy",
            version("jupyter-server-proxy"),
            "4.6",
            "warning",
            "event streams may be held back",
        ),
        checks.check_plotly_script(_plotly_script()),
        checks.check_open_files(_open_files()),
        checks.check_loopback(_loopback_error()),
        checks.check_localhost(_resolve("localhost")),
        checks.check_proxies(os.environ),
        checks.check_chromium(machine.chromium()),
    ]
    if not here.in_kernel:  # a kernel is this Python already
        found.append(checks.check_kernelspec(_kernel_command(), sys.executable))
    return Report(tuple(found))


def _import_name(name: str, wanted: str, mark: str, owners: Mapping[str, list[str]]) -> ImportName:
    try:
        spec = find_spec(name)
    except ValueError:  # something is loaded under this name that never came from a file
        spec = None
    origin = spec.origin or next(iter(spec.submodule_search_locations or ()), None) if spec else None
    # A package that was removed by halves has no name.
    given = {owner.lower().replace("_", "-") for owner in owners.get(name, ()) if owner}
    return ImportName(name, wanted, mark, origin, _names_in(origin), given)


def _names_in(origin: str | None) -> Collection[str]:
    """Read which names a module's file defines or imports, ``Class.method`` included."""
    try:
        body = ast.parse(Path(origin or "").read_bytes()).body
    except (OSError, SyntaxError, ValueError):  # a folder, compiled code, or code for Python 2
        return ()
    names: set[str] = set()
    for node in body:
        if isinstance(node, ast.ImportFrom):
            names.update(alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names.update(f"{node.name}.{part.name}" for part in node.body if isinstance(part, ast.FunctionDef))
    return names


def _missing_page_parts() -> Sequence[str]:
    try:
        from jupyter_core.paths import jupyter_path
    except ImportError:
        return _PAGE_PARTS
    folders = jupyter_path("labextensions")
    return [n for n in _PAGE_PARTS if not any(Path(f, n, "package.json").is_file() for f in folders)]


def _plotly_script() -> Path | None:
    spec = find_spec("plotly")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder, "package_data", "plotly.min.js")
        if path.is_file():
            return path
    return None


def _open_files() -> int | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return None if soft == resource.RLIM_INFINITY else soft


def _loopback_error() -> str:
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(_WAIT_S)
            with socket.create_connection(server.getsockname(), _WAIT_S) as client, server.accept()[0] as peer:
                peer.settimeout(_WAIT_S)
                client.sendall(b"?")
                return "" if peer.recv(1) == b"?" else "the byte sent did not arrive"
    except OSError as error:
        return str(error)


def _resolve(host: str) -> list[str]:
    """Resolve a name, but do not wait for a name server that does not answer."""
    addresses: list[str] = []

    def ask() -> None:
        with contextlib.suppress(OSError):
            addresses.extend(str(info[4][0]) for info in socket.getaddrinfo(host, 80, type=socket.SOCK_STREAM))

    thread = threading.Thread(target=ask, daemon=True, name="rtlab resolver")
    thread.start()
    thread.join(_WAIT_S)
    return list(addresses)


def _kernel_command() -> list[str]:
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError:
        return []
    try:
        return list(KernelSpecManager().get_kernel_spec("python3").argv)
    except (NoSuchKernel, ValueError):  # ValueError: its file is damaged
        return []
