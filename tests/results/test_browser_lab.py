"""``browser_lab()``: which page it chooses, and what it refuses."""

from __future__ import annotations

import pytest

from rtlab.errors import InputError, MissingExtra
from rtlab.results.browser_lab import browser_lab


@pytest.fixture
def shown(monkeypatch):
    """What is displayed."""
    shown = []
    monkeypatch.setattr("rtlab.results.browser_lab.display", shown.append)
    return shown


def test_the_learners_page_is_shown_a_widget_that_knows_the_way(lab, shown):
    page = browser_lab(lab, browser="page", route="proxy")
    (view,) = shown
    assert view._address == {
        "http": lab.http_url,
        "desk": page.desk.token,
        "proof": page.desk.proof,
        "only": "proxy",
    }
    assert repr(view) == "No page reports to the lab: open this notebook in JupyterLab and run the cell."
    page.close()
    assert view.comm is None
    assert lab.server.desks == {}


def test_two_pages_of_one_lab_have_secrets_of_their_own(lab, shown):
    one, other = (browser_lab(lab, browser="page") for _ in range(2))
    assert {one.desk.token, one.desk.proof}.isdisjoint({other.desk.token, other.desk.proof, lab.nonce})
    one.close()
    assert list(lab.server.desks) == [other.desk.token]
    other.close()


def test_without_a_browser_it_says_what_to_install(lab, shown, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.delenv("RTLAB_CHROMIUM", raising=False)
    monkeypatch.setattr("rtlab.pages.browsers._in_usual_place", lambda kind: None)
    with pytest.raises(MissingExtra, match="No Chromium, Chrome or Edge was found; install one"):
        browser_lab(lab)  # no notebook, so a browser of the kernel's own
    assert shown == []
    assert lab.server.desks == {} and lab.when_stopped == []


def test_settings_that_do_not_go_together_are_refused(lab, make_lab, shown):
    with pytest.raises(InputError, match="reaches the lab directly"):
        browser_lab(lab, browser="chromium", route="proxy")
    for browser in ("page", "firefox"):
        with pytest.raises(InputError, match='browser="chromium"'):
            browser_lab(lab, browser=browser, trusted=make_lab(tls=True))
    with pytest.raises(InputError, match="without TLS"):
        browser_lab(make_lab(isolated=True), browser="page")
    assert shown == [] and lab.server.desks == {}
