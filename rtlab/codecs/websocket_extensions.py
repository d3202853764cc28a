"""``Sec-WebSocket-Extensions``: the header with which a client offers extensions and a server answers.

::

    Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10, permessage-deflate
                              └── one offer, with a parameter ────────────┘  └── the next, less liked

A client may repeat an extension with other parameters, as a second choice. A server repeats those that it accepts,
each with the parameters that are agreed on.

Spec: RFC 6455 9.1
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rtlab.errors import RemoteProtocolError

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
# A name, for a parameter perhaps a value, and what ends it. Nothing is tried twice: a hostile header costs no time.
_PART = re.compile(
    rf"""[ \t]*+
    (?P<name>{_TOKEN})?+ [ \t]*+
    (?: = [ \t]*+ (?: (?P<value>{_TOKEN}) | "(?P<quoted>(?:[^"\\]|\\.)*+)" ) [ \t]*+ )?+
    (?P<end>[;,]|\Z)""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension as it is offered or accepted.

    Attributes:
        name: Its registered name, such as ``"permessage-deflate"``.
        parameters: Names and values in their order; a value is None where there is none.
    """

    name: str
    parameters: tuple[tuple[str, str | None], ...] = ()

    def __str__(self) -> str:
        """Write it as it stands in the header."""
        parameters = (name if value is None else f"{name}={value}" for name, value in self.parameters)
        return "; ".join((self.name, *parameters))


def parse_extensions(values: Sequence[str]) -> tuple[Extension, ...]:
    """Read the extensions of a request or an answer.

    Args:
        values: The values of ``Sec-WebSocket-Extensions``, one a header field; several count as one long list.

    Returns:
        The extensions in their order; parameters are not judged, so one may be there twice.

    Raises:
        RemoteProtocolError: The header does not have the form that the standard gives it. It must be answered with
            400, or with the end of the connection.

    Spec: RFC 6455 9.1
    """
    if not values:
        return ()
    text = ",".join(values)
    found: list[tuple[str, list[tuple[str, str | None]]]] = []
    position, end = 0, ","
    while end:
        part = _PART.match(text, position)
        if part is None:
            raise _malformed()
        is_parameter = end == ";"
        name, value, end, position = part["name"], part["value"], part["end"], part.end()
        if part["quoted"] is not None:
            value = re.sub(r"\\(.)", r"\1", part["quoted"])
            if not re.fullmatch(_TOKEN, value):
                raise _malformed()
        if name is not None and is_parameter:
            found[-1][1].append((name, value))
        elif name is not None and value is None:
            found.append((name, []))
        elif name is not None or value is not None or is_parameter or end == ";":
            raise _malformed()  # what is left is an empty element, which a list may have
    if not found:
        raise _malformed()
    return tuple(Extension(name, tuple(parameters)) for name, parameters in found)


def _malformed() -> RemoteProtocolError:
    return RemoteProtocolError("Sec-WebSocket-Extensions is malformed.", status=400, spec="RFC 6455 9.1")
