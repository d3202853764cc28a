"""The clients of the status matrix, each used as its own manual shows it.

A use goes on until the client is over: it returns if the client ends without a word, and raises what the client
raises. Who blocks is run on a thread; who does not is cancelled when it has been watched for long enough.

None of them may use the proxy that the environment names: the servers are on this machine, or nowhere.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from rtlab.clients.client import Client
from rtlab.clients.event_source import EventSource
from rtlab.clients.websocket import WebSocket
from rtlab.experiments.situations import RETRY_MS, Protocol

_TIMEOUT_S = 10.0
_LOOK_S = 0.01
_ACCEPT = {"Accept": "text/event-stream"}

Got = Callable[[str], None]
"""Called with each message that the program gets."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One client.

    Attributes:
        name: Such as ``"rtlab EventSource"``.
        protocol: What it speaks.
        use: Takes a URL and a :data:`Got`.
        blocks: Whether the use blocks its thread.
        modules: The import names that it needs.
    """

    name: str
    protocol: Protocol
    use: Callable[[str, Got], Awaitable[None] | None]
    blocks: bool = True
    modules: tuple[str, ...] = ()

    @property
    def installed(self) -> bool:
        """True if it can be used here."""
        for name in self.modules:
            with suppress(ImportError):
                importlib.import_module(name)
                continue
            return False
        return True


async def _rtlab_event_source(url: str, got: Got) -> None:
    source = EventSource(url, on_received=lambda message: got(str(message.data)))
    source.reconnection_ms = RETRY_MS  # a refusal carries no stream that could set it
    await _rtlab(source)


async def _rtlab_websocket(url: str, got: Got) -> None:
    await _rtlab(WebSocket(url, on_received=lambda message: got(str(message.data))))


async def _rtlab(client: Client) -> None:
    try:
        await client.start(_TIMEOUT_S)
        while not client.ended:
            await asyncio.sleep(_LOOK_S)
        raise client.ended.__cause__ or client.ended
    finally:
        await client.finish(1.0)


def _sseclient_py(url: str, got: Got) -> None:
    requests: Any = importlib.import_module("requests")
    sseclient: Any = importlib.import_module("sseclient")
    with requests.Session() as session:
        session.trust_env = False
        with session.get(url, stream=True, headers=_ACCEPT, timeout=_TIMEOUT_S) as response:
            for event in sseclient.SSEClient(response).events():
                got(event.data)


def _httpx_sse(url: str, got: Got) -> None:
    httpx: Any = importlib.import_module("httpx")
    library: Any = importlib.import_module("httpx_sse")
    settings = {"timeout": _TIMEOUT_S, "trust_env": False}
    with httpx.Client(**settings) as client, library.connect_sse(client, "GET", url) as source:
        for event in source.iter_sse():
            got(event.data)


async def _aiohttp_sse_client2(url: str, got: Got) -> None:
    aiohttp: Any = importlib.import_module("aiohttp")
    library: Any = importlib.import_module("aiohttp_sse_client2.client")
    logging.getLogger(library.__name__).addHandler(logging.NullHandler())  # or each refusal is printed
    settings = {"reconnection_time": timedelta(milliseconds=RETRY_MS)}
    # The library does not close a session of its own after a refusal.
    async with aiohttp.ClientSession() as session, library.EventSource(url, session=session, **settings) as source:
        async for event in source:
            got(event.data)


def _launchdarkly_eventsource(url: str, got: Got) -> None:
    library: Any = importlib.import_module("ld_eventsource")
    client = library.SSEClient(url, initial_retry_delay=RETRY_MS / 1000)
    try:
        for event in client.events:
            got(event.data)
    finally:
        client.close()


def _websocket_client(url: str, got: Got) -> None:
    websocket: Any = importlib.import_module("websocket")
    socket = websocket.create_connection(url, timeout=_TIMEOUT_S, http_no_proxy=["*"])
    try:
        while True:
            if message := socket.recv():  # empty after a close frame; the next call raises
                got(message)
    finally:
        socket.close()


async def _websockets(url: str, got: Got) -> None:
    library: Any = importlib.import_module("websockets.asyncio.client")
    knows_proxies = "proxy" in inspect.signature(library.connect).parameters  # since its version 15
    direct = {"proxy": None} if knows_proxies else {}
    async with library.connect(url, open_timeout=_TIMEOUT_S, **direct) as socket:
        while True:
            got(await socket.recv())


SUBJECTS = (
    Subject("rtlab EventSource", "sse", _rtlab_event_source, blocks=False),
    Subject("sseclient-py", "sse", _sseclient_py, modules=("sseclient", "requests")),
    Subject("httpx-sse", "sse", _httpx_sse, modules=("httpx", "httpx_sse")),
    Subject(
        "aiohttp-sse-client2",
        "sse",
        _aiohttp_sse_client2,
        blocks=False,
        modules=("aiohttp", "aiohttp_sse_client2.client"),
    ),
    Subject("launchdarkly-eventsource", "sse", _launchdarkly_eventsource, modules=("ld_eventsource",)),
    Subject("rtlab WebSocket", "websocket", _rtlab_websocket, blocks=False),
    Subject("websocket-client", "websocket", _websocket_client, modules=("websocket",)),
    Subject("websockets", "websocket", _websockets, blocks=False, modules=("websockets.asyncio.client",)),
)
"""All clients, in the order in which tables and figures show them."""
