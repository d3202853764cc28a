"""Print each event of a stream, whatever happens to the line: reconnecting, resuming, noticing silence, login."""

import json
import random
import sys
import time
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from sseclient import SSEClient

SILENCE_S = 1.5  # three heartbeats
FIRST_WAIT_S, LONGEST_WAIT_S = 0.25, 10.0


def pieces(response):
    while data := response.read1(65_536):
        yield data


def main(url, token):
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {token}"}
    wait_s = FIRST_WAIT_S
    while True:
        try:
            with urlopen(Request(url, headers=headers), timeout=SILENCE_S) as response:
                for event in SSEClient(pieces(response)).events():
                    wait_s = FIRST_WAIT_S
                    if event.id:
                        headers["Last-Event-ID"] = event.id
                        number = json.loads(event.data)["number"]
                        print(json.dumps({"number": number}), flush=True)
        except HTTPError as error:
            if error.code in (401, 403):
                sys.exit(f"The server refuses: {error}")
        except (OSError, HTTPException):
            pass
        time.sleep(random.uniform(0, wait_s))
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)


main(*sys.argv[1:3])
