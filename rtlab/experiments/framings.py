"""What does each version of HTTP put around one event stream?

The events are the same bytes each time. HTTP/1.0 sends them as they are and ends with the connection, HTTP/1.1 puts
each into a chunk, HTTP/2 puts each into a DATA frame.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rtlab.clients.event_source import EventSource
from rtlab.codecs.http1 import ResponseHead, encode_chunk, encode_response_head
from rtlab.codecs.http2_frames import DATA, Http2Frame, encode_http2_frame
from rtlab.codecs.sse import encode_event
from rtlab.errors import ConnectionEnded, ConnectionFailed
from rtlab.experiments.http2_framing import exchange_over_http2
from rtlab.experiments.raw_server import RawServer
from rtlab.findings.messages import MessageCost

_COME_BACK_SOON = b"retry: 1\n\n"
"""So that the client asks soon whether there is more, and hears that there is not."""
UNTIL_CLOSE, CHUNKS, FRAMES = "HTTP/1.0, until close", "HTTP/1.1, chunks", "HTTP/2, DATA frames"


def data_frame(payload: bytes) -> bytes:
    """Write one HTTP/2 DATA frame of stream 1.

    Spec: RFC 9113 4.1, 6.1
    """
    return encode_http2_frame(Http2Frame(DATA, 0, 1, payload))


def framing_costs(texts: Sequence[str] = ("Hello", "x" * 100, "x" * 1_000)) -> tuple[MessageCost, ...]:
    """Count what each version of HTTP adds to each event.

    Args:
        texts: The events' data, each at most 16,000 bytes.

    Returns:
        One for each version and text; the payload is the whole event, ``data:`` and line ends included.
    """
    framings: dict[str, Callable[[bytes], bytes]] = {UNTIL_CLOSE: bytes, CHUNKS: encode_chunk, FRAMES: data_frame}
    events = [encode_event(text) for text in texts]
    return tuple(
        MessageCost(name, "text", len(event), len(frame(event)))
        for name, frame in framings.items()
        for event in events
    )


def read_framed(texts: Sequence[str]) -> dict[str, list[str]]:
    """Send the same events in each framing, and give what was read.

    HTTP/1.0 and HTTP/1.1 are read by an EventSource. For HTTP/2 the h2 library is client and server, and what
    came on the stream goes to the same reader of event streams.

    Args:
        texts: The events' data; at most 100, each from 1 to 16,000 bytes.

    Returns:
        The texts that arrived, by framing.
    """
    events = [encode_event(text) for text in texts]
    return {
        UNTIL_CLOSE: _read_all(_UntilClose(_COME_BACK_SOON, *events)),
        CHUNKS: _read_all(RawServer(_COME_BACK_SOON, *events)),
        FRAMES: list(exchange_over_http2(texts).events),
    }


class _UntilClose(RawServer):
    """Sends the same body with nothing around it, as HTTP/1.0 does: it ends with the connection."""

    def __init__(self, *pieces: bytes) -> None:
        super().__init__()
        head = ResponseHead(200, "OK", (("Content-Type", "text/event-stream"),), "HTTP/1.0")
        self._answer = encode_response_head(head) + b"".join(pieces)


def _read_all(server: RawServer) -> list[str]:
    texts: list[str] = []
    with server:
        try:
            with EventSource(server.url()) as source:
                while True:
                    texts.append(str(source.receive().data))
        except (ConnectionEnded, ConnectionFailed):  # the second request gets 204: the stream is over
            return texts
