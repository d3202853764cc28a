"""Print each event of a stream: the least that works."""

import json
import sys
from urllib.request import urlopen

from sseclient import SSEClient

for event in SSEClient(urlopen(sys.argv[1])).events():
    number = json.loads(event.data)["number"]
    print(json.dumps({"number": number}), flush=True)
