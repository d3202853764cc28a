"""No attack leaves this machine."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from rtlab.errors import InputError, LabError
from rtlab.experiments.loopback import Line, dial

EXPERIMENTS = Path(__file__).parents[2] / "rtlab" / "experiments"
WATCHED = """
import sys
reached = set()

def watch(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        reached.add(arguments[1][0])
    elif event == "socket.getaddrinfo":
        reached.add(str(arguments[0]))

sys.addaudithook(watch)
from rtlab.experiments import attack_cross_site, attack_exhaustion, attack_injection, attack_masking, attack_tokens

families = attack_cross_site, attack_injection, attack_masking, attack_tokens
found = [each for family in families for each in family.attempts()]
found += attack_exhaustion.attempts(5.0, attack_exhaustion.CASES[1:2])
assert any(each.target == "default lab" for each in found)
print(sorted(reached))
"""


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "8.8.8.8", "0.0.0.0", "::", "2001:db8::1", "localhost", "example.org", ""]
)
def test_an_address_that_is_not_loopback_is_refused_before_anything_is_sent(host):
    with pytest.raises(InputError, match="No attack leaves this machine"):
        dial(host, 9)


def test_loopback_is_reached(lab):
    with Line(lab.port) as line:
        line.get("/")
        assert b"200 OK" in line.reads(b"</html>")
    dial("127.0.0.1", lab.port).close()


def test_all_that_the_attacks_connect_to_is_this_machine():
    done = subprocess.run([sys.executable, "-c", WATCHED], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    reached = set(ast.literal_eval(done.stdout.splitlines()[-1]))
    assert "127.0.0.1" in reached
    assert reached <= {"127.0.0.1", "::1", "localhost"}


@pytest.mark.parametrize(
    "name", ["strikes", "hoarding", "besieger", "siege", "attack_exhaustion", "exhaustion_cases"]
)
def test_attacks_of_exhaustion_have_no_other_way_out_than_dial(name):
    tree = ast.parse((EXPERIMENTS / f"{name}.py").read_text(encoding="utf-8"))
    imports = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {"socket", "asyncio", "ssl", "http", "urllib"} & {each.split(".")[0] for each in imports | modules}
    assert not [each for each in modules if each.startswith("rtlab.clients")]


def test_a_refused_handshake_and_a_closed_line_are_told(make_lab):
    lab = make_lab(token=True)
    line = Line(lab.port)
    with pytest.raises(LabError, match="403"):
        line.open_websocket()
    assert not line.send(b"x")  # it is closed
    with Line(lab.port) as line:
        assert not line.ends(0.05)
        lab.stop()
        assert line.ends(10.0)
        assert line.read(0.1) == b""
        line.close()
        assert not line.send(b"x")
