"""An event stream and an echo. Its author tried it with one event a second: after a cut nothing was missing."""

import asyncio
import os

from tornado.iostream import StreamClosedError
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler


class Events(RequestHandler):
    async def get(self):
        count = int(self.get_query_argument("count", "100"))
        rate = int(self.get_query_argument("rate_per_s", "10"))
        each_s = rate or 1
        first = 1
        # resume begins
        last = self.request.headers.get("Last-Event-ID", "")
        if last.isdecimal():
            first = (int(last) + 1) * each_s
        if first > count:
            self.set_status(204)
            return
        # resume ends
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-cache")
        self.write("retry: 300\n\n")
        try:
            for n in range(first, count + 1):
                second = n // each_s
                self.write(f'id: {second}\ndata: {{"n":{n}}}\n\n')
                await self.flush()
                if rate:
                    await asyncio.sleep(1 / rate)
        except StreamClosedError:
            pass


class Echo(WebSocketHandler):
    async def on_message(self, message):
        await self.write_message(message, binary=isinstance(message, bytes))


async def main():
    app = Application([("/events", Events), ("/echo", Echo)], websocket_max_message_size=1_048_576)
    app.listen(int(os.environ["PORT"]), "127.0.0.1")
    await asyncio.Event().wait()


asyncio.run(main())
