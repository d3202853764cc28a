"""A server program of the learner's own, in a process of its own, for as long as it is wanted."""

from __future__ import annotations

from pathlib import Path

from rtlab.errors import LabError
from rtlab.experiments.program_process import ProgramProcess


class OwnServer:
    """A running server program; made by :meth:`start`.

    Attributes:
        port: Where it listens on loopback.
    """

    def __init__(self, process: ProgramProcess, port: int) -> None:
        self._process = process
        self.port = port

    @classmethod
    async def start(cls, path: Path) -> OwnServer:
        """Start a program whose first line says ``{"port": ...}``.

        Args:
            path: The program.

        Raises:
            LabError: It ended at once, or said something else.
            WaitTimeout: It said nothing.
        """
        process = await ProgramProcess.start(path)
        try:
            port = (await process.first()).get("port")
            if not isinstance(port, int):
                raise LabError(f'The first line that {path.name} prints must be {{"port": ...}}.')
        except BaseException:
            await process.kill()
            raise
        return cls(process, port)

    async def stop(self) -> None:
        """End it; a second call does nothing."""
        await self._process.kill()
