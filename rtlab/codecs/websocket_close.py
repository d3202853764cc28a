"""Close codes, and the payload of a close frame: two bytes of code, then a reason in UTF-8.

=============  ===========================================================  =============
codes          who uses them                                                on the wire
=============  ===========================================================  =============
0-999          nobody                                                       never
1000-1003      the protocol: normal, going away, protocol error, bad type   yes
1004           reserved, without a meaning                                  never
1005, 1006     only for the application: no code came; no close frame came  never
1007-1014      the protocol, and codes registered since the RFC             yes
1015           only for the application: TLS failed                         never
1016-2999      reserved for the protocol and its extensions                 not yet
3000-3999      libraries and frameworks, registered                         yes
4000-4999      private use                                                  yes
=============  ===========================================================  =============

Spec: RFC 6455 5.5.1, 7.4
"""

from __future__ import annotations

from rtlab.errors import LocalProtocolError, RemoteProtocolError

MAX_REASON_BYTES = 123
"""What two bytes of code leave of the 125 bytes that a control frame may carry."""

_WIRE_CODES = frozenset((*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)))


def encode_close_payload(code: int, reason: str = "") -> bytes:
    """Write the payload of a close frame.

    Args:
        code: A close code that may stand on the wire, see the table above.
        reason: Words for the peer's log, at most 123 bytes in UTF-8.

    Returns:
        From 2 to 125 bytes.

    Raises:
        LocalProtocolError: The code may not be sent, or the reason does not fit.

    Spec: RFC 6455 5.5.1
    """
    if code not in _WIRE_CODES:
        raise LocalProtocolError(
            f"Close code {code} may not be sent; use 1000, or one from 3000 to 4999.", spec="RFC 6455 7.4"
        )
    try:
        encoded = reason.encode()
    except UnicodeEncodeError:
        raise LocalProtocolError(
            "The close reason holds half a surrogate pair; take it out.", spec="RFC 6455 5.5.1"
        ) from None
    if len(encoded) > MAX_REASON_BYTES:
        raise LocalProtocolError(
            f"A close reason has at most {MAX_REASON_BYTES} bytes in UTF-8, not {len(encoded)}.",
            spec="RFC 6455 5.5",
        )
    return code.to_bytes(2) + encoded


def parse_close_payload(payload: bytes) -> tuple[int, str]:
    """Read the payload of a close frame.

    Args:
        payload: From 0 to 125 bytes, unmasked.

    Returns:
        Code and reason; an empty payload gives 1005 and an empty reason.

    Raises:
        RemoteProtocolError: Half a code or a forbidden one (close code 1002), or a reason that is not UTF-8 (1007).

    Spec: RFC 6455 5.5.1, 7.4
    """
    if not payload:
        return 1005, ""
    if len(payload) == 1:
        raise RemoteProtocolError(
            "A close frame carries no byte or at least two.", close_code=1002, spec="RFC 6455 5.5.1"
        )
    code = int.from_bytes(payload[:2])
    if code not in _WIRE_CODES:
        raise RemoteProtocolError(f"Close code {code} may not be sent.", close_code=1002, spec="RFC 6455 7.4")
    try:
        return code, payload[2:].decode()
    except UnicodeDecodeError:
        raise RemoteProtocolError(
            "The close reason is not UTF-8.", close_code=1007, spec="RFC 6455 5.5.1"
        ) from None
