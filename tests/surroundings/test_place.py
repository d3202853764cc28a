from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

import rtlab
from rtlab.surroundings.place import Environment, conditions, kernel_front_end, where

ROOT = Path(__file__).parents[2]
LAB = ("python", "-m", "jupyterlab")
SESSION = {"JPY_SESSION_NAME": "/home/me/nb.ipynb"}
HUB = {"JUPYTERHUB_SERVICE_PREFIX": "/user/jane/"}
ASK = """
import json, dataclasses
from rtlab.surroundings.place import where
here = where()
print(json.dumps({"route": here.route, **dataclasses.asdict(here)}))
"""


def _request(allow_stdin: bool | None = True, cell: str = "") -> dict[str, Any]:
    content = {} if allow_stdin is None else {"allow_stdin": allow_stdin}
    return {"content": content, "metadata": {"cellId": cell}}


@pytest.mark.parametrize(
    ("environ", "request_", "names", "command", "expected"),
    [
        (SESSION, _request(), (), LAB, "jupyterlab"),
        (SESSION, _request(), (), ("python", "/env/bin/jupyter-lab", "notebook"), "jupyterlab"),
        (SESSION, _request(), (), ("python", "/env/bin/jupyter-notebook"), "notebook"),
        (SESSION, _request(), (), ("/srv/notebook/bin/python", "-m", "jupyterhub.singleuser"), "jupyterlab"),
        (SESSION, _request(None), (), (), "jupyterlab"),  # the callback of a widget
        (SESSION, _request(False), (), LAB, "no front end"),  # nbconvert, started by a cell
        ({**SESSION, **HUB}, _request(), (), ("/srv/bin/python", "-m", "jupyterhub.singleuser"), "jupyterhub"),
        ({**SESSION, **HUB, "BINDER_LAUNCH_HOST": "https://b.example/"}, _request(), (), LAB, "binder"),
        ({**SESSION, "BINDER_SERVICE_HOST": "x"}, _request(), (), LAB, "binder"),
        ({**SESSION, **HUB}, _request(cell="vscode-notebook-cell:/a.ipynb#W0"), (), LAB, "vscode"),
        (SESSION, _request(cell="vscode-notebook-cell:/a.ipynb#W0"), (), LAB, "vscode"),
        ({}, _request(), ("__vsc_ipynb_file__",), (), "vscode"),
        ({"VSCODE_PID": "1", **SESSION}, _request(), (), LAB, "jupyterlab"),  # started in its terminal
        ({"COLAB_RELEASE_TAG": "release"}, _request(), (), (), "colab"),
        ({}, _request(), (), ("jupyter-console",), "console"),
        ({}, _request(None), (), (), "no front end"),
        ({}, {}, (), (), "no front end"),
    ],
)
def test_a_front_end_is_known_by_its_signs(
    environ: Mapping[str, str],
    request_: Mapping[str, Any],
    names: Sequence[str],
    command: Sequence[str],
    expected: str,
) -> None:
    assert kernel_front_end(environ, request_, names, command) == expected


@pytest.fixture(scope="module")
def kernel() -> Iterator[BlockingKernelClient]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("JPY_", "JUPYTERHUB_"))}
    manager, client = start_new_kernel(env={**environ, "PYTHONPATH": str(ROOT)})
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def _ask(client: BlockingKernelClient, **options: Any) -> dict[str, Any]:
    printed: list[str] = []
    reply = client.execute_interactive(
        ASK,
        timeout=60,
        output_hook=lambda message: printed.append(message["content"].get("text", "")),
        **options,
    )
    assert reply["content"]["status"] == "ok", reply["content"]
    return dict(json.loads("".join(printed)))


def test_a_kernel_without_front_end_has_no_widgets_and_nobody_answers(kernel: BlockingKernelClient) -> None:
    seen = _ask(kernel, allow_stdin=False)
    assert (seen["front_end"], seen["in_kernel"]) == ("no front end", True)
    assert (seen["has_widgets"], seen["can_answer"]) == (False, False)
    assert (seen["proxy_prefix"], seen["route"]) == (None, "kernel only")


def test_a_client_for_text_can_answer_and_has_no_widgets(kernel: BlockingKernelClient) -> None:
    seen = _ask(kernel, allow_stdin=True, stdin_hook=lambda message: None)
    assert (seen["front_end"], seen["has_widgets"], seen["can_answer"]) == ("console", False, True)


def test_a_notebook_run_by_nbclient_has_no_front_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(ASK)])
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert json.loads(notebook.cells[0].outputs[0]["text"])["front_end"] == "no front end"


def test_outside_a_kernel_it_is_plain_python() -> None:
    done = _python(ASK)
    seen = json.loads(done)
    assert (seen["front_end"], seen["in_kernel"], seen["can_answer"]) == ("python", False, False)
    assert seen["versions"]["rtlab"] == rtlab.__version__
    assert {"tornado", "sseclient-py", "websocket-client"} <= set(seen["versions"])


@pytest.mark.parametrize(
    ("front_end", "prefix", "route"),
    [
        ("jupyterlab", "/", "direct"),
        ("vscode", None, "direct"),
        ("vscode", "/user/abc/", "kernel only"),
        ("jupyterlab", "/user/abc/", "proxy"),
        ("binder", "/user/abc/", "proxy"),
        ("jupyterhub", "/user/abc/", "proxy"),
        ("jupyterhub", "/", "proxy"),
        ("jupyterlite", None, "kernel only"),
        ("colab", None, "kernel only"),
        ("no front end", "/", "kernel only"),
    ],
)
def test_the_route_of_a_browser_follows_from_front_end_and_server(
    front_end: Any, prefix: str | None, route: str
) -> None:
    here = Environment(front_end, True, True, True, prefix, "3.11.0", "Linux", {})
    assert here.route == route


def test_importing_it_loads_no_heavy_package() -> None:
    loaded = _python("import sys, rtlab.surroundings.place; print(*sys.modules)").split()
    assert not {"pandas", "numpy", "plotly", "ipywidgets", "IPython", "tornado"} & set(loaded)


def test_conditions_are_plain_values_that_survive_json() -> None:
    seen = conditions()
    assert json.loads(json.dumps(seen)) == seen
    assert {"date_utc", "front_end", "cpu", "cores", "python", "platform", "rtlab", "tornado"} <= set(seen)
    assert all(type(value) in (str, int, float, bool) for value in seen.values())


def test_python_inside_the_page_asks_for_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Emscripten")
    monkeypatch.setitem(sys.modules, "psutil", None)
    here = where()
    assert (here.front_end, here.has_widgets, here.route) == ("jupyterlite", False, "kernel only")


def test_conditions_do_not_name_the_user() -> None:
    private = {name: "/user/jane-doe/" for name in ("HOME", "USER", "LOGNAME", "JUPYTERHUB_SERVICE_PREFIX")}
    code = "from rtlab.surroundings.place import conditions; print(conditions())"
    printed = _python(code, **private, HOSTNAME="jane-doe", JUPYTERHUB_USER="jane-doe")
    assert "tornado" in printed
    assert "jane-doe" not in printed


def _python(code: str, **variables: str) -> str:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout
