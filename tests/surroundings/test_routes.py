from __future__ import annotations

from typing import get_args

import pytest

from rtlab.errors import InputError
from rtlab.surroundings.routes import DISTORTIONS, Route, distortions


def test_the_lab_s_own_port_changes_nothing() -> None:
    assert distortions("direct") == ()


def test_the_proxy_falsifies_what_the_course_compares() -> None:
    features = {each.feature for each in distortions("proxy")}
    assert features >= {"close_code", "subprotocol", "compression", "disconnect", "stream_limit", "accept"}


def test_every_distortion_belongs_to_a_route_and_is_told_once_in_one_sentence() -> None:
    keys = [(each.route, each.feature) for each in DISTORTIONS]
    assert len(set(keys)) == len(keys)
    for each in DISTORTIONS:
        assert each.route in get_args(Route)
        assert each.happens.endswith(".") and ". " not in each.happens
        assert each.source.startswith(("measured ", "read "))


def test_an_unknown_route_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(InputError, match="'tunnel'; the routes are direct, proxy, kernel only"):
        distortions("tunnel")  # type: ignore[arg-type]
