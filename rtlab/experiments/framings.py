"""What does each version of HTTP put around one event stream?

The events are the same bytes each time. HTTP/1.0 sends them as they are and ends with the connection, HTTP/1.1 puts
each into a chunk, HTTP/2 puts each into a DATA frame. The frames are written and read here by hand: enough to count
their bytes, but no HTTP/2 connection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rtlab.clients.event_source import EventSource
from rtlab.codecs.http1 import ResponseHead, encode_chunk, encode_response_head
from rtlab.codecs.sse import EventStreamDecoder, encode_event
from rtlab.errors import ConnectionEnded, ConnectionFailed, RemoteProtocolError
from rtlab.experiments.raw_server import RawServer
from rtlab.findings.messages import MessageCost

FRAME_HEADER_BYTES = 9
_DATA, _STREAM_ID = 0, 1
_COME_BACK_SOON = b"retry: 1\n\n"
"""So that the client asks soon whether there is more, and hears that there is not."""
UNTIL_CLOSE, CHUNKS, FRAMES = "HTTP/1.0, until close", "HTTP/1.1, chunks", "HTTP/2, DATA frames"


def data_frame(payload: bytes) -> bytes:
    """Write one HTTP/2 DATA frame of stream 1: length, type, flags, stream, and the payload.

    Args:
        payload: At most 16,384 bytes.

    Spec: RFC 9113 4.1, 6.1
    """
    return len(payload).to_bytes(3) + bytes((_DATA, 0)) + _STREAM_ID.to_bytes(4) + payload


def data_payloads(frames: bytes) -> list[bytes]:
    """Read the payloads of whole HTTP/2 DATA frames.

    Args:
        frames: The frames, one behind the other.

    Raises:
        RemoteProtocolError: A frame is of another type, or cut short.

    Spec: RFC 9113 4.1
    """
    payloads, at = [], 0
    while at < len(frames):
        end = at + FRAME_HEADER_BYTES + int.from_bytes(frames[at : at + 3])
        if end > len(frames) or frames[at + 3] != _DATA:
            raise RemoteProtocolError("These are not whole DATA frames.", spec="RFC 9113 4.1")
        payloads.append(frames[at + FRAME_HEADER_BYTES : end])
        at = end
    return payloads


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

    A real server and a real client do HTTP/1.0 and HTTP/1.1. The frames of HTTP/2 are opened by hand, and their
    payloads go to the same reader of event streams.

    Args:
        texts: The events' data.

    Returns:
        The texts that arrived, by framing.
    """
    events = [encode_event(text) for text in texts]
    from_frames = EventStreamDecoder()
    payloads = data_payloads(b"".join(map(data_frame, events)))
    return {
        UNTIL_CLOSE: _read_all(_UntilClose(_COME_BACK_SOON, *events)),
        CHUNKS: _read_all(RawServer(_COME_BACK_SOON, *events)),
        FRAMES: [event.data for payload in payloads for event in from_frames.feed(payload)],
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
