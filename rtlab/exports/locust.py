"""A load script for Locust."""

from __future__ import annotations

import json
from string import Template

from rtlab.exports.scenario import Scenario


def locust_script(scenario: Scenario) -> str:
    """Write a locustfile; Locust sees single events and single messages.

    Args:
        scenario: What to open and to expect.

    Returns:
        Python for ``locust -f FILE --headless``.
    """
    kinds = (("sse", "StreamUser", scenario.sse_url, _SSE), ("ws", "SocketUser", scenario.ws_url, _WS))
    chosen = [(name, user, opening) for name, user, url, opening in kinds if url]
    imports = ["import requests"] * bool(scenario.sse_url) + ["import websocket"] * bool(scenario.ws_url)
    return Template(_HEAD + "".join(opening for _, _, opening in chosen)).substitute(
        sse_url=json.dumps(scenario.sse_url),
        ws_url=json.dumps(scenario.ws_url),
        connections=scenario.connections,
        users=scenario.connections * len(chosen),
        messages=scenario.messages,
        seconds=scenario.seconds,
        imports="\n".join(imports),
        install=" websocket-client" * bool(scenario.ws_url),
        expected=json.dumps({name: scenario.expected for name, _, _ in chosen}),
        p95=scenario.p95_limit_ms,
    )


_HEAD = '''\
"""Listens with $connections connections of each kind until each has had $messages messages.

Install: pip install locust$install
Run:     locust -f FILE --headless --users $users --spawn-rate $users --run-time ${seconds}s --json-file result
"""

import re
import time

import gevent
$imports
from locust import User, events, task
from locust.exception import StopUser

MESSAGES = $messages  # what each connection waits for
LONGEST_S = $seconds  # and how long at most
EXPECTED = $expected
P95_LIMIT_MS = $p95

waiting = set()


class Listener(User):
    """One connection."""

    abstract = True
    fixed_count = $connections

    def on_start(self):
        waiting.add(self)
        self.begun = time.time()

    @task
    def listen(self):
        seen = 0
        try:
            for data in self.messages():
                self.note(data)
                seen += 1
                if seen == MESSAGES:
                    break
            if seen < MESSAGES:
                self.fail(f"{seen} of {MESSAGES} messages")
        except Exception as error:
            self.fail(str(error) or type(error).__name__)
        waiting.discard(self)
        if not waiting:  # nobody is left: end before the run time is over
            gevent.spawn_later(0.1, self.environment.runner.quit)
        raise StopUser

    def note(self, data):
        sent = re.search(r"@(\\d+(?:\\.\\d+)?)", data)  # the sender's clock, in milliseconds since 1970
        age_ms = time.time() * 1000 - float(sent[1]) if sent else None
        self.report(age_ms, len(data), None)

    def fail(self, why):
        self.report(None, 0, RuntimeError(why))

    def report(self, age_ms, size_bytes, error):
        self.environment.events.request.fire(
            request_type=self.kind,
            name="error" if error else "message",
            response_time=age_ms,
            response_length=size_bytes,
            exception=error,
            context={},
        )


@events.quitting.add_listener
def check(environment, **_):
    for kind, expected in EXPECTED.items():
        found = environment.stats.get("message", kind)
        fine = found.num_requests >= expected
        if P95_LIMIT_MS is not None:
            fine &= not found.num_none_requests and found.get_response_time_percentile(0.95) < P95_LIMIT_MS
        if not fine:
            environment.process_exit_code = 1
'''

_SSE = '''

class StreamUser(Listener):
    """An event stream."""

    kind = "sse"

    def messages(self):
        wanted = {"Accept": "text/event-stream"}
        with requests.get($sse_url, stream=True, timeout=LONGEST_S, headers=wanted) as answer:
            answer.raise_for_status()
            rest, data = b"", []
            for chunk in answer.iter_content(chunk_size=None):
                *lines, rest = (rest + chunk).split(b"\\n")
                for line in lines:
                    line = line.removesuffix(b"\\r")
                    if line.startswith(b"data:"):
                        data.append(line[5:].removeprefix(b" "))
                    elif not line and data:
                        yield b"\\n".join(data).decode()
                        data = []
                if time.time() - self.begun > LONGEST_S:
                    return
'''

_WS = '''

class SocketUser(Listener):
    """A WebSocket."""

    kind = "ws"

    def messages(self):
        line = websocket.create_connection($ws_url, timeout=LONGEST_S)
        try:
            while time.time() - self.begun <= LONGEST_S:
                data = line.recv()
                if not line.connected:
                    return
                yield data
        except websocket.WebSocketConnectionClosedException:
            return
        finally:
            line.close()
'''
