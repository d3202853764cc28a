from __future__ import annotations

from typing import Any, get_args

import pytest

from rtlab.surroundings.consequences import REPLAY, Consequence, consequences
from rtlab.surroundings.place import Environment, FrontEnd
from rtlab.surroundings.routes import distortions


def place(front_end: str, prefix: str | None = None, widgets: bool = True) -> Environment:
    return Environment(front_end, True, widgets, True, prefix, "3.11.0", "Linux", {})  # type: ignore[arg-type]


def follows(here: Environment, **known: Any) -> dict[str, Consequence]:
    known = {"chromium": True, "core_limit": None, "replay": False, **known}
    return {each.feature.split()[0]: each for each in consequences(here, **known)}


PLACES = [place(name, prefix) for name in get_args(FrontEnd) for prefix in (None, "/", "/user/abc/")]


@pytest.mark.parametrize("here", PLACES, ids=lambda here: f"{here.front_end} {here.proxy_prefix}")
def test_whatever_does_not_work_has_a_reason_and_mostly_a_way_out(here: Environment) -> None:
    found = consequences(here, chromium=False, core_limit=None, replay=False)
    assert [each.feature for each in found] == [
        each.feature for each in consequences(PLACES[0], chromium=True, core_limit=1.0, replay=True)
    ]
    for each in found:
        assert each.why.endswith(".")
        assert each.instead or each.works in ("yes", "not tested")


def test_at_home_all_works_but_http2_needs_trust() -> None:
    assert {
        name: each.works for name, each in follows(place("jupyterlab", "/")).items() if each.works != "yes"
    } == {"HTTP/2": "in part"}


@pytest.mark.parametrize("front_end", ["binder", "jupyterhub", "jupyterlab", "notebook"])
def test_through_the_proxy_the_page_sees_the_proxy_and_every_change_is_named(front_end: str) -> None:
    found = follows(place(front_end, "/user/abc/"))
    assert [found[name].works for name in ("EventSource", "close", "six", "HTTP/2")] == [
        "in part",
        "no",
        "no",
        "no",
    ]
    for each in distortions("proxy"):
        assert each.feature in found["EventSource"].why
    assert found["servers"].works == "yes"


@pytest.mark.parametrize("front_end", ["colab", "no front end", "console", "terminal-ipython", "python"])
def test_where_no_page_reaches_a_lab_python_clients_still_do(front_end: str) -> None:
    found = follows(place(front_end, widgets=front_end == "colab"))
    assert {found[name].works for name in ("EventSource", "close", "six", "HTTP/2")} == {"no"}
    assert found["servers"].works == "yes"


def test_without_a_browser_to_start_the_way_out_is_a_replay() -> None:
    here = place("binder", "/user/abc/")
    assert 'browser_lab(browser="chromium")' in follows(here, chromium=True)["close"].instead
    assert follows(here, chromium=False)["close"].instead == REPLAY


def test_in_jupyterlite_nothing_is_promised() -> None:
    assert {each.works for each in follows(place("jupyterlite", widgets=False)).values()} == {"no", "not tested"}


def test_vs_code_is_not_called_tested() -> None:
    found = follows(place("vscode"))
    assert {found[name].works for name in ("EventSource", "close", "six", "live")} == {"not tested"}
    assert found["servers"].works == "yes"


def test_missing_packages_are_told_from_a_front_end_without_widgets() -> None:
    assert "doctor" in follows(place("jupyterlab", widgets=False))["live"].instead
    assert "rtlab lab" in follows(place("console", widgets=False))["live"].instead


@pytest.mark.parametrize(("limit", "works"), [(0.5, "in part"), (2.0, "yes"), (None, "yes")])
def test_times_on_less_than_two_cores_are_not_trusted(limit: float | None, works: str) -> None:
    assert follows(place("jupyterlab"), core_limit=limit)["times"].works == works


def test_a_replay_says_that_it_is_on() -> None:
    assert "nothing that you see is measured" in follows(place("jupyterlab"), replay=True)["replay"].why
