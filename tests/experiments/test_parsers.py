from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.experiments.parsers import PARSERS, decode_us


@pytest.mark.parametrize(("way", "parser"), [(way, parser) for way, known in PARSERS.items() for parser in known])
def test_each_parser_makes_all_messages(way: str, parser: str) -> None:
    assert decode_us(way, parser, payload_bytes=100, messages=1_000) > 0


def test_a_parser_that_makes_fewer_messages_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PARSERS["sse"], "lazy", lambda pieces: 3)
    with pytest.raises(InputError, match="3 of 10"):
        decode_us("sse", "lazy", messages=10)


def test_settings_that_cannot_work_are_refused() -> None:
    with pytest.raises(InputError, match="no parser"):
        decode_us("sse", "websocket-client")
    with pytest.raises(InputError, match="messages"):
        decode_us("sse", "rtlab", messages=0)
