"""The CORS check of the Fetch Standard."""

from __future__ import annotations

import pytest

from rtlab.codecs.cors import ALLOW_CREDENTIALS, ALLOW_ORIGIN, may_read
from rtlab.codecs.http1 import ResponseHead

PAGE = "http://127.0.0.1:8000"
YES = (ALLOW_CREDENTIALS, "true")


@pytest.mark.parametrize(
    ("headers", "plain", "with_credentials"),
    [
        ((), False, False),
        (((ALLOW_ORIGIN, "*"),), True, False),
        (((ALLOW_ORIGIN, "*"), YES), True, False),
        (((ALLOW_ORIGIN, PAGE),), True, False),
        (((ALLOW_ORIGIN, PAGE), YES), True, True),
        (((ALLOW_ORIGIN.lower(), PAGE), (ALLOW_CREDENTIALS.upper(), "true")), True, True),
        (((ALLOW_ORIGIN, PAGE), (ALLOW_CREDENTIALS, "True")), True, False),
        (((ALLOW_ORIGIN, "http://127.0.0.1:8001"), YES), False, False),
        (((ALLOW_ORIGIN, f"{PAGE}/"), YES), False, False),
        (((ALLOW_ORIGIN, PAGE), (ALLOW_ORIGIN, PAGE), YES), False, False),
        (((ALLOW_ORIGIN, f"{PAGE}, https://friend.example"), YES), False, False),
        (((ALLOW_ORIGIN, PAGE), YES, YES), True, False),
        ((YES,), False, False),
    ],
)
def test_an_answer_is_readable_as_the_standard_says(
    headers: tuple[tuple[str, str], ...], plain: bool, with_credentials: bool
) -> None:
    answer = ResponseHead(200, "", headers)
    assert may_read(answer, PAGE, with_credentials=False) is plain
    assert may_read(answer, PAGE, with_credentials=True) is with_credentials
