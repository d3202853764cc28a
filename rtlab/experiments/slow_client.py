"""A client that does not read, for servers under test."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rtlab import clock
from rtlab.errors import ConnectionFailed, LabError
from rtlab.experiments.plain_opening import open_plain

_READ_BYTES = 65_536


class SlowClient:
    """Opens an event stream or a WebSocket, and then reads nothing unless it is told to.

    Its system takes in only a little beyond what it reads, so the rest stays with the server.

    Args:
        url: An http or ws URL.
        receive_bytes: About how much its system takes in by itself; systems round this up.
        timeout_s: How long the opening may take, in seconds.

    Attributes:
        head: The head of the server's answer, and what came with it.

    Raises:
        ConnectionFailed: The server refused, or cannot be reached.
        InputError: The URL cannot be used.
    """

    def __init__(self, url: str, *, receive_bytes: int = 4_096, timeout_s: float = 10.0) -> None:
        self.url = url
        try:
            self._socket, self.head = open_plain(url, timeout_s, receive_bytes)
        except (LabError, OSError) as error:
            raise ConnectionFailed(f"{url} could not be opened: {error}") from error

    def read(self, most_bytes: int, timeout_s: float = 5.0) -> bytes:
        """Read once, at most so many bytes.

        Args:
            most_bytes: How much to read at most, from 1.
            timeout_s: How long to wait for the first of them, in seconds.

        Returns:
            What came; nothing if the time is over or the server has closed.
        """
        self._socket.settimeout(timeout_s)
        try:
            return self._socket.recv(most_bytes)
        except OSError:
            return b""

    def was_cut(self, timeout_s: float = 5.0) -> bool:
        """Tell whether the server has closed the connection; it is read to its end for that.

        Args:
            timeout_s: How long to wait for the end, in seconds. A server that goes on sending gets no more time.

        Returns:
            False if the connection is still open then.
        """
        deadline_ns = clock.now_ns() + round(timeout_s * 1e9)
        while (left_s := (deadline_ns - clock.now_ns()) / 1e9) > 0:
            self._socket.settimeout(left_s)
            try:
                if not self._socket.recv(_READ_BYTES):
                    return True
            except TimeoutError:
                return False
            except OSError:
                return True
        return False

    def close(self) -> None:
        """Close the connection; a second call does nothing."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
