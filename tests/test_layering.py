"""Who may import whom: the table of ARCHITECTURE.md as data, held against every import in rtlab/."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAX_LINES = 300
VAGUE_NAMES = {"utils", "helpers", "common", "manager", "misc"}

STATION = "codecs workload findings records errors clock loop_thread"
SHOWN = "experiments network pages servers tables figures widgets surroundings"

# A folder, or a file: what it may import from rtlab beside its own folder; what from outside beside the standard
# library. The longest name that fits a module rules it.
TABLE = {
    "errors": ("", ""),
    "clock": ("", ""),
    "records": ("errors", ""),
    "findings": ("errors records", ""),
    "workload": ("errors records", ""),
    "json_file": ("errors", ""),
    "recordings": ("errors json_file records", ""),
    "resources": ("errors", ""),
    "loop_thread": ("errors", ""),
    "codecs": ("errors records", ""),
    "conformance": ("codecs clients clock errors json_file loop_thread records resources", "sseclient websocket"),
    "servers": (STATION, "tornado"),
    "servers.certificates": (STATION, "cryptography trustme"),
    "servers.http2_output": (STATION, "h2"),
    "servers.http2_session": (STATION, "h2 hpack tornado"),
    "servers.http2_stream": (STATION, "h2"),
    "servers.page": (f"{STATION} resources", "tornado"),
    "pages": (f"{STATION} servers", "cryptography"),
    "network": (STATION, ""),
    "network.real_proxies": (f"{STATION} resources", ""),
    "clients": (STATION, ""),
    "clients.http2": (STATION, "h2"),
    "clients.peers": (STATION, "sseclient websocket"),
    "load": (f"{STATION} clients json_file", "hdrh numpy"),
    "load.cluster_greeting": (f"{STATION} clients __version__", ""),
    "load.cluster_worker": (f"{STATION} __version__", ""),
    "experiments": (f"{STATION} servers clients network pages", "numpy"),
    "experiments.attack_tls": (f"{STATION} servers clients", "websocket"),
    "experiments.bad_certificates": ("", "trustme"),
    "experiments.drain": (f"{STATION} servers clients network", "psutil"),
    "experiments.herd_simulation": (STATION, "simpy"),
    "experiments.idle_connections": (STATION, "numpy psutil"),
    "experiments.asking": (f"{STATION} clients", "psutil"),
    "experiments.errand": ("errors", "_typeshed"),
    "experiments.pausing": (f"{STATION} clients", "numpy psutil"),
    "experiments.peer_servers": (
        f"{STATION} servers",
        "aiohttp sse_starlette starlette tornado uvicorn websockets",
    ),
    "experiments.parsers": (STATION, "sseclient websocket"),
    "experiments.program_sizes": (STATION, "radon"),
    "experiments.herd": (f"{STATION} servers clients network", "psutil"),
    "experiments.pinning": (STATION, "psutil"),
    "experiments.processor_time": (STATION, "psutil"),
    "experiments.weighing": ("errors", "psutil"),
    "experiments.programs": (f"{STATION} servers clients network", "psutil"),
    "experiments.http2_client": (f"{STATION} servers clients", "h2"),
    "probes": (f"{STATION} clients", ""),
    "tools": (f"{STATION} exports json_file resources servers", ""),
    "tools.__main__": ("errors results servers", "rich"),
    "exports": (f"{STATION} resources", "jsonschema openapi_spec_validator yaml"),
    "stacks": (
        "clients clock codecs conformance errors findings json_file loop_thread network probes resources servers",
        "",
    ),
    "stacks.__main__": ("errors results", "rich"),
    "tables": ("codecs errors findings records", "pandas numpy"),
    "figures": ("errors tables", "pandas numpy plotly"),
    "figures.described": ("", "IPython plotly"),
    "widgets": ("clock surroundings errors figures records resources tables", "anywidget ipywidgets traitlets"),
    "surroundings": ("__version__ clock errors pages resources", "jupyter_client jupyter_core psutil"),
    "replay": ("surroundings errors resources widgets", "IPython ipywidgets nbclient nbformat numpy pandas plotly"),
    "results": (
        f"{STATION} {SHOWN} clients conformance exports findings json_file load probes recordings resources stacks "
        "tools",
        "IPython numpy pandas plotly tqdm",
    ),
    "claims": (
        "clients conformance errors experiments exports figures findings json_file pages resources results servers "
        "surroundings tables tools",
        "pandas plotly",
    ),
    "notebook_copies": ("errors", ""),
    "jupyter": ("errors notebook_copies resources", "ipykernel"),
    "pytest_plugin": ("experiments results servers", "pytest"),
    "bench_command": ("errors results", "rich"),
    "compare_command": ("errors results servers workload", "rich"),
    "league_command": ("errors results", "rich"),
    "probe_command": ("errors results", "rich"),
    "swarm_command": ("errors results", "rich"),
    "relay_command": ("clock errors network results servers", ""),
    "cli": ("__version__ cli_options compare_command surroundings errors jupyter relay_command servers", ""),
    "cli_options": ("records servers", ""),
    "__main__": ("cli", ""),
}

# Parts of the standard library that few may use: bytes and numbers know no socket, no thread and no clock.
TALKING = {"asyncio", "multiprocessing", "selectors", "socket", "ssl", "subprocess", "threading"}
WITHOUT_TALKING = {
    "errors",
    "clock",
    "records",
    "findings",
    "workload",
    "json_file",
    "recordings",
    "codecs",
    "tables",
    "figures",
}


def modules():
    """Every module of rtlab with its file; a package goes by its own name."""
    for path in sorted((ROOT / "rtlab").rglob("*.py")):
        parts = path.relative_to(ROOT / "rtlab").with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


MODULES = dict(modules())


def rule_of(module):
    """The row of the table that rules a module, or None."""
    parts = module.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in names if name in TABLE), None)


def imported(source):
    """The full names of what a module imports anywhere in it; relative imports keep their dots."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield from (f"{base}.{alias.name}" for alias in node.names)


