from __future__ import annotations

from xml.etree import ElementTree

from rtlab.probes.buffering import Piece
from rtlab.probes.chart import arrivals_svg

PIECES = [Piece(0.0, 100, 1, ends_inside=False), Piece(500.0, 4_096, 20, ends_inside=True)]


def test_each_piece_has_a_mark_and_one_that_ends_inside_an_event_another():
    figure = ElementTree.fromstring(arrivals_svg(PIECES, (5.0, 5.0, 500.0), "collected"))
    classes = [path.get("class") for path in figure.iter("path")]
    assert (classes.count("whole"), classes.count("cut")) == (1, 1)
    assert len(list(figure.iter("rect"))) == 9
    told = figure.findtext("figcaption")
    assert (
        told == "2 pieces came within 0.5 s; 1 of them, with a cross, ended inside an event. Buffering: collected."
    )
    assert figure.find("svg").get("aria-label") == told


def test_nothing_is_drawn_where_nothing_came():
    assert arrivals_svg([], (), "") == ""


def test_one_empty_piece_at_the_start_can_be_drawn():
    assert ElementTree.fromstring(arrivals_svg([Piece(0.0, 0, 0, ends_inside=False)], (), "")) is not None
