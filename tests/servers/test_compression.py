"""permessage-deflate (RFC 7692) over real sockets; the clients are raw, and zlib reads what comes."""

import json
import random
import zlib

import pytest

from rtlab.codecs.deflate import Deflater
from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.codecs.websocket_frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT
from rtlab.errors import InputError
from rtlab.servers.guards import Guards
from rtlab.servers.lab import start_lab

pytestmark = pytest.mark.usefixtures("known_epoch")

OFFER = "permessage-deflate; client_max_window_bits"
ALONE = "permessage-deflate; server_no_context_takeover"
RESUME = "Sec-WebSocket-Protocol: rtlab.v1"
TAIL = b"\x00\x00\xff\xff"
SENTENCE = "Every message of this stream looks like the one before, number "


class Reader:
    """Reads the frames of one connection with zlib alone, so that what was agreed on is what was sent."""

    def __init__(self, client, *, bits=15, keeps_context=True):
        self.client = client
        self._bits = bits
        self._keeps_context = keeps_context
        self._stream = zlib.decompressobj(-bits)

    def next(self):
        """Read one message: its text and the length of its payload."""
        frame = self.client.frame()
        assert (frame.opcode, frame.rsv1, frame.fin) == (TEXT, True, True)
        text = self._stream.decompress(frame.payload + TAIL).decode()
        if not self._keeps_context:
            self._stream = zlib.decompressobj(-self._bits)
        return text, len(frame.payload)

    def texts(self, count):
        return [self.next()[0] for _ in range(count)]


@pytest.fixture
def connect(raw):
    """Open a WebSocket with an offer, and give it with the server's answer."""

    def open_one(lab, offer=OFFER, target="/echo", *headers):
        client = raw(lab)
        fields = [f"Sec-WebSocket-Extensions: {value}" for value in ([offer] if isinstance(offer, str) else offer)]
        client.ask_upgrade(target, *fields, *headers)
        status, answer = client.head()
        assert status == 101
        return client, answer.get("sec-websocket-extensions")

    return open_one


@pytest.fixture(params=[False, True], ids=["plain", "tls"])
def any_lab(request, make_lab):
    """A lab that compresses, once for each carrier."""
    return make_lab(tls=request.param, compression=True)


def deflate(*parts, final=False):
    """Compress a message, one fragment a part, without the code under test."""
    stream = zlib.compressobj(wbits=-15)
    payloads = [stream.compress(part) + stream.flush(zlib.Z_SYNC_FLUSH) for part in parts]
    return [*payloads[:-1], payloads[-1][:-4]]


# The opening handshake.


def test_a_lab_does_not_compress_unless_it_is_told_to(lab, connect):
    _, answer = connect(lab)
    assert answer is None


@pytest.mark.parametrize(
    ("compression", "offer", "answer"),
    [
        (True, OFFER, "permessage-deflate"),
        (True, "permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=10"),
        (True, ["x-other", "permessage-deflate; x, permessage-deflate"], "permessage-deflate"),
        (True, ["permessage-deflate; server_max_window_bits=16", ALONE], ALONE),
        (True, "permessage-deflate; server_max_window_bits=08", None),
        (True, "x-webkit-deflate-frame", None),
        (
            DeflateOptions(server_no_context_takeover=True, client_max_window_bits=9),
            OFFER,
            "permessage-deflate; server_no_context_takeover; client_max_window_bits=9",
        ),
        (DeflateOptions(client_max_window_bits=9), "permessage-deflate", None),
    ],
)
def test_the_answer_says_what_was_agreed_on(make_lab, connect, compression, offer, answer):
    client, got = connect(make_lab(compression=compression), offer)
    assert got == answer
    client.send_text("hello")
    frame = client.frame()
    assert frame.rsv1 is (answer is not None)


def test_a_malformed_header_is_refused_with_400(make_lab, raw):
    client = raw(make_lab(compression=True))
    client.ask_upgrade("/echo", "Sec-WebSocket-Extensions: permessage-deflate;")
    status, _, body = client.answer()
    assert (status, body) == (400, b"Sec-WebSocket-Extensions is malformed. (RFC 6455 9.1)\n")


# Messages.


