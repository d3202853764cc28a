"""What exhausts a server: refused by a lab, taken by servers without limits; on this machine alone."""

from __future__ import annotations

import asyncio
import re
from functools import partial

import pytest
import tornado.websocket

from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.codecs.websocket_frames import CLOSE, encode_frame
from rtlab.codecs.websocket_handshake import accept_key
from rtlab.errors import InputError
from rtlab.loop_thread import shared
from rtlab.probes import head_limit, message_limit, slow_clients
from rtlab.probes.compression import compressing_bytes, deflate_bytes, restoring_bytes
from rtlab.probes.examination import CannotGoOn, Examination
from rtlab.probes.following import stream_request
from rtlab.probes.intrusion import examine_rudely
from rtlab.probes.slow_clients import try_slow_head, try_slow_reader
from rtlab.results.probe import probe
from rtlab.servers.guards import Guards

from .planted import STREAM_HEAD, ids, publishing

LIMITS = {"WS-LIMIT", "WS-FRAGMENTS", "WS-BOMB"}


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send less than in earnest, and wait less."""
    monkeypatch.setattr(message_limit, "_MOST_SENT_BYTES", 4_194_304)
    monkeypatch.setattr(message_limit, "_ANSWER_S", 2.0)
    monkeypatch.setattr(head_limit, "_SIZES_BYTES", (4_096, 262_144))
    monkeypatch.setattr(slow_clients, "slow_head_s", lambda seconds: 0.5)
    monkeypatch.setattr(slow_clients, "slow_reader_s", lambda seconds: 0.7)
    monkeypatch.setattr(slow_clients, "_CATCHING_UP_S", 0.3)


class Boundless(tornado.websocket.WebSocketHandler):
    """Takes messages of any length, compressed, too."""

    def get_compression_options(self):
        return {}

    def on_message(self, message) -> None:
        self.close(1000)


class LimitedByFrame(asyncio.Protocol):
    """Refuses a first frame that is announced with more than a mebibyte, and takes all else."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.received = b""

    def data_received(self, data: bytes) -> None:
        if b"\r\n\r\n" not in self.received:
            self.received += data
            head, end, frames = self.received.partition(b"\r\n\r\n")
            if not end:
                return
            (key,) = re.findall(rb"Sec-WebSocket-Key: (\S+)", head)
            self.transport.write(
                b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + accept_key(key.decode()).encode() + b"\r\n\r\n"
            )
            data, self.first = frames, b""
        if len(self.first) < 10:
            self.first += data[:10]
            if self.first[1:2] == b"\xff" and int.from_bytes(self.first[2:10]) > 1 << 20:
                self.transport.write(encode_frame(CLOSE, (1009).to_bytes(2)))


class Pouring(asyncio.Protocol):
    """Sends events without looking whether anybody reads them, until it was sent so many bytes."""

    event = b"data: " + b"x" * 65_000 + b"\n\n"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(STREAM_HEAD)
        for _ in range(400):
            self.transport.write(self.event)


def on_loop(coroutine, timeout_s: float = 20.0):
    shared.hold()
    try:
        return shared.call(coroutine, timeout_s)
    finally:
        shared.release()


def evidence(found, rule: str) -> str:
    return next(each.evidence for each in found.findings if each.id == rule)


def test_a_lab_refuses_all_of_it(make_lab):
    lab = make_lab(compression=True)
    with publishing(lab):
        result = probe(lab.ws_url(), seconds=0.5, intrusive=True)
    assert ids(result) == set(), result
    assert LIMITS | {"HTTP-HEAD-LIMIT"} <= ids(result, "fine")
    assert result.facts["frame_taken_bytes"] == 1_048_576  # Guards.max_message_bytes
    for rule in LIMITS:
        assert "1009" in evidence(result, rule)


def test_an_event_stream_of_a_lab_stands_it_too(lab):
    with publishing(lab):
        result = probe(lab.sse_url(), seconds=0.5, intrusive=True)
    assert ids(result) == set(), result
    assert "HTTP-HEAD-LIMIT" in ids(result, "fine")
    assert {"HTTP-SLOW-HEAD", "SLOW-READER-UNTOLD"} <= ids(result, "info")


def test_without_being_asked_nothing_of_it_is_tried(make_lab):
    lab = make_lab(compression=True)
    found = ids(probe(lab.ws_url(), seconds=0.5), "error", "warning", "info", "fine")
    assert not found & {*LIMITS, "HTTP-HEAD-LIMIT", "HTTP-SLOW-HEAD", "SLOW-READER"}


@pytest.mark.measuring
def test_a_server_without_limits_is_found(served):
    result = probe(f"ws://{served(Boundless, websocket_max_message_size=1 << 42)}", seconds=0.5, intrusive=True)
    assert "WS-LIMIT" in ids(result, "warning")
    assert "4," in evidence(result, "WS-LIMIT")  # some 4 MiB were taken


