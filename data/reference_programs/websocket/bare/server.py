"""Send numbered events to everybody who listens, over WebSocket: the least that works."""

import asyncio
import json
import time

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.options import define, options, parse_command_line
from tornado.web import Application
from tornado.websocket import WebSocketHandler

define("port", 0, help="0 lets the system choose")
define("epoch", time.time(), help="event n is due n / rate seconds after it, whoever serves it")
define("rate", 20.0, help="events a second")
define("padding", 0, help="further characters in each event")

listeners = {}


class Events(WebSocketHandler):
    def open(self):
        listeners[self] = 1

    def on_message(self, message):
        listeners[self] = int(json.loads(message)["every"])

    def on_close(self):
        listeners.pop(self, None)


async def main():
    parse_command_line()
    sockets = bind_sockets(options.port, "127.0.0.1")
    HTTPServer(Application([("/events", Events)])).add_sockets(sockets)
    print(json.dumps({"port": sockets[0].getsockname()[1]}), flush=True)
    number = int((time.time() - options.epoch) * options.rate)
    while True:
        number += 1
        await asyncio.sleep(options.epoch + number / options.rate - time.time())
        data = json.dumps({"number": number, "padding": "x" * options.padding})
        for listener, every in list(listeners.items()):
            if number % every == 0:
                listener.write_message(data)


asyncio.run(main())
