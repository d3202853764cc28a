from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.codecs.permessage_deflate import DeflateOptions, accept_offer, check_answer, make_offer
from rtlab.codecs.websocket_extensions import parse_extensions
from rtlab.errors import InputError, RemoteProtocolError

DEFAULT = DeflateOptions()
OPTIONS = st.builds(
    DeflateOptions,
    server_no_context_takeover=st.booleans(),
    client_no_context_takeover=st.booleans(),
    server_max_window_bits=st.integers(8, 15),
    client_max_window_bits=st.integers(8, 15),
)


def with_options(**options: Any) -> DeflateOptions:
    return replace(DEFAULT, **options)


def accepted(header: str, options: DeflateOptions = DEFAULT) -> tuple[DeflateOptions | None, str]:
    """What a server agrees to, and the header with which it says so."""
    agreed, answer = accept_offer(parse_extensions([header]), options)
    return agreed, ", ".join(map(str, answer))


def refusal(header: str, options: DeflateOptions = DEFAULT) -> str:
    with pytest.raises(RemoteProtocolError) as caught:
        check_answer(parse_extensions([header]), options)
    return caught.value.spec


# The options.


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [
        ("server_max_window_bits", 8, 15),
        ("client_max_window_bits", 8, 15),
        ("level", 1, 9),
        ("memory_level", 1, 9),
    ],
)
def test_a_number_out_of_its_range_is_refused(name: str, lowest: int, highest: int) -> None:
    for value in (lowest, highest):
        assert getattr(with_options(**{name: value}), name) == value
    for bad in (lowest - 1, highest + 1, "10", None):
        with pytest.raises(InputError, match=f"{name} is a whole number from {lowest} to {highest}"):
            with_options(**{name: bad})


# The offer of a client.


@pytest.mark.parametrize(
    ("options", "header"),
    [
        ({}, "permessage-deflate; client_max_window_bits"),
        (
            {"server_no_context_takeover": True},
            "permessage-deflate; server_no_context_takeover; client_max_window_bits",
        ),
        (
            {"client_no_context_takeover": True},
            "permessage-deflate; client_no_context_takeover; client_max_window_bits",
        ),
        (
            {"server_max_window_bits": 10, "client_max_window_bits": 9},
            "permessage-deflate; server_max_window_bits=10; client_max_window_bits=9",
        ),
    ],
)
def test_the_offer_says_what_the_client_wants(options: dict[str, Any], header: str) -> None:
    assert str(make_offer(with_options(**options))) == header


# The judgement of a server.


