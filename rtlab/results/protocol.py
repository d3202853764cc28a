"""``on_the_wire()``: what crosses before and around the first message, asked question by question."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.codecs.websocket_handshake import GUID
from rtlab.experiments import handshake, opening, passages, waiting
from rtlab.experiments.connections import count_connections
from rtlab.experiments.framings import framing_costs
from rtlab.experiments.http2_framing import exchange_over_http2
from rtlab.experiments.multiplexing import count_multiplexed, stand_still, wait_beside
from rtlab.figures.set_up import figure_set_up
from rtlab.findings.protocol import HandshakeTry, Passage, SetUpPart
from rtlab.results.connections import Counts, Standstills, Waits
from rtlab.results.direction import Finding
from rtlab.results.framings import Framings, Http2Frames
from rtlab.results.http2 import OverHttp2
from rtlab.servers.lab import Lab, start_lab
from rtlab.tables.protocol import handshake_tries_table, passages_table, set_up_table
from rtlab.widgets.predict import Predict


class ByHand(Finding):
    """One opening handshake, step by step.

    Args:
        done: The handshake.
    """

    def __init__(self, done: handshake.Handshake) -> None:
        self.done = done

    @property
    def table(self) -> pd.DataFrame:
        """One row a step, with its value."""
        done = self.done
        steps = (
            ("1. 16 random bytes in base64: the key", done.key),
            ("2. put the fixed text behind the key", done.key + GUID),
            ("3. SHA-1 of that, 20 bytes", done.sha1),
            ("4. the same in base64: expected", done.accept),
            ("5. Sec-WebSocket-Accept: answered", done.head.get("Sec-WebSocket-Accept") or ""),
        )
        return pd.DataFrame(steps, columns=["step", "value"], dtype="string")

    @property
    def text(self) -> str:
        """The outcome, as one sentence."""
        return f"Status {self.done.head.status}; the values {'fit' if self.done.fits else 'do not fit'}."


class Tries(Finding):
    """What became of handshakes with one thing changed.

    Args:
        tries: One for each change.
    """

    def __init__(self, tries: Sequence[HandshakeTry]) -> None:
        self.tries = tuple(tries)

    @property
    def table(self) -> pd.DataFrame:
        """One row a change (``describe("handshake_tries")``)."""
        return handshake_tries_table(self.tries)

    @property
    def text(self) -> str:
        """How many opened, as one sentence."""
        return f"{sum(each.opened for each in self.tries)} of {len(self.tries)} opened a WebSocket."


class SetUp(Finding):
    """The bytes until the first message was there.

    Args:
        parts: One for each way, direction and layer.
    """

    def __init__(self, parts: Sequence[SetUpPart]) -> None:
        self.parts = tuple(parts)

    @property
    def table(self) -> pd.DataFrame:
        """One row a way, direction and layer (``describe("set_up")``)."""
        return set_up_table(self.parts)

    @property
    def text(self) -> str:
        """How the first bytes of a connection differ, as one sentence."""
        kinds = {part.secure: part.first_byte for part in self.parts if part.direction == "up"}
        says = {False: "readable text", True: "a TLS record"}
        parts = [f"{first:#04x}, {says[secure]}" for secure, first in kinds.items()]
        return f"The client's first byte: {'; '.join(parts)}."

    def figure(self, *, guess: Predict | float | None = None) -> go.Figure:
        """Draw the bytes by way and layer.

        Args:
            guess: What the learner expects of a WebSocket, in bytes; an unanswered one is not drawn.
        """
        value = guess.value if isinstance(guess, Predict) else guess
        drawn = float(value) if isinstance(value, int | float) and value > 0 else None
        return figure_set_up(self.table, guess_bytes=drawn)


class Passages(Finding):
    """What passed intermediaries that read HTTP.

    Args:
        found: One for each intermediary and way.
    """

    def __init__(self, found: Sequence[Passage]) -> None:
        self.found = tuple(found)

    @property
    def table(self) -> pd.DataFrame:
        """One row an intermediary and way (``describe("passages")``)."""
        return passages_table(self.found)

    @property
    def text(self) -> str:
        """What did not pass, as one sentence."""
        stopped = [
            f"{each.way} got {each.status} from the one that {each.intermediary}"
            for each in self.found
            if not each.arrived
        ]
        return f"{'; '.join(stopped) or 'Everything passed'}."


class OnTheWire:
    """Questions to a lab about what is on the wire; made by :func:`on_the_wire`.

    Args:
        lab: The running lab, without TLS.
    """

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def handshake(self) -> ByHand:
        """Open a WebSocket by hand and compute the accept value step by step."""
        return ByHand(handshake.open_by_hand(self._lab))

    def changed_handshakes(self) -> Tries:
        """Change one thing of the handshake at a time, and see who refuses."""
        return Tries(handshake.change_one_thing(self._lab))

    def set_up(self, ways: Sequence[str] = opening.WAYS, *, tls: bool = True) -> SetUp:
        """Count the bytes until the first message is there.

        Args:
            ways: Any of ``"sse"``, ``"websocket"``, ``"long-polling"``, ``"polling"``.
            tls: Count again with TLS, on a lab that is started for it.

        Raises:
            InputError: There is no such way.
        """
        parts = [part for way in ways for part in opening.set_up_parts(self._lab, way)]
        if tls:
            with start_lab(f"{self._lab.name}, set up over TLS", tls=True) as secured:
                parts += [part for way in ways for part in opening.set_up_parts(secured, way)]
        return SetUp(parts)

    def connections(self, clients: int = 20, *, cuts: int = 2) -> Counts:
        """Count connections and requests: of streams, of WebSockets, and of one stream that is cut.

        WebSockets are counted over HTTP/1.1 and over HTTP/2.

        Args:
            clients: How many streams, and then WebSockets, are open at the same time, 1 to 300.
            cuts: How often the one stream is cut, 0 to 10; each takes a second.

        Raises:
            InputError: A setting is out of its range.
        """
        lab = self._lab
        together = [count_connections(lab, way, clients) for way in ("sse", "websocket")]
        multiplexed = count_multiplexed("websocket", clients)
        return Counts([*together, multiplexed, count_connections(lab, "sse", 1, cuts=cuts)])

    def intermediaries(self) -> Passages:
        """Send messages through a proxy that knows nothing of ``Upgrade``, and through one that passes it on."""
        return Passages(passages.try_intermediaries(self._lab))

    def framings(self, texts: Sequence[str] = ("Hello", "x" * 100, "x" * 1_000)) -> Framings:
        """Count what HTTP/1.0, HTTP/1.1 and HTTP/2 put around the same events.

        Args:
            texts: The events' data, each at most 16,000 bytes.
        """
        return Framings(framing_costs(texts))

    def http2(self, texts: Sequence[str] = ("Hello",)) -> Http2Frames:
        """Carry an event stream and a WebSocket on one HTTP/2 connection, and name its frames.

        Client and server are two bare ends; :attr:`over_http2` asks a lab that speaks HTTP/2.

        Args:
            texts: The messages, at most 100, each from 1 to 16,000 bytes.

        Raises:
            InputError: There are too many texts, or one is empty or too long.
        """
        return Http2Frames(exchange_over_http2(texts))

    @property
    def over_http2(self) -> OverHttp2:
        """The questions to a lab that speaks HTTP/2, which each of them starts and stops."""
        return OverHttp2(self._lab)

    def standstills(self, *, held_s: float = 0.3) -> Standstills:
        """Stop one reader, then one line, of an HTTP/2 connection, and see which streams stop, too.

        Args:
            held_s: How long a line is watched that does not move, 0.05 to 10.

        Raises:
            InputError: The time is out of its range.
        """
        return Standstills(stand_still(held_s=held_s))

    def waiting(self, *, streams: int = waiting.POOL_CONNECTIONS, held_s: float = 0.5) -> Waits:
        """Let a page wait for a free connection, then behind a slow answer, then beside one.

        The first two are over HTTP/1.1; the last is a stream of its own on one HTTP/2 connection.

        Args:
            streams: How many event streams hold the pool's six connections, 0 to 6.
            held_s: How long streams and slow answer last, 0.05 to 10.

        Raises:
            InputError: A setting is out of its range.
        """
        lab = self._lab
        for_pool = waiting.wait_for_pool(lab, streams=streams, held_s=held_s)
        return Waits([*for_pool, *waiting.wait_in_line(lab, held_s=held_s), *wait_beside(held_s=held_s)])


def on_the_wire(lab: Lab) -> OnTheWire:
    """Ask a lab what crosses the wire before and around the first message.

    Args:
        lab: The running lab, without TLS.

    Returns:
        The questions, as methods; each does its experiment and returns a table, some with a figure.
    """
    return OnTheWire(lab)
