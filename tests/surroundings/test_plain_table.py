from __future__ import annotations

import re
from html.parser import HTMLParser

from rtlab.surroundings.plain_table import html_table, text_table


class _Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.started: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.started.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_every_header_says_whether_it_heads_a_row_or_a_column() -> None:
    seen = _Tags(html_table("Caption", ("A", "B"), [("1", "2"), ("3", "4")]))
    scopes = [attributes["scope"] for tag, attributes in seen.started if tag == "th"]
    assert scopes == ["col", "col", "row", "row"]
    assert [tag for tag, _ in seen.started].count("caption") == 1
    assert seen.text == ["Caption", "A", "B", "1", "2", "3", "4"]


def test_cells_are_text_and_never_markup() -> None:
    seen = _Tags(html_table("<b>", ("<i>",), [("<script>",)]))
    assert seen.text == ["<b>", "<i>", "<script>"]
    assert not {"b", "i", "script"} & {tag for tag, _ in seen.started}


def test_text_colour_comes_from_the_theme_of_the_notebook() -> None:
    html = html_table("Caption", ("A",), [("1",)])
    assert re.search(r"[^-]color:var\(--jp-ui-font-color1, inherit\)", html)


def test_each_row_takes_the_colour_of_its_edge() -> None:
    html = html_table("Caption", ("A",), [("1",), ("2",)], ["red", "green"])
    assert re.findall(r"border-left:4px solid (\w+)", html) == ["red", "green"]


def test_columns_of_the_text_are_aligned() -> None:
    assert text_table([("a", "1"), ("long", "2")]) == "a     1\nlong  2"