@pytest.mark.parametrize(
    ("offer", "wanted", "agreed", "answer"),
    [
        pytest.param("permessage-deflate", {}, {}, "", id="7.1: no parameters"),
        pytest.param(
            "permessage-deflate; server_no_context_takeover",
            {},
            {"server_no_context_takeover": True},
            "; server_no_context_takeover",
            id="7.1.1.1: asked for",
        ),
        pytest.param(
            "permessage-deflate",
            {"server_no_context_takeover": True},
            {},
            "; server_no_context_takeover",
            id="7.1.1.1: said unasked",
        ),
        pytest.param(
            "permessage-deflate; client_no_context_takeover",
            {},
            {"client_no_context_takeover": True},
            "; client_no_context_takeover",
            id="7.1.1.2: the client's hint is used",
        ),
        pytest.param(
            "permessage-deflate",
            {"client_no_context_takeover": True},
            {},
            "; client_no_context_takeover",
            id="7.1.1.2: said unasked",
        ),
        pytest.param(
            "permessage-deflate; server_max_window_bits=10",
            {},
            {"server_max_window_bits": 10},
            "; server_max_window_bits=10",
            id="7.1.2.1: the same",
        ),
        pytest.param(
            "permessage-deflate; server_max_window_bits=15",
            {},
            {},
            "; server_max_window_bits=15",
            id="7.1.2.1: accepted by repeating it",
        ),
        pytest.param(
            "permessage-deflate; server_max_window_bits=12",
            {"server_max_window_bits": 9},
            {},
            "; server_max_window_bits=9",
            id="7.1.2.1: a smaller one",
        ),
        pytest.param(
            "permessage-deflate",
            {"server_max_window_bits": 9},
            {},
            "; server_max_window_bits=9",
            id="7.1.2.1: said unasked",
        ),
        pytest.param(
            "permessage-deflate; server_max_window_bits=8",
            {},
            {"server_max_window_bits": 8},
            "; server_max_window_bits=8",
            id="7.1.2.1: the smallest",
        ),
        pytest.param(
            'permessage-deflate; server_max_window_bits="10"',
            {},
            {"server_max_window_bits": 10},
            "; server_max_window_bits=10",
            id="RFC 6455 9.1: a quoted value",
        ),
        pytest.param("permessage-deflate; client_max_window_bits", {}, {}, "", id="7.1.2.2: nothing to limit"),
        pytest.param(
            "permessage-deflate; client_max_window_bits",
            {"client_max_window_bits": 10},
            {},
            "; client_max_window_bits=10",
            id="7.1.2.2: limited by the server",
        ),
        pytest.param(
            "permessage-deflate; client_max_window_bits=9",
            {},
            {"client_max_window_bits": 9},
            "; client_max_window_bits=9",
            id="7.1.2.2: the client's hint is used",
        ),
        pytest.param(
            "permessage-deflate; client_max_window_bits=12",
            {"client_max_window_bits": 10},
            {},
            "; client_max_window_bits=10",
            id="7.1.2.2: less than the hint",
        ),
        pytest.param(
            "permessage-deflate; client_max_window_bits=15; server_max_window_bits=9; client_no_context_takeover;"
            " server_no_context_takeover",
            {},
            {"server_no_context_takeover": True, "client_no_context_takeover": True, "server_max_window_bits": 9},
            "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9",
            id="7.1: all four",
        ),
    ],
)
def test_an_offer_is_accepted_as_the_standard_says(
    offer: str, wanted: dict[str, Any], agreed: dict[str, Any], answer: str
) -> None:
    options = with_options(**wanted, level=9, memory_level=1)
    assert accepted(offer, options) == (replace(options, **agreed), "permessage-deflate" + answer)


BAD_PARAMETERS = [
    "x",
    "x=1",
    "Server_no_context_takeover",
    "server_no_context_takeover=1",
    "server_no_context_takeover=true",
    "client_no_context_takeover=0",
    "server_max_window_bits=7",
    "server_max_window_bits=16",
    "server_max_window_bits=0",
    "server_max_window_bits=08",
    "server_max_window_bits=010",
    "server_max_window_bits=+9",
    "server_max_window_bits=9.0",
    "server_max_window_bits=1",
    "server_max_window_bits=100",
    "client_max_window_bits=7",
    "client_max_window_bits=16",
    "client_max_window_bits=09",
    "server_no_context_takeover; server_no_context_takeover",
    "client_no_context_takeover; client_no_context_takeover",
    "server_max_window_bits=10; server_max_window_bits=10",
    "client_max_window_bits=10; client_max_window_bits=10",
]


@pytest.mark.parametrize(
    "parameters", [*BAD_PARAMETERS, "server_max_window_bits", "client_max_window_bits; client_max_window_bits=10"]
)
def test_a_wrong_offer_is_declined_and_the_next_one_taken(parameters: str) -> None:
    wrong = f"permessage-deflate; {parameters}"
    assert accepted(wrong) == (None, "")
    assert accepted(f"x-other, {wrong}, permessage-deflate; server_max_window_bits=11, permessage-deflate") == (
        with_options(server_max_window_bits=11),
        "permessage-deflate; server_max_window_bits=11",
    )


def test_other_extensions_are_passed_over() -> None:
    assert accepted("x-other; permessage-deflate, Permessage-Deflate, x-webkit-deflate-frame") == (None, "")
    assert accept_offer((), DEFAULT) == (None, ())


def test_a_server_that_limits_the_client_declines_one_that_cannot_be_told_so() -> None:
    limiting = with_options(client_max_window_bits=14)
    assert accepted("permessage-deflate", limiting) == (None, "")
    assert accepted("permessage-deflate, permessage-deflate; client_max_window_bits", limiting) == (
        limiting,
        "permessage-deflate; client_max_window_bits=14",
    )


