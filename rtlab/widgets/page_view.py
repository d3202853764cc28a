"""The widget that makes the learner's page an instrument."""

from __future__ import annotations

from collections.abc import Callable

import traitlets

from rtlab.widgets.readable import ReadableWidget, front_end


class PageView(ReadableWidget):
    """Says how the page reaches the lab and how many connections it has open, with a button that closes them.

    Commands and reports do not pass through the widget: it only tells the page's script where the lab is.

    Args:
        http_url: The lab's address for programs of its own machine.
        desk: The secret that lets the page in.
        proof: The secret by which the page knows the lab.
        only: ``"direct"`` or ``"proxy"`` for a page that shall try no other route; empty for both.
        describe: Says how the page stands, for whoever cannot see it.
    """

    _esm = front_end("page.js")
    _css = front_end("page.css")

    _address = traitlets.Dict().tag(sync=True)

    def __init__(self, http_url: str, desk: str, proof: str, only: str, describe: Callable[[], str]) -> None:
        self._describe = describe
        super().__init__(_address={"http": http_url, "desk": desk, "proof": proof, "only": only})

    def __repr__(self) -> str:
        return self._describe()
