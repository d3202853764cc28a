"""Every exception that rtlab raises, in one tree.

::

    RtlabError
    ├── InputError                 an argument is wrong (also a ValueError)
    ├── ProtocolError              the rules of a protocol were broken
    │   ├── LocalProtocolError     by us: refused before anything was sent
    │   └── RemoteProtocolError    by the peer: carries the close code or status to answer with
    ├── ConnectionFailed           no connection, or the peer refused it (carries the HTTP status)
    ├── ConnectionEnded            the connection is over (carries close code and reason)
    ├── WaitTimeout                nothing came in the given time (also a TimeoutError)
    ├── LabError
    │   ├── LabNotRunning          the lab was stopped, or its process is gone
    │   ├── PortUnavailable        the port asked for is taken
    │   └── WrongThread            a blocking call was made on the event loop's own thread
    ├── RecordingError             a saved recording cannot be read
    └── MissingExtra               an optional package is not installed (says which)

A refusal that an experiment looks for (a wrong Origin, a 401) is a row in a table, not an exception.
"""

from __future__ import annotations


class RtlabError(Exception):
    """The root of everything that rtlab raises on purpose."""


class InputError(RtlabError, ValueError):
    """An argument has a value that cannot work; the text says what to give instead."""


class ProtocolError(RtlabError):
    """A rule of HTTP, of the event stream or of WebSocket was broken.

    Args:
        message: What is wrong, in one sentence.
        close_code: The WebSocket close code to send (1002, 1007, 1009 ...), or None outside WebSocket.
        status: The HTTP status to answer with (400, 426 ...), or None after the head.
        headers: Response headers that the status needs, such as ``Sec-WebSocket-Version``.
        spec: The clause that was broken, for example ``"RFC 6455 5.1"``.
    """

    def __init__(
        self,
        message: str,
        *,
        close_code: int | None = None,
        status: int | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        spec: str = "",
    ) -> None:
        super().__init__(f"{message} ({spec})" if spec else message)
        self.message = message
        self.close_code = close_code
        self.status = status
        self.headers = headers
        self.spec = spec


class LocalProtocolError(ProtocolError):
    """Our side asked for something that the protocol forbids; nothing was sent."""


class RemoteProtocolError(ProtocolError):
    """The peer sent something that the protocol forbids."""


class ConnectionFailed(RtlabError):
    """A connection could not be opened, or the peer refused it.

    Args:
        message: What happened, in one sentence.
        status: The HTTP status of the refusal, or None if no answer came.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class ConnectionEnded(RtlabError):
    """The connection is over and no more can be read or sent.

    Args:
        message: What happened, in one sentence.
        close_code: The WebSocket close code received; 1005 for none, 1006 for a broken line.
        reason: The peer's reason, possibly empty.
    """

    def __init__(self, message: str, *, close_code: int | None = None, reason: str = "") -> None:
        super().__init__(message)
        self.close_code = close_code
        self.reason = reason


class WaitTimeout(RtlabError, TimeoutError):
    """Nothing came within the time given."""


class LabError(RtlabError):
    """The lab itself cannot do what was asked."""


class LabNotRunning(LabError):
    """The lab was stopped or never started; call ``rtlab.start_lab()``."""


class PortUnavailable(LabError):
    """The port asked for is taken; use ``port=0`` and let the system choose."""


class WrongThread(LabError):
    """A blocking call was made on the event loop's own thread, where it would wait for itself."""


class RecordingError(RtlabError):
    """A saved recording is missing, damaged or of a later format."""


class MissingExtra(RtlabError):
    """An optional package is needed; the text says how to install it."""