def complaints(module, source):
    """What a module imports against the table."""
    rule = rule_of(module)
    inside, outside = (set(names.split()) for names in TABLE[rule])
    folder = module.split(".")[0]
    for name in imported(source):
        top, _, rest = name.partition(".")
        station = rest.split(".")[0] or "__version__"  # all that `import rtlab` is good for in here
        if top == "rtlab":
            fine = station == folder or station in inside
        elif top in sys.stdlib_module_names:
            fine = not (top == "time" and module != "clock") and not (top in TALKING and rule in WITHOUT_TALKING)
        else:
            fine = top in outside
        if not fine:
            yield f"rtlab.{module} must not import {name}"


@pytest.mark.parametrize("module", [module for module in MODULES if module])
def test_each_module_imports_what_its_row_allows(module):
    assert rule_of(module), f"rtlab.{module} has no row in the table"
    assert list(complaints(module, MODULES[module].read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("codecs.sse", "import time"),
        ("codecs.sse", "import asyncio.streams"),
        ("codecs.sse", "from socket import create_connection"),
        ("codecs.sse", "from rtlab import clock"),
        ("codecs.sse", "def later():\n    import rtlab.servers.lab"),
        ("codecs.sse", "from . import http1"),
        ("servers.sse", "from rtlab.clients.wire import Wire"),
        ("servers.lab", "import trustme"),
        ("clients.event_source", "import tornado"),
        ("clients.event_source", "import websocket"),
        ("clients.wire", "from time import sleep"),
        ("figures.theme", "import ipywidgets"),
        ("widgets.live", "from rtlab.servers import lab"),
        ("experiments.compare", "from pandas import DataFrame"),
        ("experiments.multiplexing", "import h2"),
        ("clock", "from rtlab.errors import RtlabError"),
    ],
)
def test_a_planted_import_is_found(module, source):
    assert len(list(complaints(module, source))) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("clock", "import time"),
        ("clients.peers", "import websocket"),
        ("codecs.sse", "import re\nfrom rtlab.codecs import http1"),
    ],
)
def test_an_import_that_the_table_allows_is_fine(module, source):
    assert list(complaints(module, source)) == []


def test_the_package_itself_defines_nothing():
    tree = ast.parse(MODULES[""].read_text(encoding="utf-8"))
    defined = {node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    assert defined == {"__getattr__", "__dir__"}
    now = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in now for alias in node.names}
    assert names <= {"annotations", "importlib", "TYPE_CHECKING", "Any"}


def test_every_row_rules_some_file():
    assert set(TABLE) == {rule_of(module) for module in MODULES if module}


def test_the_rows_make_no_circle():
    needs = {name: set(TABLE[name][0].split()) for name in TABLE if "." not in name}
    while needs:
        free = {name for name, others in needs.items() if not others & needs.keys()}
        assert free, f"these need one another: {sorted(needs)}"
        needs = {name: others for name, others in needs.items() if name not in free}


@pytest.mark.parametrize("module", MODULES)
def test_a_file_is_short_and_named_for_what_it_holds(module):
    path = MODULES[module]
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES
    assert not VAGUE_NAMES & set(module.split("."))
