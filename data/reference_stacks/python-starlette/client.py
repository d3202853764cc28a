"""An event stream by httpx-sse, which leaves reconnecting to its caller, and an echo by websockets."""

import json
import os
import time

import httpx
from httpx_sse import connect_sse
from websockets.sync.client import connect

count = int(os.environ["COUNT"])
ids, last, wait_s = [], "", 3.0
with httpx.Client(timeout=None, trust_env=False) as client:
    while len(ids) < count:
        headers = {}
        # resume begins
        if last:
            headers["Last-Event-ID"] = last
        # resume ends
        try:
            with connect_sse(client, "GET", os.environ["LAB_EVENTS_URL"], headers=headers) as stream:
                if stream.response.status_code != 200:
                    break
                for event in stream.iter_sse():
                    wait_s = wait_s if event.retry is None else event.retry / 1000
                    if event.data:
                        last = event.id
                        ids.append(last)
                    if len(ids) == count:
                        break
        except httpx.TransportError:
            pass
        if len(ids) < count:
            time.sleep(wait_s)

echoed = 0
with connect(os.environ["LAB_ECHO_URL"], proxy=None) as socket:
    for n in range(1, count + 1):
        socket.send(f"text {n}")
        echoed += socket.recv(timeout=30) == f"text {n}"

print(json.dumps({"ids": ids, "echoed": echoed}))
