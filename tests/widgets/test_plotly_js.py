"""plotly.js goes to the page once for each kernel."""

from __future__ import annotations

import gzip
from importlib.resources import files

from rtlab.widgets import plotly_js
from rtlab.widgets.plotly_js import PlotlyBundle, plotly_reference


def _bundle() -> PlotlyBundle:
    reference = plotly_reference()
    bundle = plotly_js._bundle
    assert bundle is not None
    assert reference == f"IPY_MODEL_{bundle.model_id}"
    return bundle


def test_the_bundle_is_the_script_of_the_installed_package() -> None:
    script = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    assert gzip.decompress(_bundle().bundle_gzip) == script


def test_the_bundle_is_part_of_the_state_that_a_page_gets() -> None:
    assert _bundle().get_state()["bundle_gzip"] == _bundle().bundle_gzip


def test_there_is_one_bundle_however_often_it_is_asked_for() -> None:
    assert plotly_reference() == plotly_reference()


def test_a_bundle_that_was_closed_is_replaced() -> None:
    before = plotly_reference()
    _bundle().close()
    assert plotly_reference() != before


def test_its_repr_does_not_print_the_script() -> None:
    assert len(repr(_bundle())) < 50
