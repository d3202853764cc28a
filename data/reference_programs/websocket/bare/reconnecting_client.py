"""Print each event that comes over a WebSocket; the library opens it again, but asks for nothing missed."""

import json
import sys

from websocket import WebSocketApp


def on_message(app, message):
    print(json.dumps({"number": json.loads(message)["number"]}), flush=True)


WebSocketApp(sys.argv[1], on_message=on_message).run_forever(reconnect=1)
