"""A load script for Artillery: a YAML file, and the JavaScript that reads event streams."""

from __future__ import annotations

import json
from string import Template

from rtlab.exports.scenario import Scenario

ARTILLERY_PROCESSOR = "listeners.cjs"
"""The name that the script knows its JavaScript by."""


def artillery_script(scenario: Scenario) -> str:
    """Write a script for Artillery 2; :func:`artillery_processor` makes the file that belongs to it.

    Artillery has a WebSocket engine, and none for event streams: there and for single messages it needs functions
    of our own.

    Args:
        scenario: What to open and to expect.

    Returns:
        YAML for ``artillery run FILE``.
    """
    parts = [_SSE_FLOW * bool(scenario.sse_url), _WS_FLOW * bool(scenario.ws_url)]
    root = (scenario.sse_url or scenario.ws_url).split("/", 3)
    kinds = bool(scenario.sse_url) + bool(scenario.ws_url)
    return Template(_YAML + "".join(parts)).substitute(
        target=json.dumps("/".join(root[:3])),
        processor=ARTILLERY_PROCESSOR,
        lots="# Artillery draws lots which kind comes next, so one kind may get some more than the other.\n"
        * (kinds > 1),
        users=scenario.connections * kinds,
        connections=scenario.connections,
        messages=scenario.messages,
        ws_url=json.dumps(scenario.ws_url),
        timeout=scenario.seconds,
    )


def artillery_processor(scenario: Scenario) -> str:
    """Write the functions that the script calls; they see single events and single messages.

    Args:
        scenario: What to open and to expect.

    Returns:
        JavaScript, to be saved beside the script as ``listeners.cjs``.
    """
    secure = scenario.sse_url.startswith("https:")
    parts = [_COMMON, _SSE * bool(scenario.sse_url), _WS * bool(scenario.ws_url)]
    return Template("".join(parts)).substitute(
        http=f"const http = require('node:{'https' if secure else 'http'}');\n\n" * bool(scenario.sse_url),
        sse_url=json.dumps(scenario.sse_url),
        messages=scenario.messages,
        seconds=scenario.seconds,
    )


_YAML = """\
# Listens with $connections connections of each kind until each has had $messages messages.
$lots# Needs $processor beside it.
# Run: artillery run --output result.json FILE
config:
  target: $target
  processor: "./$processor"
  timeout: $timeout
  phases:
    - duration: 1
      arrivalCount: $users
scenarios:
"""

_SSE_FLOW = """\
  - name: event stream
    weight: 1
    flow:
      - function: readStream
"""

_WS_FLOW = """\
  - name: WebSocket
    engine: ws
    weight: 1
    flow:
      - connect:
          target: $ws_url
      - function: readSocket
"""

_COMMON = """\
// The functions of the Artillery script beside it.
'use strict';

${http}const MESSAGES = $messages; // what each connection waits for
const LONGEST_S = $seconds; // and how long at most

function note(kind, data, events) {
  events.emit('counter', `$${kind}.messages`, 1);
  const sent = /@(\\d+(?:\\.\\d+)?)/.exec(data); // the sender's clock, in milliseconds since 1970
  if (sent) events.emit('histogram', `$${kind}.age_ms`, Math.max(0, Date.now() - Number(sent[1])));
}
"""

_SSE = """
function readStream(context, events, done) {
  let seen = 0;
  let text = '';
  const request = http.get($sse_url, { headers: { Accept: 'text/event-stream' } }, (answer) => {
    answer.setEncoding('utf8');
    answer.on('data', (piece) => {
      const blocks = (text + piece).replace(/\\r\\n/g, '\\n').split('\\n\\n');
      text = blocks.pop();
      for (const block of blocks) {
        const lines = block.split('\\n').filter((line) => line.startsWith('data:'));
        if (!lines.length) continue;
        note('sse', lines.map((line) => line.slice(5)).join('\\n'), events);
        seen += 1;
        if (seen === MESSAGES) request.destroy();
      }
    });
  });
  const tooLong = setTimeout(() => request.destroy(), LONGEST_S * 1000);
  request.on('error', (error) => {
    if (seen < MESSAGES) events.emit('error', error.code || error.message);
  });
  request.on('close', () => {
    clearTimeout(tooLong);
    done();
  });
}
module.exports.readStream = readStream;
"""

_WS = """
function readSocket(context, events, done) {
  let seen = 0;
  const socket = context.ws;
  const finish = () => {
    clearTimeout(tooLong);
    socket.onmessage = socket.onclose = null;
    done();
  };
  const tooLong = setTimeout(finish, LONGEST_S * 1000);
  socket.onmessage = (message) => {
    note('ws', message.data, events);
    seen += 1;
    if (seen === MESSAGES) finish();
  };
  socket.onclose = finish;
}
module.exports.readSocket = readSocket;
"""