@pytest.mark.measuring
def test_a_limit_of_frames_that_is_none_of_messages_is_found():
    async def examine() -> Examination:
        server = await asyncio.get_running_loop().create_server(LimitedByFrame, "127.0.0.1", 0)
        async with server:
            examination = Examination(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/", 0.5)
            await message_limit.try_message_limits(examination)
            return examination

    found = on_loop(examine)
    assert [(each.id, each.severity) for each in found.findings] == [
        ("WS-LIMIT", "fine"),
        ("WS-FRAGMENTS", "warning"),
    ]


@pytest.mark.measuring
def test_a_bomb_that_is_within_the_limit_of_the_server_is_taken(served, monkeypatch):
    monkeypatch.setattr(message_limit, "_MOST_SENT_BYTES", 8_388_608)
    result = probe(f"ws://{served(Boundless, websocket_max_message_size=5_000_000)}", seconds=0.5, intrusive=True)
    assert {"WS-LIMIT", "WS-FRAGMENTS", "WS-BOMB"} <= ids(result, "fine")
    examination = Examination(f"ws://{served(Boundless, websocket_max_message_size=20_000_000)}", 0.5)
    on_loop(partial(message_limit._try_bomb, examination))
    (finding,) = examination.findings
    assert (finding.id, finding.severity) == ("WS-BOMB", "warning")
    assert "8,388,608" in finding.evidence


def test_a_request_that_does_not_end_is_dropped_or_kept(make_lab, monkeypatch):
    monkeypatch.setattr(slow_clients, "slow_head_s", lambda seconds: 8.0)
    examination = Examination(make_lab(guards=Guards(header_timeout_s=0.2)).sse_url(), 0.5)
    on_loop(partial(try_slow_head, examination))
    assert [(each.id, each.severity) for each in examination.findings] == [("HTTP-SLOW-HEAD", "fine")]

    monkeypatch.setattr(slow_clients, "slow_head_s", lambda seconds: 0.3)
    monkeypatch.setattr(slow_clients, "_PATIENT_S", 0.3)
    examination = Examination(make_lab().sse_url(), 0.5)
    on_loop(partial(try_slow_head, examination))
    assert [(each.id, each.severity) for each in examination.findings] == [("HTTP-SLOW-HEAD", "warning")]


@pytest.mark.measuring
def test_a_server_that_keeps_all_for_a_slow_reader_is_found(monkeypatch):
    monkeypatch.setattr(slow_clients, "slow_reader_s", lambda seconds: 2.0)
    monkeypatch.setattr(slow_clients, "_CATCHING_UP_S", 10.0)

    async def examine() -> Examination:
        server = await asyncio.get_running_loop().create_server(Pouring, "127.0.0.1", 0)
        async with server:
            examination = Examination(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", 2.0)
            await try_slow_reader(examination, stream_request(examination))
            return examination

    examination = on_loop(examine)
    assert [(each.id, each.severity) for each in examination.findings] == [("SLOW-READER", "warning")]
    assert examination.facts["slow_reader_kept_bytes"] > 8_388_608


def test_a_lab_drops_a_slow_reader_or_keeps_little_for_it(lab):
    async def pour() -> Examination:
        examination = Examination(lab.sse_url(), 2.0)
        async with asyncio.TaskGroup() as group:
            probing = group.create_task(try_slow_reader(examination, stream_request(examination)))
            while not probing.done():
                for _ in range(10):
                    await lab.publish_soon("x" * 50_000, "news", "")
                await asyncio.sleep(0.01)
        return examination

    examination = on_loop(pour)
    assert [(each.id, each.severity) for each in examination.findings] == [("SLOW-READER", "fine")]


def test_a_slow_reader_reaches_a_server_at_one_of_the_addresses_of_a_name(lab):
    examination = Examination(lab.sse_url().replace("127.0.0.1", "localhost"), 0.5)
    on_loop(partial(try_slow_reader, examination, stream_request(examination)))
    assert [each.id for each in examination.findings] == ["SLOW-READER-UNTOLD"]


def test_another_machine_is_never_treated_so():
    for consent in (False, True):
        with pytest.raises(InputError, match="is not this machine"):
            probe("wss://app.example/", consent=consent, intrusive=True)
    with pytest.raises(CannotGoOn):
        on_loop(partial(examine_rudely, Examination("wss://app.example/", 1.0)))


def test_contexts_cost_what_zlib_takes_for_them():
    agreed = DeflateOptions(server_max_window_bits=10, client_max_window_bits=12)
    assert compressing_bytes(agreed) == (1 << 12) + (1 << 17)
    assert restoring_bytes(agreed) == 4_096 + 7_168
    assert deflate_bytes(DeflateOptions(True, False)) == restoring_bytes(DeflateOptions())


def test_tls_is_no_hindrance(make_lab):
    lab = make_lab(tls=True)
    examination = Examination(lab.sse_url(), 0.5, ca_pem=lab.ca_pem)
    on_loop(partial(try_slow_reader, examination, stream_request(examination)))
    assert [each.id for each in examination.findings] == ["SLOW-READER-UNTOLD"]
