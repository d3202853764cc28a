"""What Binder builds from binder/: the recipe that repo2docker writes, and the installation that it leads to."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
CACHES = shutil.ignore_patterns(".*", "__pycache__")
RUN = """
import nbformat, rtlab.resources
from nbclient import NotebookClient
path = rtlab.resources.notebooks_path() / "02_underlying_protocol.ipynb"
NotebookClient(nbformat.read(path, as_version=4), timeout=120, kernel_name="python3").execute()
print(path)
"""


def pins() -> dict[str, Version]:
    lines = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8").split()
    return {name: Version(version) for name, version in (line.split("==") for line in lines)}


def test_the_pins_are_what_the_tests_run_with() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [Requirement(text).name for text in project["dependencies"]]
    here = {name: Version(importlib.metadata.version(name)) for name in names}
    assert {name: here[name] for name in names if here[name] < pins()[name]} == {}, "older than what Binder gets"
    if newer := {name: str(here[name]) for name in names if here[name] > pins()[name]}:
        pytest.skip(f"newer here: {newer}; renew the pins as CONTRIBUTING.md says")


def test_the_server_of_the_image_fits_its_jupyterlab() -> None:
    # The image starts `jupyter notebook`. Each Notebook 7.x is made for JupyterLab 4.x with the same x.
    assert (pins()["notebook"].major, pins()["jupyterlab"].major) == (7, 4)
    assert pins()["notebook"].minor == pins()["jupyterlab"].minor


def test_repo2docker_finds_python_pins_and_post_build(tmp_path: Path) -> None:
    if shutil.which("jupyter-repo2docker") is None:
        pytest.skip("jupyter-repo2docker is not installed")
    shutil.copytree(ROOT / "binder", tmp_path / "repository" / "binder")
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "repository")
    command = ["jupyter-repo2docker", "--no-build", "--debug", "."]
    done = subprocess.run(
        command, cwd=tmp_path / "repository", capture_output=True, text=True, timeout=100, check=True
    )
    recipe = (done.stdout + done.stderr).splitlines()
    assert "Building conda environment for python=3.11" in recipe
    install = 'RUN ${KERNEL_PYTHON_PREFIX}/bin/pip install --no-cache-dir -r "binder/requirements.txt"'
    assert recipe.index(install) < recipe.index("RUN ./binder/postBuild")


@pytest.mark.notebooks
@pytest.mark.timeout(600)
@pytest.mark.skipif(
    (sys.platform, *sys.version_info[:2]) != ("linux", 3, 11), reason="the pins are those of Python 3.11 on Linux"
)
def test_the_pins_alone_run_a_notebook(tmp_path: Path) -> None:
    # The one that needs the most packages: HTTP/2, TLS and certificates beside what all need.
    shutil.copytree(ROOT, tmp_path / "repository", ignore=CACHES)
    home, programs = tmp_path / "venv", tmp_path / "venv" / "bin"
    environ = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "VIRTUAL_ENV": str(home)}
    environ.pop("PYTHONPATH", None)

    def run(*command: str, where: Path = tmp_path) -> str:
        done = subprocess.run(
            command, cwd=where, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=400
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("uv", "venv", "--seed", "--python", sys.executable, str(home))
    run("uv", "pip", "install", "-r", str(ROOT / "binder" / "requirements.txt"))
    run("bash", "binder/postBuild", where=tmp_path / "repository")
    assert "No broken requirements" in run("python", "-m", "pip", "check")
    run("rtlab", "doctor")
    extensions = home / "etc" / "jupyter" / "jupyter_server_config.d" / "jupyter-server-proxy.json"
    assert json.loads(extensions.read_text("utf-8"))["ServerApp"]["jpserver_extensions"]["jupyter_server_proxy"]
    assert str(home) in run("python", "-c", RUN)
