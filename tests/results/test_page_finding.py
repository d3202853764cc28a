from __future__ import annotations

import pandas as pd
import pytest

from rtlab.errors import InputError
from rtlab.pages.records import PageFacts
from rtlab.results.page_finding import PageFinding
from rtlab.surroundings.routes import distortions

LONG = "x" * 80


class Planted(PageFinding):
    @property
    def table(self) -> pd.DataFrame:
        return pd.DataFrame({"said": pd.Series([LONG], dtype="string")})

    @property
    def text(self) -> str:
        return "1 < 2."


def planted(route: str) -> Planted:
    return Planted(PageFacts("Firefox/153.0", "http://127.0.0.1:1", True, True, route))


def test_it_names_the_browser_and_its_way() -> None:
    assert "Measured in Firefox 153, which reached the lab directly." in repr(planted("direct"))
    shown = planted("proxy")._repr_mimebundle_()
    assert "through the notebook server&#x27;s proxy." in shown["text/html"]
    assert "through the notebook server's proxy." in shown["text/plain"]


def test_it_lists_what_its_way_is_known_to_change() -> None:
    assert planted("direct").distorted == ()
    assert "<details>" not in planted("direct")._repr_mimebundle_()["text/html"]
    html = planted("proxy")._repr_mimebundle_()["text/html"]
    assert len(distortions("proxy")) == html.count("<li>") > 5
    assert all(each.name in repr(planted("proxy")) for each in distortions("proxy"))


def test_a_sentence_in_a_cell_is_shown_whole() -> None:
    html = planted("direct")._repr_mimebundle_()["text/html"]
    assert LONG in html
    assert "1 &lt; 2." in html


def test_a_route_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="There is no route 'detour'"):
        _ = planted("detour").distorted
