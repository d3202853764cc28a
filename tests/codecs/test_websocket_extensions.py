from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.codecs.websocket_extensions import Extension, parse_extensions
from rtlab.errors import RemoteProtocolError

A, B = Extension("a"), Extension("b")

TOKENS = st.from_regex(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", fullmatch=True)
EXTENSIONS = st.lists(
    st.builds(Extension, TOKENS, st.lists(st.tuples(TOKENS, st.none() | TOKENS), max_size=4).map(tuple)),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize(
    ("values", "extensions"),
    [
        ([], ()),
        (["a"], (A,)),
        (["a, b"], (A, B)),
        (["a", "b"], (A, B)),
        (["a,b ", "\ta"], (A, B, A)),
        (["a; x"], (Extension("a", (("x", None),)),)),
        (["a;x;y=1"], (Extension("a", (("x", None), ("y", "1"))),)),
        (["a ; x = 1 , b"], (Extension("a", (("x", "1"),)), B)),
        (['a; x="1"'], (Extension("a", (("x", "1"),)),)),
        (['a; x="\\1\\2"; y'], (Extension("a", (("x", "12"), ("y", None))),)),
        (["a; x; x=1"], (Extension("a", (("x", None), ("x", "1"))),)),
        (["A; X"], (Extension("A", (("X", None),)),)),
        # A list may have empty elements (RFC 2616 2.1).
        ([",a,,b,"], (A, B)),
        (["", "a"], (A,)),
    ],
)
def test_the_header_is_read_in_order(values: list[str], extensions: tuple[Extension, ...]) -> None:
    assert parse_extensions(values) == extensions


@pytest.mark.parametrize(
    "values",
    [
        [""],
        [" "],
        [","],
        ["", ""],
        [";"],
        ["; x"],
        ["a;"],
        ["a;, b"],
        ["a; ; x"],
        ["a", "; x"],
        ["a;", "x"],
        ["a b"],
        ["a=1"],
        ["a; x y"],
        ["a; =1"],
        ["=1"],
        ["a; x="],
        ["a; x=1=2"],
        ["a; x=1 2"],
        ['a; x="1'],
        ['a; x=1"'],
        ['a; x=""'],
        ['a; x="1 2"'],
        ['a; x="1,2"'],
        ['a; x="\\"'],
        ['a; "x"'],
        ["a/b"],
        ["é"],
        ["a\n"],
        ["a; x=é"],
    ],
)
def test_a_header_of_another_form_is_refused(values: list[str]) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        parse_extensions(values)
    assert (caught.value.status, caught.value.spec) == (400, "RFC 6455 9.1")


@given(EXTENSIONS)
def test_what_is_written_is_read_again(extensions: list[Extension]) -> None:
    assert parse_extensions([", ".join(map(str, extensions))]) == tuple(extensions)
    assert parse_extensions(list(map(str, extensions))) == tuple(extensions)


@given(st.lists(st.text('ab;,= \t"\\é', max_size=12), max_size=3))
def test_any_header_is_read_or_refused(values: list[str]) -> None:
    try:
        extensions = parse_extensions(values)
    except RemoteProtocolError:
        return
    assert bool(extensions) == bool(values)
