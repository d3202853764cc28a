"""One endpoint under examination: where it is, what may be done to it, and what was found so far."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from dataclasses import dataclass, field

from rtlab import clock
from rtlab.clients.http import HttpConnection
from rtlab.clients.wire import Address, Traffic
from rtlab.codecs.dissect_fields import hide_parameters, is_secret_field
from rtlab.codecs.http1 import Headers, RequestHead, ResponseHead
from rtlab.errors import ConnectionFailed, LocalProtocolError, RtlabError, WaitTimeout
from rtlab.probes.buffering import Piece
from rtlab.probes.finding import ProbeFinding, Severity, shown

SCHEMES = ("http", "https", "ws", "wss")
Fact = str | int | float | bool
Gaps = tuple[float, ...]
_WORDS_S = 1.0
_CREDENTIALS = ("authorization", "cookie", "proxy-authorization")


class CannotGoOn(RtlabError):
    """What was found leaves nothing more to try; the finding is noted already."""


@dataclass(slots=True)
class Examination:
    """One endpoint under examination.

    Attributes:
        url: Where it is; redirects move it on.
        seconds: How long a stream is listened to.
        headers: What every request carries.
        ca_pem: An authority to trust instead of the system's.
        subprotocols: What is offered to a WebSocket server.
        facts: What was measured, by name.
        findings: What was found, in the order in which it was looked for.
        gaps_ms: Times between events or messages.
        pieces: What came of the body, and when; of a WebSocket its messages.
        intrusive: Whether to be rude; on this machine alone.
        reached: Whether anybody answered.
        trying: What is being tried, for the case that the time runs out.
    """

    url: str
    seconds: float
    headers: Headers = ()
    ca_pem: str = ""
    subprotocols: tuple[str, ...] = ()
    facts: dict[str, Fact] = field(default_factory=dict)
    findings: list[ProbeFinding] = field(default_factory=list)
    gaps_ms: Gaps = ()
    pieces: tuple[Piece, ...] = ()
    intrusive: bool = False
    reached: bool = False
    trying: str = "to connect"
    traffic: Traffic = field(default_factory=Traffic)

    @property
    def address(self) -> Address:
        """The URL, taken apart."""
        return Address.parse(self.url, SCHEMES)

    @property
    def answer_s(self) -> float:
        """How long an answer may take."""
        return min(10.0, max(2.0, self.seconds))

    def note(self, rule: str, severity: Severity, evidence: str = "") -> None:
        """Add a finding."""
        self.findings.append(ProbeFinding(rule, severity, without_secrets(evidence)))

    @property
    def credentials(self) -> Headers:
        """Those of the headers that say who asks."""
        return tuple(field for field in self.headers if field[0].lower() in _CREDENTIALS)

    async def ask(self, request: RequestHead) -> tuple[HttpConnection, ResponseHead]:
        """Send one request on a connection of its own, and note what goes wrong.

        Args:
            request: What is asked.

        Returns:
            The open connection, which the caller closes, and the head of the answer.

        Raises:
            CannotGoOn: There is no answer that could be read.
        """
        connections = self.traffic.connections
        http = HttpConnection(self.address, self.traffic, ca_pem=self.ca_pem)
        try:
            head = await http.request(request, timeout_s=self.answer_s)
        except BaseException as error:
            http.close()
            if not isinstance(error, ConnectionFailed | WaitTimeout):
                raise
            if self.traffic.connections == connections:
                self.note("HTTP-UNREACHABLE", "error", str(error))
            elif isinstance(error, WaitTimeout):
                self.reached = True
                self.note("HTTP-NO-ANSWER", "error", str(error))
            else:
                self.reached = True
                self.note("HTTP-MALFORMED", "error", str(error))
            raise CannotGoOn(str(error)) from error
        self.reached = True
        return http, head

    async def try_answer(self, request: RequestHead) -> ResponseHead | ConnectionFailed | WaitTimeout:
        """Ask once more in another way; only the head of the answer is of interest, and none is no finding."""
        http = HttpConnection(self.address, self.traffic, ca_pem=self.ca_pem)
        try:
            return await http.request(request, timeout_s=self.answer_s)
        except (ConnectionFailed, WaitTimeout) as error:
            return error
        finally:
            http.close()

    async def try_head(self, request: RequestHead) -> ResponseHead | None:
        """Ask as :meth:`try_answer` does; None if there is no answer, whyever."""
        answer = await self.try_answer(request)
        return answer if isinstance(answer, ResponseHead) else None

    def since_ms(self, start_ns: int) -> float:
        """Tell how long ago a moment was, in milliseconds."""
        return (clock.now_ns() - start_ns) / 1e6


def replaced(headers: Headers, *others: tuple[str, str]) -> Headers:
    """Give header fields with some of them replaced, or added."""
    names = {name.lower() for name, _ in others}
    return (*(each for each in headers if each[0].lower() not in names), *others)


async def first_words(http: HttpConnection) -> str:
    """Give what a refusal's body says first; it is for people, so whatever goes wrong here does not matter."""
    said = b""
    with suppress(TimeoutError, ConnectionFailed):
        async with asyncio.timeout(_WORDS_S), aclosing(http.body()) as body:
            first = await anext(body, None)
            said = first[0].strip() if first else b""
    return f": {shown(said)}" if said else ""


def without_secrets(text: str) -> str:
    """Take secret parameters out of a text with URLs."""
    return hide_parameters(text) or text


def field_line(name: str, value: str | None) -> str:
    """Write a header field for people, or say that it is missing."""
    if value is None:
        return f"no {name}"
    return f"{name}: {'(redacted)' if is_secret_field(name) else without_secrets(value)[:200]}"


def head_line(head: ResponseHead) -> str:
    """Write the first line of an answer."""
    return f"{head.version} {head.status} {head.reason}".rstrip()


def require_headers(headers: Headers) -> None:
    """Refuse what the probe sets itself.

    Raises:
        LocalProtocolError: A header would replace one of the probe's own.
    """
    own = {"host", "last-event-id", "accept-encoding", "upgrade", "connection"}
    for name, _ in headers:
        if name.lower() in own or name.lower().startswith("sec-websocket-"):
            raise LocalProtocolError(f"The probe sets {name} itself; leave it out.")
