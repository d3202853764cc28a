"""plotly.js for all live charts of a kernel: read once, sent once, and never from the network.

A chart must draw while a cell runs, and a kernel that runs a cell answers no question of the page. So the
bundle is part of the opening message of one small widget model, and the charts carry a reference to it.
"""

from __future__ import annotations

import gzip
from importlib.resources import files

import ipywidgets  # type: ignore[import-untyped]  # ipywidgets ships no types
import traitlets


class PlotlyBundle(ipywidgets.Widget):  # type: ignore[misc]  # likewise
    """The plotly.js of the installed plotly package, as a model without a view.

    Attributes:
        bundle_gzip: The script, compressed: a third of its 5 MB.
    """

    bundle_gzip = traitlets.Bytes().tag(sync=True)

    def __repr__(self) -> str:
        return f"PlotlyBundle({len(self.bundle_gzip)} bytes)"


_bundle: PlotlyBundle | None = None


def plotly_reference() -> str:
    """Give the name by which a page finds the kernel's one bundle; the first call reads it and sends it.

    Returns:
        The reference, in the form in which Jupyter widgets name each other.
    """
    global _bundle
    if _bundle is None or _bundle.comm is None:  # somebody closed all widgets
        script = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
        _bundle = PlotlyBundle(bundle_gzip=gzip.compress(script, 6, mtime=0))
    return f"IPY_MODEL_{_bundle.model_id}"
