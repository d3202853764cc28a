"""What can be wrong with an installation, one small function a question.

Each function judges what it is given and looks at nothing else, so each can be tried with a broken installation
that nobody has. ``diagnosis.py`` gathers the facts and asks them all.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rtlab.surroundings.place import Environment

Status = Literal["ok", "info", "warning", "problem"]
"""``problem``: a lesson will fail. ``warning``: some lesson may. ``info``: good to know."""

OPEN_FILES = 1024
"""The experiments with the most connections need about this many open files."""


@dataclass(frozen=True, slots=True)
class Check:
    """The answer to one question.

    Attributes:
        name: What was looked at.
        status: How it is.
        found: What was seen, in a few words.
        fix: What to do about it, in one line; empty where nothing is to be done.
    """

    name: str
    status: Status
    found: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class ImportName:
    """What an ``import`` statement would load.

    Attributes:
        name: The name in the import statement.
        wanted: The distribution that shall own it.
        mark: A name that only the wanted module defines.
        origin: The file that would be loaded, or None.
        names: The names that the file defines.
        owners: The installed distributions that bring a module of this name.
    """

    name: str
    wanted: str
    mark: str
    origin: str | None
    names: Collection[str]
    owners: Collection[str]


def check_python(version: tuple[int, int, int]) -> Check:
    """Look at the version of Python."""
    found = ".".join(map(str, version))
    if version < (3, 11):
        return Check("Python", "problem", found, "Install Python 3.11 or later and make a new environment with it.")
    return Check("Python", "ok", found)


def check_version(name: str, version: str | None, at_least: str, too_old: Status, why: str) -> Check:
    """Look whether a package is there and new enough.

    Args:
        name: The distribution's name.
        version: Its installed version, or None.
        at_least: The first version that will do.
        too_old: How bad an older version is.
        why: What goes wrong with an older version, in a few words.
    """
    fix = f'Run `pip install --upgrade "{name}>={at_least}"`.'
    if version is None:
        return Check(name, too_old, "not installed", fix)
    if _parts(version) < _parts(at_least):
        return Check(name, too_old, f"{version}: {why}", fix)
    return Check(name, "ok", version)


def check_ipykernel(version: str | None) -> Check:
    """Look for the ipykernel that cannot update widgets from a thread."""
    if version is not None and _parts(version)[:2] == (7, 0):
        fix = 'Run `pip install --upgrade "ipykernel>=7.1"`.'
        return Check("ipykernel", "problem", f"{version}: widgets stand still, updates from threads fail", fix)
    return check_version("ipykernel", version, "6.29", "problem", "too old for this toolkit")


def check_lab_extension(version: str | None, ipywidgets: str | None) -> Check:
    """Look whether JupyterLab's part of ipywidgets fits the kernel's part: 3 goes with 8, 1 went with 7."""
    name = "jupyterlab_widgets"
    if ipywidgets is None or _parts(ipywidgets)[0] < 8:
        return Check(name, "info", version or "not installed", "See ipywidgets first.")
    if version is None or _parts(version)[0] != 3:
        found = f"{version}: does not fit ipywidgets {ipywidgets}" if version else "not installed"
        return Check(name, "problem", found, 'Run `pip install --upgrade "jupyterlab_widgets>=3,<4"`.')
    return Check(name, "ok", version)


def check_page_parts(missing: Sequence[str]) -> Check:
    """Look whether the parts of the widgets that run in the page are where JupyterLab looks for them.

    Args:
        missing: The names of the JupyterLab extensions that are not there.
    """
    if missing:
        fix = "Run `pip install --force-reinstall --no-deps jupyterlab_widgets anywidget`."
        return Check("widgets in the page", "warning", f"not found: {', '.join(missing)}", fix)
    return Check("widgets in the page", "ok", "ipywidgets and anywidget")


def check_import_name(seen: ImportName) -> Check:
    """Look whether an import loads the package that is meant, not another one of the same name."""
    title = f"import {seen.name}"
    rivals = sorted(set(seen.owners) - {seen.wanted})
    if seen.origin is None and not seen.owners:
        return Check(title, "problem", f"{seen.wanted} is not installed", f"Run `pip install {seen.wanted}`.")
    named = " and ".join(f"'{rival}'" for rival in rivals)
    clean = f"Run `pip uninstall -y {' '.join([*rivals, seen.wanted])}`, then `pip install {seen.wanted}`."
    if seen.mark in seen.names:
        if not rivals:
            return Check(title, "ok", f"loads {seen.wanted}")
        return Check(title, "warning", f"loads {seen.wanted}, but {named} has a module of the same name", clean)
    if rivals:
        return Check(title, "problem", f"loads the package {named}, not '{seen.wanted}'", clean)
    fix = f"Rename this file or folder: it hides the package {seen.wanted}."
    return Check(title, "problem", f"loads {seen.origin}, not '{seen.wanted}'", fix)


def check_front_end(here: Environment) -> Check:
    """Look whether there is a front end that shows widgets."""
    if here.has_widgets:
        return Check("front end", "ok", here.front_end)
    fix = "Widgets show a still figure here; `rtlab lab` opens the notebooks with live ones."
    return Check("front end", "info", f"{here.front_end}: no widgets", fix)


def check_kernelspec(argv: Sequence[str], executable: str) -> Check:
    """Look whether a new notebook gets this Python.

    Args:
        argv: The command line of the kernel ``python3``; empty if there is no such kernel.
        executable: The path of this Python.
    """
    title = "kernel python3"
    fix = (
        "Start with `rtlab lab`, which always takes this Python, or run `python -m ipykernel install --sys-prefix`."
    )
    if not argv:
        return Check(title, "warning", "not installed", fix)
    # A bare name means the notebook server's own Python. Names differ within one folder (python, python3.11), and
    # a virtual environment's python is a link, so the folders are compared and the links are not followed.
    own, program = Path(executable), Path(argv[0])
    if program.name == argv[0] or _folder(program) == _folder(own):
        return Check(title, "ok", "this Python")
    return Check(title, "warning", f"starts another Python: {program}", fix)


def check_open_files(limit: int | None) -> Check:
    """Look whether this process may open enough connections.

    Args:
        limit: How many files it may have open; None where the system sets no such limit.
    """
    if limit is None:
        return Check("open files", "ok", "no limit")
    if limit < OPEN_FILES:
        fix = "Run `ulimit -n 4096` in the terminal before you start Jupyter."
        return Check("open files", "warning", f"at most {limit}: too few for many connections", fix)
    return Check("open files", "ok", f"at most {limit}")


def check_loopback(error: str) -> Check:
    """Look whether a connection to this machine itself works.

    Args:
        error: What went wrong when it was tried; empty if it worked.
    """
    if error:
        fix = "Let the firewall or sandbox allow 127.0.0.1; until then RTLAB_REPLAY=1 replays the course."
        return Check("127.0.0.1", "problem", f"no connection: {error}", fix)
    return Check("127.0.0.1", "ok", "connects")


def check_localhost(addresses: Sequence[str]) -> Check:
    """Look whether the name ``localhost`` means this machine.

    Args:
        addresses: What the name was resolved to; empty if it was not.
    """
    strange = [address for address in addresses if not (address.startswith("127.") or address == "::1")]
    if strange or not addresses:
        fix = "Put the line `127.0.0.1 localhost` into the hosts file of the system."
        return Check("localhost", "warning", f"resolves to {', '.join(strange) or 'nothing'}", fix)
    return Check("localhost", "ok", ", ".join(addresses))


def check_proxies(environ: Mapping[str, str]) -> Check:
    """Look for a web proxy that would be asked for connections to this machine itself.

    Args:
        environ: The environment variables. Their values are not shown: they may hold a password.
    """
    wanted = ("http_proxy", "https_proxy", "all_proxy")
    named = sorted(name for name, value in environ.items() if name.lower() in wanted and value)
    if not named:
        return Check("web proxy", "ok", "none set")
    exempt = {host.strip() for host in (environ.get("no_proxy") or environ.get("NO_PROXY") or "").split(",")}
    # Exact names only: not every client understands 127.0.0.0/8.
    if "*" in exempt or {"127.0.0.1", "localhost"} <= exempt:
        return Check("web proxy", "ok", f"{', '.join(named)}, not for this machine")
    fix = "Add `127.0.0.1,localhost` to the environment variable NO_PROXY before you start Jupyter."
    return Check("web proxy", "problem", f"{', '.join(named)} also for 127.0.0.1: requests leave the machine", fix)


def check_plotly_script(path: Path | None) -> Check:
    """Look for the script that draws live charts, which comes with plotly.

    Args:
        path: Where it is, or None.
    """
    if path is None:
        return Check("plotly.min.js", "problem", "not found", "Run `pip install --force-reinstall plotly`.")
    return Check("plotly.min.js", "ok", "comes with plotly")


def check_chromium(path: str | None) -> Check:
    """Tell whether there is a Chromium, for experiments in a browser that is started beside the kernel."""
    return Check("Chromium", "info", path or "not found; only browser experiments without your own page need it")


def _folder(program: Path) -> str:
    return os.path.normcase(os.path.realpath(program.parent))


def _parts(version: str) -> tuple[int, ...]:
    """Give the first three numbers of a version; what is missing counts as 0."""
    numbers = [int(digits) for digits in re.match(r"[\d.]*", version)[0].split(".") if digits]  # type: ignore[index]
    return tuple([*numbers, 0, 0, 0][:3])
