"""The same service with other libraries, each as its own documentation teaches it.

Naive is the point. A learner who follows the documentation writes this code, and it is what a comparison of the
protocols measures unless somebody looks. Each module is a program with the ready line and the paths of
``rtlab serve``: ``python -m rtlab.experiments.peer_servers.tornado_docs --port 0 --rate 0 --stamp``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec

from rtlab.errors import InputError


@dataclass(frozen=True, slots=True)
class Library:
    """A server that can be put on the same workload.

    Attributes:
        name: How people call it.
        module: What ``python -m`` runs.
        needs: The packages that it imports.
        offers: The transports that it has.
    """

    name: str
    module: str
    needs: tuple[str, ...]
    offers: tuple[str, ...] = ("sse", "websocket")

    @property
    def missing(self) -> tuple[str, ...]:
        """What it needs and is not installed; ``pip install 'rtlab[league]'`` brings it."""
        return tuple(name for name in self.needs if find_spec(name) is None)

    def command(self, *options: str) -> list[str]:
        """Give the command that serves with it until standard input closes.

        Args:
            options: Of those that all have: ``--rate``, ``--payload-bytes``, ``--subscribers``, ``--stamp`` and
                ``--compress``.
        """
        serve = ["serve"] * (self.module == "rtlab")
        return [sys.executable, "-m", self.module, *serve, "--until-stdin-closes", *options]


LIBRARIES = {
    library.name: library
    for library in (
        Library("rtlab", "rtlab", ("tornado",)),
        Library("tornado", f"{__name__}.tornado_docs", ("tornado",)),
        Library("aiohttp", f"{__name__}.aiohttp_docs", ("aiohttp",)),
        Library("websockets", f"{__name__}.websockets_docs", ("websockets",), ("websocket",)),
        Library("starlette", f"{__name__}.starlette_docs", ("starlette", "sse_starlette", "uvicorn", "websockets")),
    )
}
"""The servers by name; rtlab's own is ``rtlab serve``."""


def installed(names: Iterable[str] = tuple(LIBRARIES)) -> tuple[tuple[Library, ...], dict[str, tuple[str, ...]]]:
    """Choose libraries, without those that are not there.

    Args:
        names: Keys of :data:`LIBRARIES`.

    Returns:
        The libraries that can serve, and for each of the others which packages it lacks.

    Raises:
        InputError: A name is unknown.
    """
    names = tuple(names)
    if not names or not set(names) <= set(LIBRARIES):
        raise InputError(f"libraries: any of {', '.join(LIBRARIES)}, and at least one.")
    chosen = [LIBRARIES[name] for name in names]
    there = tuple(library for library in chosen if not library.missing)
    return there, {library.name: library.missing for library in chosen if library.missing}
