"""The widget only tells the page's script where the lab is."""

from __future__ import annotations

from rtlab.widgets.page_view import PageView


def test_the_widget_hands_over_the_address_and_nothing_else():
    view = PageView("http://127.0.0.1:1", "desk", "proof", "proxy", lambda: "It stands so.")
    own = {key: value for key, value in view.get_state().items() if key.startswith("_address")}
    assert own == {"_address": {"http": "http://127.0.0.1:1", "desk": "desk", "proof": "proof", "only": "proxy"}}
    view.close()


def test_whoever_cannot_see_the_widget_reads_how_the_page_stands():
    view = PageView("http://127.0.0.1:1", "desk", "proof", "", lambda: "It stands so.")
    assert repr(view) == "It stands so."
    shown = view._repr_mimebundle_()
    bundle = shown[0] if isinstance(shown, tuple) else shown
    assert bundle["text/plain"] == "It stands so."
    assert "desk" not in str(bundle) and "proof" not in str(bundle)
    view.close()
