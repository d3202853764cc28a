from __future__ import annotations

from typing import Any

import pytest

from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.errors import InputError
from rtlab.experiments.compressing import compress_rows

ALIKE, REPEATED, NOISE = "ticks that are alike", "a text that repeats itself", "noise"


def test_context_helps_what_is_like_the_message_before_and_nothing_helps_noise(make_lab: Any) -> None:
    rows = {(each.load, each.setting): each for each in compress_rows(make_lab(compression=True))}
    assert len(rows) == 9
    for load, header_bytes in ((ALIKE, 2), (REPEATED, 4), (NOISE, 4)):
        off = rows[load, "off"]
        assert off.first_bytes == off.last_bytes == off.payload_bytes + header_bytes
    alone, context = rows[ALIKE, "each by itself"], rows[ALIKE, "with context"]
    assert alone.first_bytes == context.first_bytes
    assert context.last_bytes < alone.last_bytes / 2
    assert rows[REPEATED, "each by itself"].last_bytes < rows[REPEATED, "off"].last_bytes / 10
    assert rows[REPEATED, "with context"].last_bytes < rows[REPEATED, "each by itself"].last_bytes
    assert all(rows[NOISE, setting].last_bytes >= 4_096 for setting in ("each by itself", "with context"))


@pytest.mark.parametrize("compression", [False, DeflateOptions(server_no_context_takeover=True)])
def test_a_lab_that_does_not_compress_as_asked_is_refused(make_lab: Any, compression: Any) -> None:
    with pytest.raises(InputError, match="compression=True"):
        compress_rows(make_lab(compression=compression))
