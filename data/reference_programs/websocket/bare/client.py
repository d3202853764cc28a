"""Print each event that comes over a WebSocket: the least that works."""

import json
import sys

from websocket import create_connection

connection = create_connection(sys.argv[1])
while True:
    number = json.loads(connection.recv())["number"]
    print(json.dumps({"number": number}), flush=True)