@pytest.mark.parametrize("keeps_context", [True, False])
def test_a_compressed_message_comes_back_compressed(any_lab, connect, keeps_context):
    client, _ = connect(any_lab, OFFER if keeps_context else ALONE)
    reader = Reader(client, keeps_context=keeps_context)
    sizes = []
    for _ in range(3):
        client.send_frame(TEXT, deflate(SENTENCE.encode())[0], rsv1=True)
        text, size = reader.next()
        assert text == SENTENCE
        sizes.append(size)
    assert (max(sizes[1:]) < sizes[0] / 4) is keeps_context


def test_messages_may_come_uncompressed_empty_and_in_fragments_with_a_ping_in_between(any_lab, connect):
    client, _ = connect(any_lab)
    reader = Reader(client)
    client.send_text("plain")
    client.send_frame(TEXT, b"\x00", rsv1=True)
    assert reader.texts(2) == ["plain", ""]
    one, two, three = deflate(b"one ", b"", b"two")
    client.send_frame(TEXT, one, fin=False, rsv1=True)
    client.send_frame(CONTINUATION, two, fin=False)
    client.send_frame(PING, b"now")
    client.send_frame(CONTINUATION, three)
    frame = client.frame()
    assert (frame.opcode, frame.rsv1, frame.payload) == (PONG, False, b"now")
    assert reader.texts(1) == ["one two"]


def test_binary_messages_are_compressed_too(any_lab, connect):
    client, _ = connect(any_lab)
    client.send_frame(BINARY, deflate(bytes(100_000))[0], rsv1=True)
    frame = client.frame()
    assert (frame.opcode, frame.rsv1) == (BINARY, True)
    assert len(frame.payload) < 200
    assert zlib.decompressobj(-15).decompress(frame.payload + TAIL) == bytes(100_000)


def test_the_server_keeps_to_the_window_that_the_client_asked_for(make_lab, connect):
    client, _ = connect(make_lab(compression=True), "permessage-deflate; server_max_window_bits=9")
    noise = random.Random(1).randbytes(400).hex()
    reader = Reader(client)
    client.send_text(noise * 3)
    text, size = reader.next()
    assert text == noise * 3
    assert size > 1_000  # nothing repeats within 512 bytes, so nothing but the alphabet is saved


# What is refused.


@pytest.mark.parametrize(
    ("opcode", "payload", "code"),
    [
        pytest.param(TEXT, b"\xff\xff\xff\xff", 1007, id="no deflate stream"),
        pytest.param(TEXT, b"", 1007, id="no deflate stream at all"),
        pytest.param(TEXT, deflate(b"\xff")[0], 1007, id="no UTF-8"),
        pytest.param(PING, b"\x00", 1002, id="a compressed ping"),
        pytest.param(BINARY, deflate(bytes(1 << 22))[0], 1009, id="4 MiB in 4 KB"),
    ],
)
def test_a_bad_compressed_message_fails_the_connection(any_lab, connect, opcode, payload, code):
    client, _ = connect(any_lab)
    client.send_frame(opcode, payload, rsv1=True)
    assert client.close_code() == code
    assert client.read_to_end() == b""
    assert [line.text for line in any_lab.log if line.level == "error"] == []


def test_the_limit_of_the_guards_holds_for_the_restored_message(make_lab, connect):
    lab = make_lab(compression=True, guards=Guards(max_message_bytes=1_000))
    client, _ = connect(lab)
    client.send_frame(BINARY, deflate(bytes(1_000))[0], rsv1=True)
    assert client.frame().opcode == BINARY
    client.send_frame(BINARY, deflate(bytes(1_001))[0], rsv1=True)
    assert client.close_code() == 1009


# Channels.


def test_every_subscriber_reads_every_message_whatever_it_agreed_to(any_lab, connect, raw, until):
    stream = raw(any_lab).open_stream("/sse/news")
    offers = {
        "own window": (OFFER, Reader),
        "own window too": (OFFER, Reader),
        "small window": ("permessage-deflate; server_max_window_bits=9", Reader),
        "alone": (ALONE, lambda client: Reader(client, keeps_context=False)),
        "alone too": (ALONE, lambda client: Reader(client, keeps_context=False)),
    }
    readers = {}
    for name, (offer, reader) in offers.items():
        client, answer = connect(any_lab, offer, "/ws/news")
        assert answer
        readers[name] = reader(client)
    plain = raw(any_lab).open_websocket("/ws/news")
    until(lambda: len(any_lab.connections) == 7)

    texts = [SENTENCE + str(number) for number in range(20)]
    for text in texts[:10]:
        any_lab.publish(text)
    late, _ = connect(any_lab, OFFER, "/ws/news")
    until(lambda: len(any_lab.connections) == 8)
    late.send_text(texts[10])
    until(lambda: any_lab.server.channel("news").last_number == 11)
    for text in texts[11:]:
        any_lab.publish(text)

    for reader in readers.values():
        assert reader.texts(20) == texts
    assert Reader(late).texts(10) == texts[10:]
    assert [plain.frame().payload.decode() for _ in texts] == texts
    assert [stream.chunk() for _ in texts][-1].endswith(f"data: {texts[-1]}\n\n".encode())


