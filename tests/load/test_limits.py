import subprocess
import sys

import pytest

from rtlab.clients.wire import Address
from rtlab.errors import InputError
from rtlab.load.limits import (
    CONNECTIONS_FROM_ONE_ADDRESS,
    check_connections,
    check_ports,
    most_connections,
    source_of,
)

LOOPBACK = Address("ws", "127.0.0.1", 80, "/")
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on open files")
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")


def test_few_connections_come_from_where_the_system_likes():
    assert source_of(27_999, CONNECTIONS_FROM_ONE_ADDRESS, Address("wss", "example.com", 443, "/")) == ""


@linux
def test_many_connections_come_from_several_addresses():
    sources = [source_of(number, 60_000, LOOPBACK) for number in (0, 27_999, 28_000, 59_999)]
    assert sources == ["127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.3"]


@linux
@pytest.mark.parametrize("host", ["example.com", "::1", "192.0.2.1"])
def test_many_connections_to_another_machine_are_refused(host):
    address = Address("ws", host, 80, "/")
    check_ports(28_000, address)
    with pytest.raises(InputError, match="28,000"):
        check_ports(28_001, address)
    assert source_of(28_000, 28_001, address) == ""  # workers on several machines may have so many together


def test_more_than_the_system_allows_is_refused_with_a_way_out(monkeypatch):
    monkeypatch.setattr("rtlab.load.limits.most_connections", lambda: 10)
    check_connections(10)
    with pytest.raises(InputError, match="more workers"):
        check_connections(11)


@posix
def test_a_worker_raises_its_own_limit_as_far_as_it_may():
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 700))\n"
        "from rtlab.load.limits import allow_connections, most_connections\n"
        "allow_connections(300)\n"
        "print(most_connections(), resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert done.stdout == "500 (500, 700)\n", done.stderr


@posix
def test_there_is_room_for_some_connections_here():
    assert most_connections() > 0
