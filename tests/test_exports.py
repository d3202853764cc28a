"""The public names: few, documented, and free of charge until they are used."""

import inspect
import json
import subprocess
import sys

import pytest

import rtlab

MAX_NAMES = 39
HEAVY = ("pandas", "numpy", "plotly", "ipywidgets", "anywidget", "IPython", "tornado", "asyncio", "ssl")


@pytest.mark.parametrize("name", rtlab.__all__)
def test_each_public_name_exists(name):
    assert hasattr(rtlab, name)


@pytest.mark.parametrize("name", [name for name in rtlab.__all__ if name != "__version__"])
def test_each_public_name_is_documented_for_a_learner(name):
    value = getattr(rtlab, name)
    first = (inspect.getdoc(value) or "").split("\n")[0]
    assert first.endswith(".")
    assert first != f"{name}."
    assert (value.__name__ if inspect.ismodule(value) else value.__module__).startswith("rtlab.")


def test_the_public_names_are_few_and_each_stands_once():
    assert len(rtlab.__all__) <= MAX_NAMES
    assert len(set(rtlab.__all__)) == len(rtlab.__all__)


def test_type_checkers_see_the_same_names():
    source = inspect.getsource(rtlab)
    for name, home in rtlab._HOMES.items():
        assert f"from {home} import {name} as {name}\n" in source


def test_dir_offers_the_public_names():
    assert set(rtlab.__all__) <= set(dir(rtlab))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = rtlab.nothing


def test_a_star_import_gives_the_public_names():
    names = {}
    exec("from rtlab import *", names)
    assert set(rtlab.__all__) <= set(names)


def loaded_by(statement):
    """The modules that a fresh interpreter has after a statement, beyond those that it always has."""
    script = (
        f"import sys, json; before = set(sys.modules); {statement}; print(json.dumps([*set(sys.modules) - before]))"
    )
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return set(json.loads(output.stdout))


def test_importing_the_package_loads_nothing_heavy():
    assert not loaded_by("import rtlab") & set(HEAVY)


def test_a_workload_loads_nothing_heavy():
    assert not loaded_by("import rtlab; rtlab.Workload()") & set(HEAVY)


@pytest.mark.parametrize("name", ["EventSource", "WebSocket", "LongPolling", "Publisher"])
def test_a_client_needs_neither_the_server_nor_tables(name):
    assert not loaded_by(f"import rtlab; rtlab.{name}") & {"tornado", "pandas", "numpy", "plotly", "ipywidgets"}


def test_a_lab_needs_no_tables_and_no_widgets():
    loaded = loaded_by("import rtlab; rtlab.start_lab")
    assert "tornado" in loaded
    assert not loaded & {"pandas", "numpy", "plotly", "ipywidgets", "anywidget", "IPython"}
