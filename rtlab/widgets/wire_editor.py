"""Bytes that the learner writes, breaks and sends, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import traitlets

from rtlab.errors import InputError, RtlabError
from rtlab.widgets.readable import ReadableWidget, front_end
from rtlab.widgets.typed_bytes import from_hex, from_text, to_hex, to_text
from rtlab.widgets.wire_units import Dissected, lane, lines, sides

MAX_BYTES = 65_536
"""How many bytes are sent at most."""

MAX_UNITS = 200
"""How many units of a direction are shown at most."""

Kind = Literal["event stream", "frame", "handshake"]
_FORMS = {
    "event stream": (to_text, from_text),
    "frame": (to_hex, from_hex),
    "handshake": (to_text, from_text),
}
_IN_TEXT = r"Only what is written is sent: a line end is \n or \r\n, any byte is \x00 to \xff, a backslash is \\."
_IN_HEX = "Two hexadecimal digits a byte; spaces and line breaks do not matter."


@dataclass(frozen=True, slots=True)
class Reaction:
    """What came of some bytes.

    Attributes:
        lines: What happened, one sentence each.
        dissection: The bytes of both directions, named.
    """

    lines: tuple[str, ...]
    dissection: Dissected

    def __repr__(self) -> str:
        return "\n".join((*self.lines, *lines("", self.dissection, MAX_UNITS)))


class WireEditor(ReadableWidget):
    """A box of bytes to change and to send, with what comes back below it.

    The button sends while no cell runs. In code: change ``data``, then call ``send_now()``.

    Args:
        kind: What the bytes are; ``"frame"`` is typed in hexadecimal digits, the others as text with escapes.
        send: Sends bytes and waits for the reaction; it must have a time limit of its own.
        initial: The bytes to begin with.
        presets: Further bytes to begin with, by name, such as broken ones.

    Attributes:
        presets: The presets.
        reaction: What came of the bytes sent last; None before that.

    Raises:
        InputError: There is no such kind.
    """

    _esm = front_end("card.js", "wire_editor.js")
    _css = front_end("card.css", "wire_view.css", "wire_editor.css")

    _kind = traitlets.Unicode().tag(sync=True)
    _hint = traitlets.Unicode().tag(sync=True)
    _choices = traitlets.List(traitlets.List(traitlets.Unicode())).tag(sync=True)
    _typed = traitlets.Unicode().tag(sync=True)
    _asked = traitlets.Int(0).tag(sync=True)
    """How often the page asked to send."""
    _shown = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        kind: Kind,
        send: Callable[[bytes], Reaction],
        initial: bytes,
        *,
        presets: Mapping[str, bytes] | None = None,
    ) -> None:
        if kind not in _FORMS:
            raise InputError(f"WireEditor kind must be one of {', '.join(_FORMS)}, not {kind!r}.")
        self._write, self._read = _FORMS[kind]
        self._send_bytes = send
        self.presets = dict(presets or {})
        self.reaction: Reaction | None = None
        super().__init__(
            _kind=kind,
            _hint=_IN_HEX if self._read is from_hex else _IN_TEXT,
            _choices=[[name, self._write(data)] for name, data in self.presets.items()],
            _typed=self._write(initial),
        )

    @property
    def data(self) -> bytes:
        """The bytes in the box.

        Raises:
            InputError: What was typed is no bytes.
        """
        return self._read(self._typed)

    @data.setter
    def data(self, data: bytes) -> None:
        self._typed = self._write(data)

    def send_now(self) -> Reaction:
        """Send the bytes in the box and wait for the reaction.

        Returns:
            The reaction; ``reaction`` keeps it.

        Raises:
            InputError: What was typed is no bytes, or there are more than 65,536.
            RtlabError: It could not be sent.
        """
        data = self.data
        if len(data) > MAX_BYTES:
            raise InputError(f"At most {MAX_BYTES:,} bytes are sent by hand, not {len(data):,}.")
        self.reaction = reaction = self._send_bytes(data)
        lanes = [lane(side, MAX_UNITS) for side in sides(reaction.dissection) if side[1]]
        self._shown = {"asked": self._asked, "lines": list(reaction.lines), "lanes": lanes}
        return reaction

    @traitlets.observe("_asked")
    def _send_for_the_page(self, change: Any) -> None:
        try:
            self.send_now()
        except RtlabError as error:
            self._shown = {"asked": change["new"], "lines": [str(error)], "lanes": []}

    def __repr__(self) -> str:
        parts = [f"By hand: {self._kind}", self._typed, ""]
        if self.presets:
            parts.append(f"Presets: {', '.join(self.presets)}")
        parts.append("In code: .data = b'...' or .data = .presets[...], then .send_now()")
        if self.reaction:
            parts += ["", repr(self.reaction)]
        return "\n".join(parts)
