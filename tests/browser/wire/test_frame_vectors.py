"""Every WebSocket frame vector for a client, received by Chromium's WebSocket and by ours from the same server."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
from playwright.sync_api import Page

from rtlab.clients.websocket import WebSocket
from rtlab.codecs.websocket_frames import CLOSE, PONG, FrameDecoder, encode_frame
from rtlab.conformance.vectors import feedings, websocket_vectors
from rtlab.errors import ConnectionEnded
from rtlab.resources import data_path

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

VECTORS = {
    vector["id"]: vector
    for vector in json.loads(data_path("vectors", "websocket.json").read_text(encoding="utf-8"))["vectors"]
    if vector["receiver"] == "client"
}
FRAMES = {vector.id: vector for vector in websocket_vectors()}
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
MARK = 4999
"""The close code that the server sends after a vector, so that a client which accepts it shows so."""

# What Chromium does otherwise than the vector and rtlab, and why.
_NOT_UTF8 = {"sent_code": 1002}, "It fails the connection as it should, but says 1002 where RFC 6455 8.1 has 1007."
_NOTHING_AFTER_CLOSE = {"close_code": None}, "It fails on a frame after the close frame; RFC 6455 1.4 discards it."
CHROMIUM_DIFFERENCES: dict[str, tuple[dict[str, Any], str]] = {
    "utf8-bad-truncated-c": _NOT_UTF8,
    "utf8-bad-surrogate-c": _NOT_UTF8,
    "utf8-bad-too-big-c": _NOT_UTF8,
    "utf8-bad-fragmented-c": _NOT_UTF8,
    "utf8-truncated-across-c": _NOT_UTF8,
    "close-reason-bad-utf8-c": _NOT_UTF8,
    "pmd-corrupt-c": ({"sent_code": 1002}, "RFC 7692 names no code for data that does not inflate."),
    "close-twice-c": _NOTHING_AFTER_CLOSE,
}

# Only what has arrived by then counts: cut into bytes, the second close frame may come when Chromium is through.
DEPENDS_ON_TIME = {"close-twice-c"}

_RECEIVE = """async urls => {
    const hex = data => Array.from(new Uint8Array(data), byte => byte.toString(16).padStart(2, "0")).join("");
    const receive = url => new Promise(done => {
        const socket = new WebSocket(url), messages = [];
        socket.binaryType = "arraybuffer";
        socket.onmessage = ({data}) => messages.push(
            typeof data === "string" ? ["text", hex(new TextEncoder().encode(data))] : ["binary", hex(data)]);
        socket.onclose = ({code, reason, wasClean}) => done({messages, code, reason, wasClean});
    });
    const received = [];
    for (const url of urls) received.push(await receive(url));
    return received;
}"""


@dataclass(frozen=True)
class Received:
    """What a client made of a vector, told by itself and by what it sent.

    Attributes:
        messages: Kind and payload (a long one as its hash) of each message that it delivered.
        close_code: The close code that it reports; None if it failed the connection, which it reports as 1006.
        pongs: The payloads of its pongs.
        sent_code: The code in its own close frame.
    """

    messages: tuple[tuple[str, str], ...]
    close_code: int | None
    pongs: tuple[str, ...]
    sent_code: int


def brief(payload: bytes) -> str:
    return payload.hex() if len(payload) <= 1_000 else hashlib.sha256(payload).hexdigest()


def expected(vector: dict[str, Any]) -> Received:
    def payload(message: dict[str, Any]) -> str:
        if "text" in message:
            return brief(message["text"].encode())
        return brief(bytes.fromhex(message["hex"])) if "hex" in message else message["sha256"]

    received_code = None if vector["error"] else vector["close_code"] or MARK
    return Received(
        tuple((message["type"], payload(message)) for message in vector["messages"]),
        received_code,
        tuple(payload for name, payload in vector["control"] if name == "ping"),
        vector["error"] or received_code,
    )


def wire(id: str, cut: int) -> tuple[bytes, ...]:
    chunks = list(feedings(FRAMES[id]).values())[cut]
    return chunks if VECTORS[id]["close_code"] else (*chunks, encode_frame(CLOSE, MARK.to_bytes(2)))


@pytest.fixture(scope="module", params=range(3), ids=["frame by frame", "one chunk", "byte by byte"])
def cut(request: pytest.FixtureRequest) -> int:
    """Which of the three ways to cut the bytes."""
    return int(request.param)


async def send_all(writer: asyncio.StreamWriter, chunks: Sequence[bytes]) -> None:
    """Send around the writer: it would throw unread bytes away when the client has left."""
    with writer.get_extra_info("socket").dup() as sock, suppress(OSError):
        sock.setblocking(False)
        for chunk in chunks:
            await asyncio.get_running_loop().sock_sendall(sock, chunk)
            await asyncio.sleep(0)


class Sender:
    """Sends vectors behind opening handshakes, and keeps what the clients send back.

    Attributes:
        came: The frames of the client, by path.
    """

    def __init__(self, origin: Any, cut: int) -> None:
        self._origin, self._cut = origin, cut
        self.came: dict[str, list[Any]] = {}

    def url(self, id: str, client: str) -> str:
        """Give the address at which a client receives a vector."""
        vector, path = VECTORS[id], f"/{client}/{self._cut}/{id}"

        async def answer(request: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accept = base64.b64encode(hashlib.sha1(request.get("Sec-WebSocket-Key") + GUID).digest())
            fields = [b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Accept: " + accept]
            if "extension" in vector:
                fields.append(b"Sec-WebSocket-Extensions: " + vector["extension"].encode())
            writer.write(b"\r\n".join((b"HTTP/1.1 101 Switching Protocols", *fields, b"", b"")))
            came = self.came.setdefault(path, [])
            await writer.drain()
            # Both at once: a client that fails the connection says so, and leaves with bytes unread.
            sending = asyncio.ensure_future(send_all(writer, wire(id, self._cut)))
            decoder = FrameDecoder()
            while not any(frame.opcode == CLOSE for frame in came):
                if not (data := await reader.read(65_536)):
                    break
                came += decoder.feed(data)
            sending.cancel()

        self._origin.answers[f"GET {path}"] = [answer]
        return f"{self._origin.url.replace('http', 'ws')}{path}"

    def received(self, id: str, client: str, messages: list[tuple[str, bytes]], close_code: int) -> Received:
        """Put together what a client says and what it sent."""
        came = self.came[f"/{client}/{self._cut}/{id}"]
        return Received(
            tuple((kind, brief(payload)) for kind, payload in messages),
            None if close_code == 1006 else close_code,
            tuple(frame.payload.hex() for frame in came if frame.opcode == PONG),
            int.from_bytes(came[-1].payload[:2]),
        )


@pytest.fixture(scope="module")
def sender(origin: Any, cut: int) -> Sender:
    return Sender(origin, cut)


@pytest.fixture(scope="module")
def chromium_received(sender: Sender, page: Page) -> dict[str, tuple[Received, str]]:
    """What Chromium received of each vector, and the reason that it reports."""
    received = {}
    answers = page.evaluate(_RECEIVE, [sender.url(id, "chromium") for id in VECTORS])
    for id, answer in zip(VECTORS, answers, strict=True):
        messages = [(kind, bytes.fromhex(payload)) for kind, payload in answer["messages"]]
        assert answer["wasClean"] == (answer["code"] != 1006)
        received[id] = sender.received(id, "chromium", messages, answer["code"]), answer["reason"]
    return received


@pytest.fixture(scope="module")
def rtlab_received(sender: Sender) -> dict[str, tuple[Received, str]]:
    def receive(id: str) -> tuple[Received, str]:
        messages: list[tuple[str, bytes]] = []
        client = WebSocket(sender.url(id, "rtlab"), compression="extension" in VECTORS[id])
        with client, pytest.raises(ConnectionEnded) as caught:
            while True:
                data = client.receive(30).data
                messages.append(("text", data.encode()) if isinstance(data, str) else ("binary", data))
        # A page is never told which rule was broken, but who uses our client is.
        assert caught.value.close_code == (VECTORS[id]["error"] or client.close_code)
        assert client.close_code is not None
        return sender.received(id, "rtlab", messages, client.close_code), client.close_reason

    with ThreadPoolExecutor(5) as pool:
        return dict(zip(VECTORS, pool.map(receive, VECTORS), strict=True))


def test_no_vector_is_left_out(chromium_received: Any, rtlab_received: Any) -> None:
    assert len(VECTORS) == 55
    assert chromium_received.keys() == rtlab_received.keys() == VECTORS.keys()


@pytest.mark.parametrize("id", VECTORS)
def test_chromium_receives_what_the_vector_says_but_for_named_differences(
    id: str, cut: int, chromium_received: Any
) -> None:
    differs, _ = CHROMIUM_DIFFERENCES.get(id, ({}, ""))
    wanted = [replace(expected(VECTORS[id]), **differs)]
    if id in DEPENDS_ON_TIME and len(wire(id, cut)) > 1:
        wanted.append(expected(VECTORS[id]))
    assert chromium_received[id][0] in wanted


@pytest.mark.parametrize("id", CHROMIUM_DIFFERENCES)
def test_each_named_difference_is_one(id: str) -> None:
    differs, _ = CHROMIUM_DIFFERENCES[id]
    assert replace(expected(VECTORS[id]), **differs) != expected(VECTORS[id])


@pytest.mark.parametrize("id", VECTORS)
def test_rtlab_receives_what_the_vector_says(id: str, rtlab_received: Any) -> None:
    assert rtlab_received[id][0] == expected(VECTORS[id])


@pytest.mark.parametrize("id", VECTORS)
def test_both_report_the_same_reason(id: str, chromium_received: Any, rtlab_received: Any) -> None:
    assert chromium_received[id][1] == rtlab_received[id][1]
