"""The hand editor: what is typed is sent as it is, by the button and in code, and the reaction is shown."""

from __future__ import annotations

import pytest

from rtlab.codecs.dissect import dissect
from rtlab.errors import ConnectionFailed, InputError
from rtlab.widgets.wire_editor import MAX_BYTES, MAX_UNITS, Reaction, WireEditor


class _Peer:
    """Stands for what is at the other end of the line."""

    def __init__(self) -> None:
        self.got: list[bytes] = []

    def send(self, data: bytes) -> Reaction:
        self.got.append(data)
        if data == b"fail":
            raise ConnectionFailed("Nobody is there.")
        return Reaction((f"{len(data)} bytes came.",), dissect((b"", data)))


@pytest.fixture
def peer() -> _Peer:
    return _Peer()


def _press_send(editor: WireEditor, typed: str) -> None:
    """What the page sends when the button is pressed: both values in one message."""
    editor.set_state({"_typed": typed, "_asked": editor.get_state()["_asked"] + 1})


def test_in_code_the_bytes_are_changed_and_sent(peer: _Peer) -> None:
    editor = WireEditor("event stream", peer.send, b"data: Hello\n\n")
    assert editor.reaction is None
    assert editor.send_now() is editor.reaction
    editor.data = b"data: \xff\n"
    assert editor.data == b"data: \xff\n"
    assert editor.send_now().lines == ("8 bytes came.",)
    assert peer.got == [b"data: Hello\n\n", b"data: \xff\n"]
    assert editor.get_state()["_typed"] == "data: \\xff\\n"


def test_the_button_sends_what_was_typed_once_and_shows_the_reaction(peer: _Peer) -> None:
    editor = WireEditor("handshake", peer.send, b"")
    _press_send(editor, "HTTP/1.1 404 No\\r\\n\n\\r\\n")
    assert peer.got == [b"HTTP/1.1 404 No\r\n\r\n"]
    shown = editor.get_state()["_shown"]
    assert (shown["asked"], shown["lines"]) == (1, ["19 bytes came."])
    (lane,) = shown["lanes"]
    assert [cell["shown"] for cell in lane["cells"]][:3] == ["HTTP/1.1", "␣", "404"]


def test_frames_are_typed_in_hex(peer: _Peer) -> None:
    editor = WireEditor("frame", peer.send, b"\x81\x05Hello")
    assert editor.get_state()["_typed"] == "81 05 48 65 6c 6c 6f"
    _press_send(editor, "8900")
    assert peer.got == [b"\x89\x00"]


@pytest.mark.parametrize(("typed", "says"), [("\\q", "is no escape"), ("fail", "Nobody is there.")])
def test_what_goes_wrong_is_raised_in_code_and_shown_on_the_page(peer: _Peer, typed: str, says: str) -> None:
    editor = WireEditor("event stream", peer.send, b"")
    _press_send(editor, typed)
    shown = editor.get_state()["_shown"]
    assert says in shown["lines"][0]
    assert (shown["asked"], shown["lanes"]) == (1, [])
    with pytest.raises((InputError, ConnectionFailed), match=says):
        editor.send_now()


def test_the_page_may_ask_again_after_a_failure(peer: _Peer) -> None:
    editor = WireEditor("event stream", peer.send, b"")
    for typed in ("fail", "x", "x"):
        _press_send(editor, typed)
    assert peer.got == [b"fail", b"x", b"x"]
    assert editor.get_state()["_shown"]["asked"] == 3


def test_too_much_is_not_sent(peer: _Peer) -> None:
    editor = WireEditor("event stream", peer.send, b"x" * MAX_BYTES)
    editor.send_now()
    editor.data = b"x" * (MAX_BYTES + 1)
    with pytest.raises(InputError, match="At most 65,536 bytes"):
        editor.send_now()
    assert len(peer.got) == 1


def test_a_long_reaction_is_cut_and_counted(peer: _Peer) -> None:
    editor = WireEditor("event stream", peer.send, b"\x81\x01x" * 1_000)
    editor.send_now()
    (lane,) = editor.get_state()["_shown"]["lanes"]
    assert (len(lane["cells"]), lane["more"]) == (MAX_UNITS, 3_000 - MAX_UNITS)


def test_the_text_form_tells_how_to_send_and_what_came(peer: _Peer) -> None:
    editor = WireEditor("handshake", peer.send, b"GET\r\n", presets={"<post>": b"POST"})
    assert repr(editor).startswith("By hand: handshake\nGET\\r\\n\n\nPresets: <post>\nIn code: .data = ")
    editor.data = editor.presets["<post>"]
    editor.send_now()
    assert "4 bytes came.\nserver → client, 4 bytes\n" in repr(editor)
    bundle = editor._repr_mimebundle_()
    assert bundle is not None
    assert bundle[0]["text/plain"] == repr(editor)
    assert "&lt;post&gt;" in bundle[0]["text/html"]


def test_an_unknown_kind_is_refused(peer: _Peer) -> None:
    with pytest.raises(InputError, match="event stream, frame, handshake"):
        WireEditor("letter", peer.send, b"")  # type: ignore[arg-type]
