"""Which settings of a lab go together."""

from __future__ import annotations

from rtlab.errors import InputError
from rtlab.servers.guards import Guards


def require_settings(name: str, *, port: int, guards: Guards | None, heartbeat_s: float) -> None:
    """Refuse settings that cannot work, or that weaken a lab by mistake; see :func:`rtlab.start_lab`.

    Raises:
        InputError: The settings do not fit together.
    """
    if heartbeat_s < 0.01:
        raise InputError("heartbeat_s must be 0.01 or more.")
    if not 0 <= port <= 65_535:
        raise InputError(f"A port is a number from 0 to 65535, not {port}; 0 lets the system choose.")
    if guards and guards.weakened and name == "default":
        raise InputError("A lab with a guard switched off needs a name of its own: start_lab('attacked', ...).")
