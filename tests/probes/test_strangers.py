"""Who is let in: pages of wrong origins, clients without Origin, preflights; by servers with the usual mistakes."""

from __future__ import annotations

import re
from functools import partial

import tornado.web
import tornado.websocket

from rtlab.results.probe import probe

from .planted import at_once, ids


def has_name_in_it(origin: str, host: str) -> bool:
    return host in origin


def begins_with_own(origin: str, host: str) -> bool:
    return origin.startswith(f"http://{host.partition(':')[0]}")


def ends_with_name(origin: str, host: str) -> bool:
    return origin.endswith(host)


def has_a_dot_for_any_sign(origin: str, host: str) -> bool:
    return re.match(rf"https?://{host}$", origin) is not None


def is_null_or_own(origin: str, host: str) -> bool:
    return origin in ("null", f"http://{host}")


MISTAKES = {
    has_name_in_it: {"the other scheme", "a subdomain", "more and its name", "its name as a user"}
    | {"its name in a path"},
    begins_with_own: {"another port", "its name and more", "its name as a user"},
    ends_with_name: {"the other scheme", "a subdomain", "more and its name", "its name in a path"},
    has_a_dot_for_any_sign: {"the other scheme"},
    is_null_or_own: {"null"},
}


class Socket(tornado.websocket.WebSocketHandler):
    def initialize(self) -> None:
        self.check = self.settings["check"]

    def check_origin(self, origin: str) -> bool:
        return self.check(origin, self.request.host)


class Closing(tornado.websocket.WebSocketHandler):
    """Says 101 to all, and closes those that it does not know."""

    def check_origin(self, origin: str) -> bool:
        return True

    def open(self) -> None:
        if self.request.headers.get("Origin") not in (None, f"http://{self.request.host}"):
            self.close(4403)


class Strict(tornado.websocket.WebSocketHandler):
    """Wants an Origin, and its own."""

    def prepare(self) -> None:
        if self.request.headers.get("Origin") != f"http://{self.request.host}":
            raise tornado.web.HTTPError(403)


class Stream(tornado.web.RequestHandler):
    """One event; its CORS is decided by a setting, for stream and preflight."""

    def prepare(self) -> None:
        origin = self.request.headers.get("Origin", "")
        if origin and self.settings["check"](origin, self.request.host):
            self.set_header("Access-Control-Allow-Origin", origin)
            self.set_header("Access-Control-Allow-Credentials", "true")
            self.set_header("Vary", "Origin")

    def get(self) -> None:
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-store")
        self.set_cookie("session", "s3cret", httponly=True, samesite="Lax")
        self.write("data: x\n\n")

    def options(self) -> None:
        self.set_header("Access-Control-Allow-Headers", "Authorization")
        self.set_status(204)


def evidence(result, rule: str) -> str:
    return next(each.evidence for each in result.findings if each.id == rule)


def test_a_check_of_a_part_of_origin_is_found_on_a_websocket(served):
    urls = {check: f"ws://{served(Socket, check=check)}" for check in MISTAKES}
    probes = at_once({check: partial(probe, url, seconds=0.5) for check, url in urls.items()})
    for check, result in probes.items():
        wanted = MISTAKES[check] | {"the other scheme"}  # tornado lets that one in before it asks
        is_light = wanted == {"the other scheme"}
        assert "WS-ORIGIN-LAX" in ids(result, "info" if is_light else "warning"), check
        assert set(evidence(result, "WS-ORIGIN-LAX").removeprefix("let in: ").split(", ")) == wanted, check
        assert "WS-ORIGIN" in ids(result, "fine")


def test_a_check_of_a_part_of_origin_is_found_on_an_event_stream(served):
    urls = {check: f"http://{served(Stream, check=check)}" for check in MISTAKES}
    probes = at_once({check: partial(probe, url, seconds=0.5) for check, url in urls.items()})
    for check, result in probes.items():
        assert "SSE-CORS-LAX" in ids(result, "error"), check
        told = evidence(result, "SSE-CORS-LAX")
        assert told.startswith("allowed with credentials: ")
        assert set(re.findall(r"([a-z][a-z ]+) \(", told)) == MISTAKES[check], check


def test_an_endpoint_that_lets_all_in_is_not_called_lax(served):
    websocket = probe(f"ws://{served(Socket, check=lambda origin, host: True)}", seconds=0.5)
    stream = probe(f"http://{served(Stream, check=lambda origin, host: True)}", seconds=0.5)
    assert "WS-ORIGIN" in ids(websocket)
    assert {"SSE-CORS-REFLECTED", "SSE-CORS-PREFLIGHT"} <= ids(stream)
    assert not {"WS-ORIGIN-LAX", "SSE-CORS-LAX"} & (ids(websocket, "info") | ids(stream) | ids(websocket))


def test_an_exact_check_is_fine_and_its_cookie_too(served):
    result = probe(f"http://{served(Stream, check=lambda origin, host: False)}", seconds=0.5)
    assert {"SSE-CORS-OPEN", "SSE-CORS-PREFLIGHT", "COOKIE-ATTRIBUTES", "SSE-ID-UNKNOWN"} <= ids(result, "fine")
    assert "s3cret" not in repr(result)


def test_a_server_that_says_101_and_closes_at_once_has_refused(served):
    result = probe(f"ws://{served(Closing)}", seconds=0.5)
    assert "WS-ORIGIN" in ids(result, "fine")
    assert "101, and then close code 4403" in evidence(result, "WS-ORIGIN")
    assert "WS-ORIGIN-LAX" not in ids(result, "info", "warning")


def test_a_client_without_origin_is_told_as_let_in_or_refused(served):
    let_in = probe(f"ws://{served(Socket, check=is_null_or_own)}", seconds=0.5)
    assert "WS-ORIGIN-MISSING" in ids(let_in, "info")
    place = served(Strict)
    refused = probe(f"ws://{place}", seconds=0.5, headers=[("Origin", f"http://{place.rstrip('/')}")])
    assert "WS-ORIGIN-MISSING" in ids(refused, "fine")
    assert "WS-ORIGIN-LAX" not in ids(refused, "info", "warning")
