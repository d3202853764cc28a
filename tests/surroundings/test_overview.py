from __future__ import annotations

import os
import subprocess
import sys
from html import escape
from pathlib import Path
from typing import get_args

import pytest

from rtlab.surroundings.consequences import consequences
from rtlab.surroundings.overview import Overview, environment
from rtlab.surroundings.place import Environment, FrontEnd
from rtlab.surroundings.routes import distortions

ROOT = Path(__file__).parents[2]


def overview(front_end: FrontEnd, prefix: str | None = "/") -> Overview:
    here = Environment(front_end, True, True, True, prefix, "3.11.0", "Linux", {"rtlab": "0.1.0"})
    found = consequences(here, chromium=False, core_limit=None, replay=False)
    return Overview(here, (("front end", here.front_end), ("Python", here.python)), found, distortions(here.route))


@pytest.mark.parametrize("front_end", get_args(FrontEnd))
def test_text_and_tables_say_the_same(front_end: FrontEnd) -> None:
    shown = overview(front_end, "/user/abc/")
    html, text = shown._repr_html_(), repr(shown)
    assert shown.summary in text and shown.summary in html
    for each in shown.follows:
        for part in (each.feature, each.works, each.why, each.instead):
            assert part in text and escape(part) in html
    for change in shown.changes:
        assert change.happens in text and escape(change.happens) in html
    for name, value in shown.facts:
        assert name in text and f">{name}</th>" in html
        assert value in text and f">{value}</td>" in html


def test_the_first_sentences_name_the_place_and_the_way_to_a_lab() -> None:
    assert overview("binder", "/user/abc/").summary.startswith("This is Binder. A page of it reaches a lab through")
    assert overview("jupyterhub", "/user/abc/").summary.startswith("This is a JupyterHub.")
    assert "opens a lab's own port" in overview("jupyterlab").summary
    assert "there are none" in overview("jupyterlite", None).summary


def test_the_text_can_be_shown_by_every_terminal() -> None:
    assert repr(overview("binder", "/user/abc/")).isascii()


def test_what_the_proxy_changes_is_shown_only_where_there_is_one() -> None:
    assert "What the proxy changes" in repr(overview("binder", "/user/abc/"))
    assert "What the proxy changes" not in repr(overview("jupyterlab"))


def test_it_tells_the_facts_of_this_place() -> None:
    shown = environment()
    facts = dict(shown.facts)
    assert facts["front end"] == shown.place.front_end
    assert facts["Python"] == ".".join(map(str, sys.version_info[:3]))
    assert {"processor", "cores", "tornado", "rtlab"} <= facts.keys()


@pytest.mark.parametrize(
    ("value", "on"), [("1", True), ("0", False), ("off", False), ("", False), ("record", False)]
)
def test_it_knows_a_replay(value: str, on: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RTLAB_REPLAY", value)
    assert ("It is on" in repr(environment())) == on


def test_it_does_not_name_the_user() -> None:
    private = {name: "/user/jane-doe/" for name in ("HOME", "USER", "LOGNAME", "JUPYTERHUB_SERVICE_PREFIX")}
    private |= {"HOSTNAME": "jane-doe", "JUPYTERHUB_USER": "jane-doe", "PYTHONPATH": str(ROOT)}
    code = "from rtlab.surroundings.overview import environment; e = environment(); print(e, e._repr_html_())"
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env={**os.environ, **private}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )
    assert "tornado" in done.stdout, done.stderr
    assert "jane-doe" not in done.stdout
