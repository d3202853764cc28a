"""What a listener on the line sees, and what clients say to certificates that they should not trust."""

from __future__ import annotations

from dataclasses import dataclass

from rtlab.records import Transport


@dataclass(frozen=True, slots=True)
class Overheard:
    """What somebody who keeps all bytes of a line learns of one conversation.

    Attributes:
        transport: ``"sse"`` or ``"websocket"``.
        scheme: ``http``, ``https``, ``ws`` or ``wss``.
        token: True if the token in the URL can be read.
        text: True if the message's text can be read.
        server_name: The server's name as it can be read; empty if it cannot.
        bytes_up: Bytes from the client.
        bytes_down: Bytes from the server.
        message_bytes: The sizes of the two messages on the line, headers and all.
        gap_ms: The time between them, as it can be read.
        sent: The client's bytes.
        received: The server's bytes.
    """

    transport: Transport
    scheme: str
    token: bool
    text: bool
    server_name: str
    bytes_up: int
    bytes_down: int
    message_bytes: tuple[int, int]
    gap_ms: float
    sent: bytes
    received: bytes


@dataclass(frozen=True, slots=True)
class CertificateTrial:
    """One client before a server with one certificate.

    Attributes:
        transport: ``"sse"`` or ``"websocket"``.
        client: The client.
        checks: False if its checks of certificates are switched off.
        certificate: Which certificate the server shows.
        connected: True if the client went on.
        said: What the client said; empty if it went on.
        certificate_pem: That certificate, as PEM text.
        request: The request as the server got it; empty if none came.
    """

    transport: Transport
    client: str
    checks: bool
    certificate: str
    connected: bool
    said: str
    certificate_pem: bytes
    request: bytes
