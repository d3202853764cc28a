"""A small server of your own: prices as an event stream. Three mistakes are in it; a probe finds them."""

import asyncio
import json

import tornado.httpserver
import tornado.netutil
import tornado.web

EVERY_S = 0.1


class Prices(tornado.web.RequestHandler):
    async def get(self):
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-cache")
        self.set_header("Vary", "Origin")
        origin = self.request.headers.get("Origin")
        if origin:
            self.set_header("Access-Control-Allow-Origin", origin)
            self.set_header("Access-Control-Allow-Credentials", "true")
        number = 0
        while not self.request.connection.stream.closed():
            number += 1
            self.write(f"id: {number}\ndata: {json.dumps({'price': 100 + number % 7})}\n\n")
            if number % 10 == 0:
                await self.flush()
            await asyncio.sleep(EVERY_S)


async def main():
    sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
    server = tornado.httpserver.HTTPServer(tornado.web.Application([("/prices", Prices)]))
    server.add_sockets(sockets)
    print(json.dumps({"port": sockets[0].getsockname()[1]}), flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
