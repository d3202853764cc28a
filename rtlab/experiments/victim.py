"""A server with sessions, as many web applications have them: a cookie says who asks.

The login gives one cookie of each kind, all for the same person. A WebSocket looks at one kind and keeps one
policy, so that each pair can be attacked on its own::

    /login                  cookies, and on to where the page is
    /token-{cookie}         a token for whoever is signed in; a page of another origin cannot read it
    /account-{cookie}-{policy}     a WebSocket with the account's data
    /stream-{name}          the same as an event stream, with one answer on CORS
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import Self

from rtlab.codecs.http1 import Headers, RequestHead
from rtlab.codecs.sse import encode_event
from rtlab.codecs.websocket_session import TextMessage
from rtlab.experiments.page_exhibit import ExhibitLine, PageExhibit, Script

COOKIES = {
    "no SameSite": "",
    "SameSite=Lax": "; SameSite=Lax",
    "SameSite=Strict": "; SameSite=Strict",
    "SameSite=None; Secure": "; SameSite=None; Secure",
}
"""The kinds of cookies, with what their ``Set-Cookie`` says."""
UNCHECKED, ORIGIN, TOKEN = "no check", "Origin check", "token check"
POLICIES = (UNCHECKED, ORIGIN, TOKEN)
"""What a WebSocket's server looks at: nothing, ``Origin``, or a token that the first message must carry."""
NOBODY = "please sign in"
_LIFE_S = 300
_KINDS = {name: number for number, name in enumerate(COOKIES)}


class Victim:
    """The server, with one person signed in; use it in a ``with`` block.

    Attributes:
        secret: What only that person may read.
        origins: The origins that are its own.
        then: Where the login leads.
        allows: What each event stream answers on CORS, by name; a value of ``"{origin}"`` reflects the request's.
    """

    def __init__(self, allows: Mapping[str, Headers] | None = None) -> None:
        mark = secrets.token_hex(4)
        self.secret = f"Ada has {secrets.randbelow(9000) + 1000} euros"
        self.origins: set[str] = set()
        self.then = ""
        self.allows = dict(allows or {})
        self.token = secrets.token_urlsafe(12)
        self._cookies = {
            kind: f"rtlab-{mark}-{number}={secrets.token_urlsafe(9)}" for kind, number in _KINDS.items()
        }
        scripts: dict[str, Script] = {"login": self._log_in}
        for kind in COOKIES:
            scripts[_token_path(kind)] = partial(self._give_token, kind)
            for policy in POLICIES:
                scripts[_account_path(kind, policy)] = partial(self._show_account, kind, policy)
        for number, name in enumerate(self.allows):
            scripts[f"stream-{number}"] = partial(self._stream, name)
        self._exhibit = PageExhibit(scripts)

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""
        return self._exhibit.port

    @property
    def login_url(self) -> str:
        """Where the victim signs in."""
        return self._exhibit.url("login", "http")

    def token_url(self, cookie: str) -> str:
        """Where those who are signed in get a token."""
        return self._exhibit.url(_token_path(cookie), "http")

    def account_url(self, cookie: str, policy: str) -> str:
        """Where the WebSocket of a policy is that looks at a kind of cookie."""
        return self._exhibit.url(_account_path(cookie, policy))

    def stream_url(self, name: str) -> str:
        """Where the event stream with that answer on CORS is."""
        return self._exhibit.url(f"stream-{list(self.allows).index(name)}", "http")

    def asked(self, url: str) -> RequestHead | None:
        """Give the newest request for an address; None if none came."""
        line = self._exhibit.line(url.rsplit("/", 1)[1])
        return line.head if line else None

    def knows(self, head: RequestHead, cookie: str) -> bool:
        """Tell whether a request carries the session's cookie of a kind."""
        sent = (pair.strip() for pair in (head.get("Cookie") or "").split(";"))
        return self._cookies[cookie] in sent

    def answer_on_cors(self, name: str, head: RequestHead) -> Headers:
        """Give what a stream's server says to a request."""
        asked = head.get("Origin")
        told = ((key, (asked or "null") if value == "{origin}" else value) for key, value in self.allows[name])
        return tuple(told)

    async def _log_in(self, line: ExhibitLine) -> None:
        cookies = tuple(
            ("Set-Cookie", f"{pair}; Max-Age={_LIFE_S}; Path=/; HttpOnly{COOKIES[kind]}")
            for kind, pair in self._cookies.items()
        )
        if line.head.get("Upgrade"):  # a page cannot leave for a login; its WebSocket takes cookies, too
            await line.open(cookies)
            await line.wait_closed()
        else:
            await line.answer(302, (*cookies, ("Location", self.then or "/")))

    async def _give_token(self, cookie: str, line: ExhibitLine) -> None:
        known = self.knows(line.head, cookie)
        await line.answer(200 if known else 401, (("Content-Type", "text/plain"),), self.token.encode() * known)

    async def _show_account(self, cookie: str, policy: str, line: ExhibitLine) -> None:
        if policy == ORIGIN and line.head.get("Origin") not in self.origins:
            await line.answer(403)
            return
        await line.open()
        if policy == TOKEN:
            said = await line.read()
            if not said or not isinstance(said[0], TextMessage) or said[0].text != self.token:
                await line.close(1008, "no token")
                return
        text = self.secret if self.knows(line.head, cookie) else NOBODY
        await line.write(line.session.send_text(text))
        await line.wait_closed()

    async def _stream(self, name: str, line: ExhibitLine) -> None:
        known = any(self.knows(line.head, cookie) for cookie in COOKIES)
        headers = (("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"))
        body = encode_event(self.secret if known else NOBODY)
        await line.answer(200, (*headers, *self.answer_on_cors(name, line.head)), body)

    def __enter__(self) -> Self:
        self._exhibit.__enter__()
        self.origins.add(f"http://127.0.0.1:{self.port}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exhibit.__exit__(kind, error, trace)


def _token_path(cookie: str) -> str:
    return f"token-{_KINDS[cookie]}"


def _account_path(cookie: str, policy: str) -> str:
    return f"account-{_KINDS[cookie]}-{POLICIES.index(policy)}"
