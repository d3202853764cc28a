"""``/sse/{channel}``: a channel as an event stream.

The answer's head is followed by a body that never ends on its own. Over HTTP/1.1 the body is chunked, one chunk a
flush; HTTP/2 has frames of its own; an HTTP/1.0 client gets it plain and reads until the connection closes.

Spec: HTML Living Standard, Server-sent events (9.2); RFC 9112 7.1 for the chunks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtlab.codecs.http1 import LAST_CHUNK, ResponseHead, encode_chunk
from rtlab.codecs.sse import encode_comment, encode_event
from rtlab.servers.connection import Connection
from rtlab.servers.exchange import Exchange
from rtlab.servers.http import http_date
from rtlab.servers.peers import Peer
from rtlab.servers.subscriber import ChannelMessage
from rtlab.servers.take_over import take_over

if TYPE_CHECKING:
    from rtlab.servers.server import LabServer


def plain_event(message: ChannelMessage) -> bytes:
    """Write a message as the event that goes out, without transfer coding."""
    return encode_event(message.data, event=message.event, id=message.id or None)


def chunked_event(message: ChannelMessage) -> bytes:
    """Write a message as one chunk with one event."""
    return encode_chunk(plain_event(message))


class EventStreamPeer(Peer):
    """One open event stream.

    Args:
        connection: The connection, after the request.
        channel: The channel's name.
        server: The server.
        chunked: True for HTTP/1.1.
    """

    __slots__ = ("_chunked",)

    transport = "sse"

    def __init__(self, connection: Connection, channel: str, server: LabServer, *, chunked: bool) -> None:
        super().__init__(connection, channel, server)
        self._chunked = chunked

    def send_stream(self, data: bytes) -> None:
        """Send a piece of the stream in the body's coding."""
        self.connection.send(encode_chunk(data) if self._chunked else data)

    def received(self, data: bytes) -> None:
        """Ignore it: an event stream has one direction."""

    def beat(self) -> None:
        """Send a comment: proxies that cut silent lines see life, and a dead line shows."""
        self.send_stream(encode_comment())

    def goodbye(self) -> None:
        """End the body as HTTP ends bodies; an EventSource will come back."""
        self.leave()
        if self._chunked:
            self.connection.send(LAST_CHUNK)
        self.connection.close()


class EventStreamExchange(Exchange):
    """Opens an event stream.

    ``Last-Event-ID`` resumes; the query ``last_event_id`` does so where headers cannot be set, as on a page that
    has been loaded again.
    """

    def handle(self, name: str) -> None:
        """Answer with the head, what the client missed, and then each message."""
        channel = self.channel(name)
        in_query = self.request.query_arguments.get("last_event_id", [b""])[-1]
        last_id = self.request.headers.get("Last-Event-ID") or in_query.decode(errors="replace").strip()
        chunked = self.request.version == "HTTP/1.1"
        head = ResponseHead(
            200,
            "OK",
            (
                ("Date", http_date()),
                ("Content-Type", "text/event-stream"),
                ("Cache-Control", "no-store"),
                ("X-Accel-Buffering", "no"),  # asks nginx not to collect the stream
                *self.cross_origin_headers(),
                ("Transfer-Encoding", "chunked") if chunked else ("Connection", "close"),
            ),
        )
        peer = EventStreamPeer(take_over(self), name, self.server, chunked=chunked)
        peer.tag = self.request.query_arguments.get("tag", [b""])[-1].decode(errors="replace")
        peer.connection.send_head(head)
        peer.send_stream(encode_event(retry_ms=self.server.resumption.retry_ms))
        peer.subscribe(channel, chunked_event if chunked else plain_event, last_id)
        self.server.admit(peer)
