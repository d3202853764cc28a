"""Send numbered events as an event stream that survives faults: resuming, heartbeat, login, bounded memory.

Each listener reads the events at its own pace and from its own place, so a slow one costs nothing but its turn.
"""

import asyncio
import hmac
import json
import time

from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets
from tornado.options import define, options, parse_command_line
from tornado.web import Application, HTTPError, RequestHandler

define("port", 0, help="0 lets the system choose")
define("epoch", time.time(), help="event n is due n / rate seconds after it, whoever serves it")
define("rate", 20.0, help="events a second")
define("padding", 0, help="further characters in each event")
define("token", "", help="who knows it may listen")

KEPT = 1_000  # a listener that is further behind than this loses events
HEARTBEAT_S = 0.5
STUCK_S = 5.0


def latest():
    """Tell the newest event's number. This and event() stand for a database, which outlives the server."""
    return int((time.time() - options.epoch) * options.rate)


def event(number):
    return json.dumps({"number": number, "padding": "x" * options.padding})


class Events(RequestHandler):
    def prepare(self):
        told = self.request.headers.get("Authorization", "")
        if not hmac.compare_digest(told.encode(), f"Bearer {options.token}".encode()):
            raise HTTPError(401)

    async def get(self):
        every = int(self.get_argument("every", "1"))
        number = int(self.request.headers.get("Last-Event-ID") or latest())
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-store")
        await self.say("retry: 500\n\n")
        while True:
            number = max(number, latest() - KEPT) + 1
            while latest() < number:
                due_s = options.epoch + number / options.rate - time.time()
                await asyncio.sleep(min(max(due_s, 0.001), HEARTBEAT_S))
                if latest() < number and due_s > HEARTBEAT_S:
                    await self.say(":\n\n")
            if number % every == 0:
                await self.say(f"id: {number}\ndata: {event(number)}\n\n")

    async def say(self, text):
        self.write(text)
        try:
            await asyncio.wait_for(self.flush(), STUCK_S)
        except TimeoutError:
            self.request.connection.stream.close()
            raise StreamClosedError from None


async def main():
    parse_command_line()
    sockets = bind_sockets(options.port, "127.0.0.1")
    HTTPServer(Application([("/events", Events)])).add_sockets(sockets)
    print(json.dumps({"port": sockets[0].getsockname()[1]}), flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
