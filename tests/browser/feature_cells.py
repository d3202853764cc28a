"""The code of the notebook in which the features of ``features.py`` are asked for."""

from __future__ import annotations

_CELLS = (
    # Made, shown and used in one cell: the page must obey before the cell has ended.
    """
import asyncio, threading
import rtlab
from rtlab.loop_thread import shared
from rtlab.servers.guards import Guarded
from rtlab.servers.websocket import WebSocketPeer

if "lab" in globals():
    lab.stop()  # of the other route
else:
    check = Guarded.check
asked_with = []
def note_headers(exchange):
    asked_with.append(exchange.request)
    check(exchange)
Guarded.check = note_headers

lab = rtlab.start_lab("features", retry_ms=100)
page = rtlab.browser_lab(lab, HOW)
socket = page.websocket("echo")
socket.wait("open", timeout_s=60)
socket.send("in one cell")
in_one_cell = [socket.wait("message", timeout_s=60)[0].data, page.route]
""",
    """
answer = socket.send("in a blocking cell").result()
blocking = [socket.wait("message", 2, timeout_s=60)[1].data, len(answer["buffered"]) >= 2, socket.look()]
""",
    """
seen = await page.ask("facts")
awaited = [seen["route"], "EventSource" in seen["has"]]
""",
    """
called = threading.Event()
def take(answer):
    came = answer.result()
    by_callback.extend([came["route"], threading.current_thread().name])
    called.set()
by_callback = []
page.ask("facts").add_done_callback(take)
called.wait(60)
""",
    """
def close_and_look(connection):
    connection.close()
    try:
        connection.wait("never", timeout_s=60)
    except rtlab.errors.ConnectionEnded:
        pass
    return connection.ended

def until_gone(transport, channel=""):
    for _ in range(3000):
        if not [one for one in lab.connections if one.transport == transport and channel in one.channel]:
            return True
        threading.Event().wait(0.01)

def stream():
    source = page.event_source(types=["alarm"])
    source.wait("open", timeout_s=60)
    ids = [lab.publish("one"), lab.publish("zwölf 😀\\nlines", event="alarm")]
    came = source.wait("message", 2, timeout_s=60)
    told = [(one.type, one.data, one.id in ids, one.size_bytes, one.state) for one in came]
    return told, source.route, close_and_look(source), until_gone("sse")

def text_and_binary():
    socket.send("täxt").result()
    blob = bytes(range(256))
    socket.send(blob).result()
    other = page.websocket("echo", binary_type="arraybuffer")
    other.wait("open", timeout_s=60)
    other.send("first").result()
    other.send(blob).result()
    other.send(bytes(200_000)).result()
    text, small, large = other.wait("message", 3, timeout_s=60)
    close_and_look(other)
    return text.data, small.data == blob, small.form, large.size_bytes, len(large.data)

def fetched(headers):
    answer = page.fetch(headers=headers)
    for _ in range(3000):  # the proxy hides the head, too
        if lab.connections and any(one.transport == "sse" for one in lab.connections):
            break
        threading.Event().wait(0.01)
    lab.publish("at once")
    try:
        answer.wait("open", timeout_s=5)
        for count in range(1, 10):
            answer.wait("chunk", count, timeout_s=5)
            if "at once" in "".join(one.data for one in answer.messages):
                came = "during"
                break
    except rtlab.errors.WaitTimeout:
        came = "not during"
    lab.cut()
    close_and_look(answer)
    return came, until_gone("sse")

def peer_of(channel):
    async def find():
        return [peer for peer in lab.server.peers() if peer.channel == channel and isinstance(peer, WebSocketPeer)]
    for _ in range(3000):  # the proxy tells the page that it is open before the lab has heard of it
        if found := shared.call(find, 30):
            return found[-1]
        threading.Event().wait(0.01)

def closed_by_server():
    one = page.websocket("codes")
    one.wait("open", timeout_s=60)
    shared.loop.call_soon_threadsafe(peer_of("codes").fail, 4123, "because")
    close, = one.wait("close", timeout_s=60)
    return close.code, close.reason, close.was_clean

def closed_by_page():
    one = page.websocket("page.codes")
    one.wait("open", timeout_s=60)
    peer_of("page.codes")
    one.close(code=3500, reason="done")
    one.wait("close", timeout_s=60)
    until_gone("websocket", channel="page.codes")
    return [line.text.partition(": ")[2] for line in lab.log if "page.codes: client closed" in line.text]

def sub_protocol():
    one = page.websocket("news", protocols=["foo", "rtlab.v1"])
    opened, = one.wait("open", timeout_s=60)
    close_and_look(one)
    return opened.protocol

def compressed():
    other = rtlab.start_lab("features, compressed", compression=True)
    with other:
        one = page.websocket("echo", lab=other)
        opened, = one.wait("open", timeout_s=60)
        one.send("x" * 1000).result()
        came = one.wait("message", timeout_s=60)[0].size_bytes
        close_and_look(one)
    return opened.extensions.split(";")[0], came

def resumed():
    source = page.event_source("cut")
    source.wait("open", timeout_s=60)
    last = lab.publish("before", channel="cut")
    source.wait("message", timeout_s=60)
    lab.cut("cut")
    lab.publish("meanwhile", channel="cut")
    came = [one.data for one in source.wait("message", 2, timeout_s=60)]
    named = [one.headers.get("Last-Event-ID") for one in asked_with if "/sse/cut" in one.uri]
    states = [one.state for one in source.events if one.kind != "message"]
    close_and_look(source)
    return came, named == [None, last], states

def fifth():
    opened, refused = [], ""
    for number in range(5):
        try:
            opened.append(page.event_source(f"many{number}"))
        except rtlab.errors.InputError as error:
            refused = str(error)
    for source in opened:
        source.wait("open", timeout_s=60)
    states = [source.state for source in opened]
    ended = [close_and_look(source) != "" for source in opened]
    return states, ended, "4 streams" in refused, until_gone("sse")

def headers():
    source = page.event_source("headers")
    source.wait("open", timeout_s=60)
    close_and_look(source)
    head = [one.headers for one in asked_with if "/sse/headers" in one.uri][-1]
    own = f"127.0.0.1:{lab.port}"
    return head.get("Host") == own, "X-Forwarded-Prefix" in head

def lab_gone():
    other = rtlab.start_lab("features, gone", retry_ms=100)
    source = page.event_source(lab=other)
    source.wait("open", timeout_s=60)
    other.stop()
    source.wait("error", 2, timeout_s=60)
    states = sorted({one.state for one in source.events if one.kind == "error"})
    close_and_look(source)
    return states[-1]
""",
)


def cells(**how: str) -> list[str]:
    """Give the code of a notebook that the features need.

    Args:
        how: How to call ``browser_lab()``.
    """
    told = ", ".join(f"{name}={value!r}" for name, value in how.items())
    return [cell.replace("HOW", told).strip() for cell in _CELLS]
