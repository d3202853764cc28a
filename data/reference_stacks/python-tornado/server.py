"""An event stream and an echo with tornado."""

import asyncio
import os

from tornado.iostream import StreamClosedError
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler


class Events(RequestHandler):
    async def get(self):
        count = min(int(self.get_query_argument("count", "100")), 1_000_000)
        rate = int(self.get_query_argument("rate_per_s", "10"))
        first = 1
        # resume begins
        last = self.request.headers.get("Last-Event-ID", "")
        first = int(last) + 1 if last.isdecimal() and len(last) < 10 else 1
        if first > count:
            self.set_status(204)
            return
        # resume ends
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-cache")
        self.write("retry: 300\n\n")
        loop = asyncio.get_running_loop()
        begin = loop.time()
        try:
            for n in range(first, count + 1):
                if rate:
                    await asyncio.sleep(begin + (n - first) / rate - loop.time())
                self.write(f'id: {n}\ndata: {{"n":{n}}}\n\n')
                await self.flush()
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
