"""A load script for k6."""

from __future__ import annotations

import json
from string import Template

from rtlab.exports.scenario import Scenario


def k6_script(scenario: Scenario) -> str:
    """Write a script for k6 from 1.0 on.

    WebSocket messages are seen one by one. Event streams are, too, where k6 has the extension xk6-sse; without it
    k6 reads a stream as one finished download, so messages are counted and have no age.

    Args:
        scenario: What to open and to expect.

    Returns:
        JavaScript for ``k6 run FILE``.
    """
    parts = [_HEAD]
    scenarios, limits = [], []
    for name, url, opening in (("sse", scenario.sse_url, _SSE), ("ws", scenario.ws_url, _WS)):
        if url:
            parts.append(opening)
            scenarios.append(f"    {name}: {{ ...each, exec: '{name}' }},")
            limits.append(f"    {name}_messages: ['count>={scenario.expected}'],")
            if scenario.p95_limit_ms is not None:
                limits.append(f"    {name}_age_ms: ['p(95)<{scenario.p95_limit_ms:g}'],")
                limits.append(f"    {name}_aged: ['count>={scenario.expected}'],")
    return Template("".join(parts) + _OPTIONS).substitute(
        http="import http from 'k6/http';\n" if scenario.sse_url else "",
        sse_url=json.dumps(scenario.sse_url),
        ws_url=json.dumps(scenario.ws_url),
        connections=scenario.connections,
        messages=scenario.messages,
        seconds=scenario.seconds,
        scenarios="\n".join(scenarios),
        limits="\n".join(limits),
    )


_HEAD = """\
// Listens with $connections connections until each has had $messages messages.
// Run: k6 run --summary-export summary.json FILE
${http}import { clearTimeout, setTimeout } from 'k6/timers';
import { Counter, Trend } from 'k6/metrics';

const MESSAGES = $messages; // what each connection waits for
const LONGEST_S = $seconds; // and how long at most

function meters(kind) {
  return {
    messages: new Counter(`$${kind}_messages`),
    aged: new Counter(`$${kind}_aged`), // those whose age is known
    ages: new Trend(`$${kind}_age_ms`),
  };
}

function note(data, meter, isLive) {
  meter.messages.add(1);
  const sent = /@(\\d+(?:\\.\\d+)?)/.exec(data); // the sender's clock, in milliseconds since 1970
  if (!sent || !isLive) return;
  meter.aged.add(1);
  meter.ages.add(Date.now() - Number(sent[1]));
}
"""

_SSE = """
// k6 itself knows no event streams. The extension xk6-sse does.
let live = null;
try {
  live = require('k6/x/sse');
} catch (error) {
  // Without it a stream is a download: all messages are counted when it has ended.
}
const sseMeter = meters('sse');

export function sse() {
  if (live) {
    let seen = 0;
    live.open($sse_url, { timeout: `$${LONGEST_S}s` }, (client) => {
      client.on('event', (event) => {
        if (!event.data) return; // such as the reconnection time alone
        note(event.data, sseMeter, true);
        seen += 1;
        if (seen === MESSAGES) client.close();
      });
    });
    return;
  }
  const answer = http.get($sse_url, { timeout: `$${LONGEST_S}s`, responseType: 'text' });
  for (const line of (answer.body || '').split('\\n')) {
    if (line.startsWith('data:')) note(line, sseMeter, false);
  }
}
"""

_WS = """
let Socket;
try {
  Socket = require('k6/websockets').WebSocket;
} catch (error) {
  Socket = require('k6/experimental/websockets').WebSocket; // its name until k6 1.1
}
const wsMeter = meters('ws');

export function ws() {
  let seen = 0;
  const socket = new Socket($ws_url);
  const tooLong = setTimeout(() => socket.close(), LONGEST_S * 1000);
  socket.addEventListener('message', (message) => {
    note(message.data, wsMeter, true);
    seen += 1;
    if (seen === MESSAGES) socket.close();
  });
  socket.addEventListener('close', () => clearTimeout(tooLong));
  socket.addEventListener('error', (error) => console.error(error.error));
}
"""

_OPTIONS = """
const each = {
  executor: 'per-vu-iterations',
  vus: $connections,
  iterations: 1,
  maxDuration: `$${LONGEST_S + 5}s`,
};

export const options = {
  scenarios: {
$scenarios
  },
  thresholds: {
$limits
  },
  summaryTrendStats: ['min', 'med', 'p(95)', 'p(99)', 'max'],
};
"""
