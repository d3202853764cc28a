"""Clients that take their time: one that never ends its request, one that does not read what it asked for.

Each costs its owner nothing and the server a connection; the second one perhaps memory without end.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

from rtlab import clock
from rtlab.clients.wire import Address, Wire, trusting
from rtlab.codecs.http1 import RequestHead, encode_request_head
from rtlab.errors import ConnectionFailed
from rtlab.probes.examination import Examination

_STEP_S = 1.0
_PATIENT_S = 30.0
"""A server may wait so long for the rest of a head."""
_RECEIVE_BUFFER_BYTES = 4_096
_ENOUGH_BYTES = 1_048_576
"""Less may lie in the operating system's own buffers."""
_MUCH_BYTES = 8_388_608
_CATCHING_UP_S = 3.0
_MOST_READ_BYTES = 268_435_456


def slow_head_s(seconds: float) -> float:
    """Tell how long a request is dragged out.

    Args:
        seconds: How long the probe listens.
    """
    return min(40.0, max(3.0, seconds))


def slow_reader_s(seconds: float) -> float:
    """Tell how long nothing is read."""
    return min(10.0, max(2.0, seconds))


async def try_slow_head(examination: Examination) -> None:
    """Begin a request and never end it.

    Args:
        examination: What is under examination.
    """
    address = examination.address
    began_ns = clock.now_ns()
    try:
        wire = await Wire.open(
            address, examination.traffic, ca_pem=examination.ca_pem, timeout_s=examination.answer_s
        )
    except ConnectionFailed:
        return
    limit_s = slow_head_s(examination.seconds)
    try:
        async with asyncio.timeout(limit_s):
            wire.write(f"GET {address.target} HTTP/1.1\r\nHost: {address.host_header}\r\nX-Rtlab-Probe: ".encode())
            reading = asyncio.create_task(_until_over(wire))
            try:
                while not reading.done():
                    wire.write(b"x")
                    await asyncio.wait([reading], timeout=_STEP_S)
            finally:
                reading.cancel()
    except TimeoutError:
        said = f"half a request, a byte each second: still open after {limit_s:g} s"
        examination.note("HTTP-SLOW-HEAD", "warning" if limit_s >= _PATIENT_S else "info", said)
    else:
        said = f"half a request: closed after {examination.since_ms(began_ns) / 1e3:.1f} s"
        examination.note("HTTP-SLOW-HEAD", "fine", said)
    finally:
        wire.abort()


async def _until_over(wire: Wire) -> None:
    while (await wire.read())[0]:
        pass


async def try_slow_reader(examination: Examination, request: RequestHead) -> None:
    """Ask twice at the same time, and read only one of the answers.

    Args:
        examination: What is under examination.
        request: A request that is answered well.
    """
    seconds = slow_reader_s(examination.seconds)
    data = encode_request_head(
        request if request.get("Host") else _with_host(request, examination.address.host_header)
    )
    try:
        eager, eager_writer = await _connect(examination, data)
    except OSError:
        return
    try:
        lazy, lazy_writer = await _connect(examination, data, small=True)
        try:
            usual = await _read_for(eager, seconds)
            late, is_dropped = await _catch_up(lazy, max(usual, _ENOUGH_BYTES))
        finally:
            lazy_writer.transport.abort()
    except OSError:
        return
    finally:
        eager_writer.transport.abort()
    examination.facts["slow_reader_kept_bytes"] = late
    said = f"nothing read for {seconds:g} s, while {usual:,} bytes came elsewhere; then {late:,} bytes came"
    if is_dropped:
        examination.note("SLOW-READER", "fine", f"{said}, and the line was cut")
    elif usual < _ENOUGH_BYTES:
        examination.note("SLOW-READER-UNTOLD", "info", said)
    elif late >= _MUCH_BYTES and late >= usual / 2:
        examination.note("SLOW-READER", "warning", said)
    else:
        examination.note("SLOW-READER", "fine", said)


async def _connect(
    examination: Examination, data: bytes, *, small: bool = False
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect and ask; with a small buffer, little fits on the way."""
    address = examination.address
    async with asyncio.timeout(examination.answer_s):
        line = await _dial(address, small=small)
        examination.traffic.connections += 1
        try:
            # The reader takes no more than twice its limit.
            reader, writer = await asyncio.open_connection(
                sock=line,
                limit=_RECEIVE_BUFFER_BYTES,
                ssl=trusting(examination.ca_pem) if address.secure else None,
                server_hostname=address.host if address.secure else None,
            )
        except BaseException:
            line.close()
            raise
    writer.write(data)
    return reader, writer


async def _dial(address: Address, *, small: bool) -> socket.socket:
    """Connect to the first address of a host that answers; ``localhost`` often has one where no server is."""
    loop = asyncio.get_running_loop()
    refusal = OSError(f"{address.host} has no address")
    for family, kind, _, _, place in await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM):
        line = socket.socket(family, kind)
        try:
            line.setblocking(False)
            if small:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
            await loop.sock_connect(line, place)
            return line
        except OSError as error:
            line.close()
            refusal = error
        except BaseException:
            line.close()
            raise
    raise refusal


async def _read_for(reader: asyncio.StreamReader, seconds: float) -> int:
    """Read for a while; tell how much came."""
    count = 0
    with suppress(TimeoutError, OSError):
        async with asyncio.timeout(seconds):
            while count < _MOST_READ_BYTES and (data := await reader.read(65_536)):
                count += len(data)
            await asyncio.sleep(seconds)
    return count


async def _catch_up(reader: asyncio.StreamReader, most: int) -> tuple[int, bool]:
    """Read what has waited; tell how much, and whether the line ends then."""
    count = 0
    try:
        async with asyncio.timeout(_CATCHING_UP_S):
            while count < most:
                data = await reader.read(65_536)
                if not data:
                    return count, True
                count += len(data)
    except TimeoutError:
        return count, False
    except OSError:
        return count, True
    return count, False


def _with_host(request: RequestHead, host: str) -> RequestHead:
    return RequestHead(request.method, request.target, (("Host", host), *request.headers))
