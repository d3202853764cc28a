from __future__ import annotations

from collections.abc import Callable

from rtlab.findings.simplicity import Loss, account
from rtlab.results.simplicity import Losses, losses
from rtlab.servers.lab import Lab


def loss(client: str, received: list[int], *recovery_ms: float, server: str = "ids") -> Loss:
    return Loss(server, client, 1, 2, account(received, 4), recovery_ms)


def test_the_table_has_a_row_for_each_pair_and_says_who_never_came_back() -> None:
    table = Losses([loss("EventSource", [0, 1, 2, 3], 20.0, 40.0, 30.0), loss("WebSocket", [0])]).table
    assert list(table["lost"]) == [0, 3]
    assert tuple(table.loc[0, ["recovery_ms", "longest_ms"]]) == (30.0, 40.0)
    assert table["recovery_ms"].isna().tolist() == [False, True]
    assert (table["delivered"] + table["lost"] == table["sent"]).all()


def test_the_sentence_names_who_lost_nothing_and_counts_the_rest() -> None:
    found = Losses([loss("EventSource", [0, 1, 2, 3]), loss("WebSocket", [0]), loss("odd", [0, 2, 1, 1])])
    assert found.text == (
        "With up to 2 cuts of an open line, 1 of 3 pairs of client and server lost nothing: EventSource (ids). "
        "Came twice: 1; came out of order: 1."
    )
    assert "0 of 1 pairs of client and server lost nothing. Came" in Losses(found.found[1:2]).text


def test_columns_that_say_nothing_are_left_out_of_the_shown_table() -> None:
    calm = Losses([loss("EventSource", [0, 1, 2, 3])])
    assert calm.dull == ["seed", "doubled", "out_of_order"]
    assert Losses([loss("odd", [0, 2, 1, 1])]).dull == ["seed"]
    assert "doubled" not in calm._repr_mimebundle_()["text/html"].split("<p>")[0]


def test_a_lab_of_ones_own_is_tried_as_it_was_started(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(ids=False, retry_ms=20)
    found = losses(lab, events=50, cuts=1, clients=("EventSource", "WebSocket"), progress=False)
    assert list(found.table["client"]) == ["EventSource", "WebSocket"]
    assert set(found.table["server"]) == {lab.name}
    assert (found.table["lost"] > 0).all()


def test_without_a_lab_four_servers_are_tried() -> None:
    found = losses(events=30, cuts=0, clients=("EventSource",), progress=False)
    assert list(found.table["server"]) == ["no ids", "ids, no history", "ids, short history", "ids, enough history"]
    assert len(found.figure().data) == 3
