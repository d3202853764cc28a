"""A stack of your own: an event stream and an echo. Resume is not written yet."""

import asyncio
import os

from tornado.iostream import StreamClosedError
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler


class Events(RequestHandler):
    async def get(self):
        count = int(self.get_query_argument("count", "100"))
        rate = int(self.get_query_argument("rate_per_s", "10"))
        first = 1
        # resume begins
        # resume ends
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-cache")
        self.write("retry: 300\n\n")
        try:
            for n in range(first, count + 1):
                self.write(f'id: {n}\ndata: {{"n":{n}}}\n\n')
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
