"""Lose all clients at once, stay down for a while, and take them back: what a restart looks like to a herd.

/socket is a WebSocket. /events is an event stream that tells each client to come back after a time of its own, at
random from --soonest to --latest. /cut?down=1.5 breaks every connection and resets all that come meanwhile.
"""

import asyncio
import json
import random
import socket
import struct
import time

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.options import define, options, parse_command_line
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler

define("soonest", 0.5, help="seconds after which an event stream lets the first client come back")
define("latest", 2.5, help="and the last one")
define("backlog", 1024, help="how many may wait to be accepted")

RESET = struct.pack("ii", 1, 0)
streams = set()
state = {"up_at": 0.0}


def reset(stream):
    stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    stream.close()


class Door(HTTPServer):
    def handle_stream(self, stream, address):
        if time.perf_counter() < state["up_at"]:
            reset(stream)
        else:
            super().handle_stream(stream, address)


class Socket(WebSocketHandler):
    def open(self):
        self.own = self.ws_connection.stream
        streams.add(self.own)

    def on_close(self):
        streams.discard(self.own)


class Events(RequestHandler):
    async def get(self):
        self.own = self.request.connection.stream
        streams.add(self.own)
        self.set_header("Content-Type", "text/event-stream")
        self.write(f"retry: {round(1000 * random.uniform(options.soonest, options.latest))}\n\n")
        self.flush()
        await asyncio.Event().wait()

    def on_connection_close(self):
        streams.discard(self.own)


class Cut(RequestHandler):
    def get(self):
        cut_ns = time.perf_counter_ns()
        state["up_at"] = time.perf_counter() + float(self.get_argument("down"))
        for stream in list(streams):
            reset(stream)
        self.write({"cut_ns": cut_ns})


async def main():
    parse_command_line()
    sockets = bind_sockets(0, "127.0.0.1", backlog=options.backlog)
    paths = [("/socket", Socket), ("/events", Events), ("/cut", Cut)]
    Door(Application(paths, log_function=lambda handler: None)).add_sockets(sockets)
    print(json.dumps({"port": sockets[0].getsockname()[1], "backlog": options.backlog}), flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
