"""Tiny stacks in Python, which is always there, for what foreign programs may do wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rtlab.stacks.stack import Stack, read_stack

GOOD_SERVER = """
import json, os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from time import sleep

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        query = parse_qs(urlsplit(self.path).query)
        count, rate = int(query["count"][0]), int(query["rate_per_s"][0])
        # resume begins
        first = int(self.headers.get("Last-Event-ID", 0)) + 1
        # resume ends
        if first > count:
            self.send_response(204)
            return self.end_headers()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"retry: 300\\n\\n")
        for n in range(first, count + 1):
            self.wfile.write(b'id: %d\\ndata: {"n":%d}\\n\\n' % (n, n))
            if rate:
                sleep(1 / rate)

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass

ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
"""An event stream and no WebSocket, with the standard library alone."""

Make = Callable[..., Stack]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Make a stack of some files, in a folder of its own; what it builds goes into another."""
    monkeypatch.setenv("RTLAB_CACHE", str(tmp_path / "cache"))

    def write(files: dict[str, str] | None = None, **settings: Any) -> Stack:
        folder = tmp_path / "tiny"
        folder.mkdir(exist_ok=True)
        for name, text in (files or {"server.py": GOOD_SERVER}).items():
            (folder / name).write_text(text, encoding="utf-8")
        content = {
            "name": "tiny",
            "title": "Tiny",
            "language": "Python",
            "framework": "http.server",
            "version": "3",
            "licence": "PSF-2.0",
            "released": "",
            "needs": ["python"],
            "build": [],
            "start": ["{python}", "server.py"],
            "client": None,
            "server_sources": ["server.py"],
            "client_sources": [],
            "notes": "",
            "dependencies": [],
            "installed": ["*.py"],
            "offers": ["events"],
            **settings,
        }
        (folder / "stack.json").write_text(json.dumps(content), encoding="utf-8")
        return read_stack(folder)

    return write