# The judgement of a client.


@pytest.mark.parametrize(
    ("answer", "offered", "agreed"),
    [
        pytest.param("", {}, {}, id="7.1: no parameters"),
        pytest.param(
            "; server_no_context_takeover",
            {},
            {"server_no_context_takeover": True},
            id="7.1.1.1: said unasked",
        ),
        pytest.param(
            "; server_no_context_takeover", {"server_no_context_takeover": True}, {}, id="7.1.1.1: agreed to"
        ),
        pytest.param(
            "; client_no_context_takeover", {}, {"client_no_context_takeover": True}, id="7.1.1.2: said unasked"
        ),
        pytest.param("", {"client_no_context_takeover": True}, {}, id="7.1.1.2: the client keeps its word"),
        pytest.param("; server_max_window_bits=8", {}, {"server_max_window_bits": 8}, id="7.1.2.1: said unasked"),
        pytest.param("; server_max_window_bits=10", {"server_max_window_bits": 10}, {}, id="7.1.2.1: the same"),
        pytest.param(
            "; server_max_window_bits=9",
            {"server_max_window_bits": 10},
            {"server_max_window_bits": 9},
            id="7.1.2.1: a smaller one",
        ),
        pytest.param("; client_max_window_bits=8", {}, {"client_max_window_bits": 8}, id="7.1.2.2: limited"),
        pytest.param("", {"client_max_window_bits": 9}, {}, id="7.1.2.2: the client keeps its word"),
        pytest.param(
            "; client_max_window_bits=12", {"client_max_window_bits": 9}, {}, id="7.1.2.2: the hint may be ignored"
        ),
    ],
)
def test_an_answer_is_accepted_as_the_standard_says(
    answer: str, offered: dict[str, Any], agreed: dict[str, Any]
) -> None:
    options = with_options(**offered, level=1, memory_level=9)
    answered = parse_extensions([f"permessage-deflate{answer}"])
    assert check_answer(answered, options) == replace(options, **agreed)


def test_a_server_need_not_compress() -> None:
    assert check_answer((), DEFAULT) is None


@pytest.mark.parametrize("parameters", [*BAD_PARAMETERS, "server_max_window_bits", "client_max_window_bits"])
def test_a_wrong_answer_fails_the_connection(parameters: str) -> None:
    assert refusal(f"permessage-deflate; {parameters}") == "RFC 7692 7"


@pytest.mark.parametrize(
    "header", ["x-other", "permessage-deflate, x-other", "permessage-deflate, permessage-deflate"]
)
def test_an_answer_that_accepts_more_than_was_offered_fails_the_connection(header: str) -> None:
    assert refusal(header) == "RFC 7692 5.1"


def test_an_answer_that_does_not_agree_to_what_was_asked_for_fails_the_connection() -> None:
    takeover = with_options(server_no_context_takeover=True)
    assert refusal("permessage-deflate", takeover) == "RFC 7692 7.1.1.1"
    window = with_options(server_max_window_bits=10)
    assert refusal("permessage-deflate", window) == "RFC 7692 7.1.2.1"
    assert refusal("permessage-deflate; server_max_window_bits=11", window) == "RFC 7692 7.1.2.1"


# Both together.


@given(OPTIONS, OPTIONS)
def test_both_sides_agree_on_the_same_and_neither_gets_more_than_it_wants(
    client: DeflateOptions, server: DeflateOptions
) -> None:
    (offer,) = parse_extensions([str(make_offer(client))])
    agreed, answer = accept_offer([offer], server)
    assert agreed == check_answer(answer, client)
    assert agreed is not None
    for name in ("server_no_context_takeover", "client_no_context_takeover"):
        assert getattr(agreed, name) == (getattr(client, name) or getattr(server, name))
    for name in ("server_max_window_bits", "client_max_window_bits"):
        assert getattr(agreed, name) == min(getattr(client, name), getattr(server, name))
