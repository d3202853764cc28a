"""An event stream with Django and an echo with channels, served by daphne."""

import asyncio
import os

import django
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from daphne.server import Server
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path

settings.configure(ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__, SECRET_KEY=os.urandom(16).hex())
django.setup()


async def numbered(first, count, rate):
    yield "retry: 300\n\n"
    loop = asyncio.get_running_loop()
    begin = loop.time()
    for n in range(first, count + 1):
        if rate:
            await asyncio.sleep(begin + (n - first) / rate - loop.time())
        yield f'id: {n}\ndata: {{"n":{n}}}\n\n'


async def events(request):
    count = min(int(request.GET.get("count", 100)), 1_000_000)
    rate = int(request.GET.get("rate_per_s", 10))
    first = 1
    # resume begins
    last = request.headers.get("Last-Event-ID", "")
    first = int(last) + 1 if last.isdecimal() and len(last) < 10 else 1
    if first > count:
        return HttpResponse(status=204)
    # resume ends
    headers = {"Cache-Control": "no-cache"}
    return StreamingHttpResponse(numbered(first, count, rate), content_type="text/event-stream", headers=headers)


class Echo(AsyncWebsocketConsumer):
    async def receive(self, text_data=None, bytes_data=None):
        await self.send(text_data=text_data, bytes_data=bytes_data)


urlpatterns = [path("events", events)]
application = ProtocolTypeRouter(
    {"http": get_asgi_application(), "websocket": URLRouter([path("echo", Echo.as_asgi())])}
)
Server(application, endpoints=[f"tcp:{os.environ['PORT']}:interface=127.0.0.1"]).run()