def test_a_message_is_compressed_once_for_those_without_a_context_and_once_for_each_with_one(
    make_lab, connect, until, monkeypatch
):
    deflated = []
    original = Deflater.deflate

    def count(self, piece, *, is_last=True):
        deflated.append(self)
        return original(self, piece, is_last=is_last)

    lab = make_lab(compression=True)
    alone = [connect(lab, ALONE, "/ws/news")[0] for _ in range(5)]
    own = [connect(lab, OFFER, "/ws/news")[0] for _ in range(2)]
    until(lambda: len(lab.connections) == 7)
    monkeypatch.setattr(Deflater, "deflate", count)
    for _ in range(2):
        lab.publish(SENTENCE)
        lab.publish(SENTENCE)
    frames = [[client.frame().payload for _ in range(4)] for client in alone]
    assert frames == [[frames[0][0]] * 4] * 5
    for client in own:
        first, *later = [client.frame().payload for _ in range(4)]
        assert all(len(payload) < len(first) for payload in later)
    assert len(deflated) == 4 * (1 + 2)
    assert len(set(deflated)) == 1 + 2


def test_what_was_missed_and_what_follows_share_one_window(any_lab, connect):
    texts = [SENTENCE + str(number) for number in range(6)]
    for text in texts[:3]:
        any_lab.publish(text)
    client, _ = connect(any_lab, OFFER, "/ws/news", RESUME)
    reader = Reader(client)
    client.send_frame(TEXT, deflate(b"last-event-id: 0")[0], rsv1=True)
    assert reader.texts(3) == [f"id: k3f9-{number}\n\n{text}" for number, text in enumerate(texts[:3], 1)]
    for text in texts[3:]:
        any_lab.publish(text)
    assert reader.texts(3) == [f"id: k3f9-{number}\n\n{text}" for number, text in enumerate(texts[3:], 4)]


def test_a_subscriber_that_is_closing_keeps_no_message_from_the_others(make_lab, connect, until):
    lab = make_lab(compression=True)
    leaving, _ = connect(lab, OFFER, "/ws/news")
    staying, _ = connect(lab, OFFER, "/ws/news")
    until(lambda: len(lab.connections) == 2)
    leaving.send_frame(CLOSE, b"\x03\xe8")
    assert leaving.close_code() == 1000  # and the line is still half open
    lab.publish("on and on")
    assert Reader(staying).texts(1) == ["on and on"]
    assert [line.text for line in lab.log if line.level == "error"] == []


# Switching it on.


def test_true_means_the_default_options(unique_name):
    with start_lab(unique_name, compression=True) as lab:
        assert start_lab(unique_name, compression=DeflateOptions()) is lab
        other = start_lab(unique_name, compression=DeflateOptions(level=1))
        assert other is not lab
        assert not lab.running
        other.stop()


def test_an_isolated_lab_compresses_as_told(make_lab, connect):
    lab = make_lab(isolated=True, compression=DeflateOptions(server_max_window_bits=11, level=9))
    client, answer = connect(lab, OFFER)
    assert answer == "permessage-deflate; server_max_window_bits=11"
    client.send_text("hello")
    assert Reader(client).texts(1) == ["hello"]


def test_rtlab_serve_compresses_when_asked_to(python, connect):
    process = python("-m", "rtlab", "serve", "--compress")
    port = json.loads(process.stdout.readline())["port"]
    _, answer = connect(port, OFFER)
    assert answer == "permessage-deflate"
    process.terminate()
    assert process.communicate(timeout=30)[1] == ""


def test_options_out_of_range_are_refused_before_anything_starts():
    with pytest.raises(InputError, match="level is a whole number from 1 to 9"):
        DeflateOptions(level=0)
