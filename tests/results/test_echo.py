from __future__ import annotations

from rtlab.findings.echo import Echo
from rtlab.results.echo import Echoes, echo


def run(library: str, way: str, clients: int, round_trips: int, bytes_each: int = 40) -> Echo:
    both = bytes_each * round_trips
    return Echo(library, way, clients, 1.0, round_trips, both, both, 0.2, 0.1)


def test_it_tells_what_post_costs_more_where_a_library_has_both() -> None:
    found = [run("a", "websocket", 1, 900), run("a", "websocket", 9, 100), run("a", "sse+post", 9, 50, 200)]
    text = Echoes([*found, run("b", "websocket", 9, 10)], {}).text
    assert "9 clients: a 0.50 of the round trips, 5.0 and 5.0 times the bytes (up and down)." in text
    assert "b 0" not in text


def test_the_figure_has_a_row_for_each_library_and_number_of_clients() -> None:
    figure = Echoes([run("a", "websocket", 1, 900), run("a", "sse+post", 9, 50)], {}).figure()
    assert list(figure.layout.yaxis.categoryarray) == ["a, 1 client", "a, 9 clients"]
    assert "a, 9 clients, sse+post: 50 a second" in figure.layout.meta["description"]


def test_the_verb_asks_a_real_server() -> None:
    found = echo((2,), libraries=("rtlab",), seconds=0.1, repeats=1, progress=False)
    assert list(found.table["way"]) == ["websocket", "sse+post"]
    assert (found.table["bytes_up_each"] >= 32).all()
