"""Send numbered events over WebSocket, surviving faults: resuming, heartbeat, login, bounded memory, close codes.

Each listener reads the events at its own pace and from its own place, so a slow one costs nothing but its turn.
A client begins with {"after": last number or null, "every": 1}; each answer is {"id": number, "data": event}.
"""

import asyncio
import hmac
import json
import time

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.options import define, options, parse_command_line
from tornado.web import Application, HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

define("port", 0, help="0 lets the system choose")
define("epoch", time.time(), help="event n is due n / rate seconds after it, whoever serves it")
define("rate", 20.0, help="events a second")
define("padding", 0, help="further characters in each event")
define("token", "", help="who knows it may listen")

KEPT = 1_000  # a listener that is further behind than this loses events
HEARTBEAT_S = 0.5


def latest():
    """Tell the newest event's number. This and event() stand for a database, which outlives the server."""
    return int((time.time() - options.epoch) * options.rate)


def event(number):
    return {"number": number, "padding": "x" * options.padding}


class Events(WebSocketHandler):
    sending = None

    def prepare(self):
        told = self.request.headers.get("Authorization", "")
        if not hmac.compare_digest(told.encode(), f"Bearer {options.token}".encode()):
            raise HTTPError(401)

    def on_message(self, message):
        if self.sending:
            self.close(1008, "one greeting is enough")
            return
        try:
            greeting = json.loads(message)
            every, after = int(greeting["every"]), greeting["after"]
            number = latest() if after is None else int(after)
        except (ValueError, TypeError, KeyError):
            self.close(1007, "not a greeting")
            return
        self.sending = asyncio.create_task(self.send_from(number, every))

    async def send_from(self, number, every):
        try:
            while True:
                number = max(number, latest() - KEPT) + 1
                while latest() < number:
                    due_s = options.epoch + number / options.rate - time.time()
                    await asyncio.sleep(max(due_s, 0.001))
                if number % every == 0:
                    await self.write_message({"id": number, "data": event(number)})
        except WebSocketClosedError:
            pass
        except Exception:
            self.close(1011, "the server failed")
            raise

    def on_close(self):
        if self.sending:
            self.sending.cancel()


async def main():
    parse_command_line()
    sockets = bind_sockets(options.port, "127.0.0.1")
    settings = {"websocket_ping_interval": HEARTBEAT_S, "websocket_ping_timeout": HEARTBEAT_S}
    HTTPServer(Application([("/events", Events)], **settings)).add_sockets(sockets)
    print(json.dumps({"port": sockets[0].getsockname()[1]}), flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
