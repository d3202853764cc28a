"""Print each event that comes over a WebSocket, whatever happens: reconnecting, resuming, heartbeat, login."""

import json
import random
import sys
import time

from websocket import WebSocketApp, WebSocketBadStatusException, setdefaulttimeout

HEARTBEAT_S, SILENCE_S = 1.2, 0.5  # run_forever looks every SILENCE_S, so the ping must be over by far then
FIRST_WAIT_S, LONGEST_WAIT_S = 0.25, 10.0


class Listener:
    def __init__(self):
        self.last_id = None
        self.wait_s = FIRST_WAIT_S
        self.refusal = None

    def on_open(self, app):
        app.send(json.dumps({"after": self.last_id, "every": 1}))

    def on_message(self, app, message):
        self.wait_s = FIRST_WAIT_S
        event = json.loads(message)
        self.last_id = event["id"]
        print(json.dumps({"number": event["data"]["number"]}), flush=True)

    def on_error(self, app, error):
        if isinstance(error, WebSocketBadStatusException) and error.status_code in (401, 403):
            self.refusal = error.status_code
        if app.sock:
            app.sock.shutdown()  # on a dead line the closing handshake would take 3 s more


def main(url, token):
    listener = Listener()
    setdefaulttimeout(SILENCE_S)
    while not listener.refusal:
        app = WebSocketApp(
            url,
            header={"Authorization": f"Bearer {token}"},
            on_open=listener.on_open,
            on_message=listener.on_message,
            on_error=listener.on_error,
        )
        app.run_forever(ping_interval=HEARTBEAT_S, ping_timeout=SILENCE_S)
        time.sleep(random.uniform(0, listener.wait_s))
        listener.wait_s = min(2 * listener.wait_s, LONGEST_WAIT_S)
    sys.exit(f"The server refuses: {listener.refusal}")


main(*sys.argv[1:3])
