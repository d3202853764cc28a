"""Installs Gatling, JMeter and Artillery in fixed versions: no package manager of Python brings them."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from rtlab.errors import InputError, LabError, MissingExtra, WaitTimeout
from rtlab.resources import data_path
from rtlab.tools.places import tools_folder
from rtlab.tools.program import find_program, run_program

ARTILLERY = "artillery@2.0.21"
"""The newest that Node 18 and 20 take."""
_INSTALL_S = 900.0


def install_tool(name: str) -> Path:
    """Install a tool into the folder of tools; an older one there is replaced.

    Args:
        name: ``"gatling"``, ``"jmeter"`` or ``"artillery"``.

    Returns:
        Its folder.

    Raises:
        InputError: It is installed in another way.
        MissingExtra: Maven or npm is not there.
        LabError: It cannot be installed; the installer's last words are in the text.
        WaitTimeout: Maven or npm did not end in time and was killed.
    """
    installers: dict[str, Callable[[Path], None]] = {
        "gatling": lambda folder: _archives("gatling", folder),
        "jmeter": _jmeter,
        "artillery": _artillery,
    }
    if name not in installers:
        raise InputError(f"{name!r} is installed in another way; here you get {', '.join(installers)}.")
    target = tools_folder() / name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f"{name}-", dir=target.parent) as fresh:
            folder = Path(fresh) / name
            folder.mkdir()
            installers[name](folder)
            shutil.rmtree(target, ignore_errors=True)
            folder.rename(target)
    except WaitTimeout:  # an OSError by way of TimeoutError, and no matter of the disk
        raise
    except (OSError, zipfile.BadZipFile) as error:
        advice = "Name a folder of yours in RTLAB_TOOLS."
        raise LabError(f"{name} cannot be installed in {target}: {error}. {advice}") from error
    return target


def _archives(name: str, folder: Path) -> None:
    archives = folder / "lib"
    archives.mkdir()
    pom = data_path("tools", f"{name}.pom.xml")
    options = ["-DincludeScope=runtime", f"-DoutputDirectory={archives}"]
    _run("mvn", ["-B", "-q", "-f", str(pom), "dependency:copy-dependencies", *options], folder)


def _jmeter(folder: Path) -> None:
    _archives("jmeter", folder)
    archives, own = folder / "lib", folder / "lib" / "ext"
    own.mkdir()
    (archives / "junit").mkdir()  # it complains without
    for archive in archives.glob("ApacheJMeter*.jar"):
        if archive.name.startswith("ApacheJMeter_config"):
            with zipfile.ZipFile(archive) as packed:
                packed.extractall(folder, [name for name in packed.namelist() if name.startswith("bin/")])
        archive.rename(own / archive.name)  # it searches all that lies here for its parts, which takes long


def _artillery(folder: Path) -> None:
    options = ["--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund"]
    _run("npm", ["install", *options, ARTILLERY], folder)


def _run(name: str, arguments: list[str], folder: Path) -> None:
    program = find_program(name)
    if program is None:
        raise MissingExtra(f"{name} was not found; it is needed to install this tool.")
    ended = run_program([program, *arguments], folder, _INSTALL_S)
    if ended.exit_code:
        raise LabError(f"{name} could not install it: {ended.last_words}")
