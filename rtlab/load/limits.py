"""How many connections the system allows."""

from __future__ import annotations

import sys

from rtlab.clients.wire import Address
from rtlab.errors import InputError

CONNECTIONS_FROM_ONE_ADDRESS = 28_000
"""An address has about so many ports for connections to one port of another."""
_SPARE_DESCRIPTORS = 200
_WINDOWS_CONNECTIONS = 16_000


def most_connections() -> int:
    """Tell how many connections a worker may have, once it has asked the system for all it can get."""
    if sys.platform == "win32":
        return _WINDOWS_CONNECTIONS
    import resource

    _, allowed = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if allowed == resource.RLIM_INFINITY else max(0, allowed - _SPARE_DESCRIPTORS)


def check_connections(count: int) -> None:
    """Refuse more connections in one worker than the system allows.

    Args:
        count: How many it shall open.

    Raises:
        InputError: The system does not allow so many.
    """
    allowed = most_connections()
    if count > allowed:
        raise InputError(
            f"The system lets one worker have about {allowed:,} connections, and this one would need {count:,}: "
            "use more workers, fewer connections, or raise the limit on open files (ulimit -n)."
        )


def allow_connections(count: int) -> None:
    """Raise this process's own limit on open files, for so many connections.

    Args:
        count: How many it will open.

    Raises:
        InputError: The system does not allow so many.
    """
    check_connections(count)
    if sys.platform != "win32":
        import resource

        now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = count + _SPARE_DESCRIPTORS
        if now != resource.RLIM_INFINITY and now < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def check_ports(connections: int, address: Address) -> None:
    """Refuse more connections from this machine than it has ports for.

    Args:
        connections: How many it shall open in all.
        address: Where they go.

    Raises:
        InputError: There are too few.
    """
    if connections > CONNECTIONS_FROM_ONE_ADDRESS and not _has_further_addresses(address):
        raise InputError(
            f"One address has ports for about {CONNECTIONS_FROM_ONE_ADDRESS:,} connections to one server; "
            f"{connections:,} from one machine go only to 127.0.0.1 on Linux."
        )


def source_of(number: int, connections: int, address: Address) -> str:
    """Choose the address that a connection comes from.

    Args:
        number: Which connection of the swarm, from 0.
        connections: How many the swarm has.
        address: Where they go.

    Returns:
        The address; empty for the system's choice.
    """
    if connections <= CONNECTIONS_FROM_ONE_ADDRESS or not _has_further_addresses(address):
        return ""
    return f"127.0.0.{1 + number // CONNECTIONS_FROM_ONE_ADDRESS}"


def _has_further_addresses(address: Address) -> bool:
    # Linux has the whole of 127.0.0.0/8, and each of these addresses has ports of its own.
    return sys.platform == "linux" and (address.host == "localhost" or address.host.startswith("127."))
