"""A lab's channels as Postman collections: one for HTTP and event streams, one for WebSockets.

A collection of format 2.1 holds HTTP requests with tests. A WebSocket request exists in format 3 only, in a
collection without HTTP requests and without tests; Postman's program for the command line checks its form and does
not run it.
"""

from __future__ import annotations

import json
from typing import Any

from rtlab.exports.yaml_text import yaml_text
from rtlab.findings.documents import Catalogue, MessageKind

_SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_READ_EVENTS = """\
// Postman hands over the whole answer when the stream has ended; so here are its events.
const events = pm.response.text().replace(/\\r\\n?/g, '\\n').split('\\n\\n').slice(0, -1).map((block) => {
  const event = { event: 'message', data: [], id: '' };
  for (const line of block.split('\\n')) {
    const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line);
    if (name === 'data') event.data.push(value);
    else if (name === 'event' || name === 'id') event[name] = value;
  }
  return { ...event, data: event.data.join('\\n'), empty: event.data.length === 0 };
}).filter((event) => !event.empty);"""


def postman_collection(catalogue: Catalogue, *, title: str = "A lab's channels") -> dict[str, Any]:
    """Write the collection of format 2.1: each event stream, and publishing, with tests.

    Args:
        catalogue: What was seen on the channels.
        title: The collection's name.

    Returns:
        The collection as plain values; ``json.dumps`` writes the file that Postman imports.
    """
    items = []
    for channel in catalogue.channels:
        kinds = catalogue.of("sse", channel)
        if kinds:
            items += [_stream(channel, kinds, ids=catalogue.ids), _publishing(channel, kinds[0])]
    return {
        "info": {
            "name": title,
            "description": "An endless stream never passes here: Postman's tests begin when an answer is complete.",
            "schema": _SCHEMA,
        },
        "item": items,
        "variable": [{"key": "base", "value": catalogue.http_url}],
    }


def postman_sockets(catalogue: Catalogue) -> dict[str, str]:
    """Write the collection of format 3: each WebSocket and the echo.

    Args:
        catalogue: What was seen on the channels.

    Returns:
        Its files: the path inside the collection's folder, and the YAML text of each.
    """
    base = catalogue.http_url.replace("http", "ws", 1)
    files = {".resources/definition.yaml": yaml_text({"$kind": "collection", "variables": {"base": base}})}
    paths = [f"/ws/{channel}" for channel in catalogue.channels if catalogue.of("websocket", channel)]
    for number, path in enumerate([*paths, "/echo"], start=1):
        name = path.strip("/").replace("/", " ")
        request = {"$kind": "websocket-request", "url": f"{{{{base}}}}{path}", "order": 1000 * number}
        files[f"{name}.request.yaml"] = yaml_text(request)
    return files


def _stream(channel: str, kinds: tuple[MessageKind, ...], *, ids: bool) -> dict[str, Any]:
    members = {kind.event: kind.schema.get("required") if kind.is_json else None for kind in kinds}
    tests = [
        _READ_EVENTS,
        f"const described = {json.dumps(members)}; // the members that each event's JSON must have",
        "pm.test('it is an event stream', () => {",
        "  pm.response.to.have.status(200);",
        "  pm.expect(pm.response.headers.get('Content-Type')).to.match(/^text\\/event-stream(;|$)/);",
        "});",
        "pm.test('events came', () => pm.expect(events.length).to.be.above(0));",
        "pm.test('each event has a name that is described', () => {",
        "  for (const event of events) pm.expect(Object.keys(described)).to.include(event.event);",
        "});",
        "pm.test('each event has the members that are described', () => {",
        "  for (const event of events) {",
        "    const wanted = described[event.event];",
        "    if (wanted) pm.expect(JSON.parse(event.data)).to.include.all.keys(wanted);",
        "  }",
        "});",
    ]
    if ids:
        tests += [
            "pm.test('each event has an id of its own', () => {",
            "  const ids = events.map((event) => event.id);",
            "  pm.expect(ids).to.not.include('');",
            "  pm.expect(new Set(ids).size).to.equal(ids.length);",
            "});",
        ]
    request = {
        "method": "GET",
        "header": [{"key": "Accept", "value": "text/event-stream"}],
        "url": _url("sse", channel),
    }
    return {"name": f"stream {channel}", "request": request, "event": [_script(tests)]}


def _publishing(channel: str, kind: MessageKind) -> dict[str, Any]:
    query = [{"key": "event", "value": kind.event}] if kind.event != "message" else []
    language = "json" if kind.is_json else "text"
    request = {
        "method": "POST",
        "header": [{"key": "Content-Type", "value": "application/json" if kind.is_json else "text/plain"}],
        "body": {"mode": "raw", "raw": kind.example, "options": {"raw": {"language": language}}},
        "url": _url("publish", channel, query=query),
    }
    tests = [
        "pm.test('it was published', () => {",
        "  pm.response.to.have.status(200);",
        "  pm.expect(pm.response.json()).to.have.property('id');",
        "});",
    ]
    return {"name": f"publish {channel}", "request": request, "event": [_script(tests)]}


def _url(*path: str, query: list[dict[str, str]] | None = None) -> dict[str, Any]:
    asked = "?" + "&".join(f"{each['key']}={each['value']}" for each in query) if query else ""
    url: dict[str, Any] = {"raw": "{{base}}/" + "/".join(path) + asked, "host": ["{{base}}"], "path": list(path)}
    return url | ({"query": query} if query else {})


def _script(lines: list[str]) -> dict[str, Any]:
    source = "\n".join(lines).split("\n")
    return {"listen": "test", "script": {"type": "text/javascript", "exec": source}}
