"""What follows from where we are: which parts of the course work here, and what to do about the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rtlab.surroundings.place import Environment
from rtlab.surroundings.routes import distortions

Works = Literal["yes", "in part", "no", "not tested"]

REPLAY = "Replay it: set RTLAB_REPLAY=1 before the kernel starts, or run %env RTLAB_REPLAY=1 in the first cell."
_OWN_BROWSER = (
    'Use browser_lab(browser="chromium"): it starts a browser beside the kernel, and that reaches the lab.'
)
_LITE = "Python runs inside the page here: no sockets, no threads, no processes."
_ELSEWHERE = "Use Binder, or install rtlab on a computer."
_SHARED = ("binder", "colab", "jupyterhub")


@dataclass(frozen=True, slots=True)
class Consequence:
    """Whether one part of the course works here.

    Attributes:
        feature: The part.
        works: Whether it does; ``not tested`` where it should, and nobody has tried.
        why: The reason, in one sentence.
        instead: What to do where it does not work in full; else empty.
    """

    feature: str
    works: Works
    why: str
    instead: str = ""


def consequences(
    here: Environment, *, chromium: bool, core_limit: float | None, replay: bool
) -> tuple[Consequence, ...]:
    """Tell what works in a place.

    Args:
        here: The place.
        chromium: True if a browser can be started beside the kernel.
        core_limit: How many cores' time may be used; None without a limit.
        replay: True if recordings are played instead of experiments.

    Returns:
        One record for each part of the course, always the same parts in the same order.
    """
    instead = _OWN_BROWSER if chromium else REPLAY
    return (
        _python_side(here),
        _widgets(here),
        *_own_page(here, instead),
        _timings(here, core_limit),
        _replay(here, replay),
    )


def _python_side(here: Environment) -> Consequence:
    feature = "servers and Python clients"
    if here.front_end == "jupyterlite":
        return Consequence(feature, "no", _LITE, _ELSEWHERE)
    return Consequence(feature, "yes", "They meet on 127.0.0.1 of the machine that runs Python.")


def _widgets(here: Environment) -> Consequence:
    feature = "live charts, buttons and quizzes"
    if here.front_end in ("vscode", "colab"):
        why = "ipywidgets and anywidget support it; the widgets of rtlab have not been tried there."
        return Consequence(feature, "not tested", why, "Where one stays empty, use `rtlab lab` or Binder.")
    if here.front_end == "jupyterlite":
        return Consequence(feature, "not tested", _LITE, _ELSEWHERE)
    if here.has_widgets:
        return Consequence(feature, "yes", "The front end shows widgets.")
    if here.front_end in ("jupyterlab", "notebook", "binder", "jupyterhub"):
        return Consequence(feature, "no", "ipywidgets or anywidget is not installed.", "Run rtlab.doctor().")
    return Consequence(
        feature, "no", "There is no page to show them.", "Their text shows; `rtlab lab` opens a page."
    )


def _own_page(here: Environment, instead: str) -> tuple[Consequence, ...]:
    """Judge what needs the learner's own page, from the way that the page has to a lab."""
    features = (
        "EventSource and WebSocket of your own page",
        "close codes, sub-protocols, compression, and who notices an end",
        "six connections to one server, and the seventh that waits",
        "HTTP/2 in your own page",
    )
    if here.front_end == "jupyterlite":
        return tuple(Consequence(feature, "no", _LITE, _ELSEWHERE) for feature in features)
    if here.route == "kernel only":
        why = {
            "colab": "Colab's proxy passes no WebSocket (colabtools, issue 2529).",
            "vscode": "The kernel is elsewhere, and a page in VS Code knows no notebook server to ask.",
        }.get(here.front_end, "There is no page.")
        return tuple(Consequence(feature, "no", why, instead) for feature in features)
    if here.route == "proxy":
        changed = ", ".join(each.feature for each in distortions("proxy"))
        return (
            Consequence(features[0], "in part", f"The notebook server's proxy changes: {changed}.", instead),
            Consequence(features[1], "no", "The page would see the proxy's, not the lab's.", instead),
            Consequence(features[2], "no", "JupyterLab needs the same six; rtlab opens at most four.", instead),
            Consequence(features[3], "no", "The proxy speaks plain HTTP/1.1 to a lab.", instead),
        )
    trust = Consequence(features[3], "in part", "Your browser must first trust the lab's own certificate.", instead)
    if here.front_end == "vscode":
        why = "VS Code's pages may open ports of this machine, by its source; nobody has tried it with rtlab."
        return (*(Consequence(each, "not tested", why, instead) for each in features[:3]), trust)
    return (*(Consequence(each, "yes", "The page opens the lab's own port.") for each in features[:3]), trust)


def _timings(here: Environment, core_limit: float | None) -> Consequence:
    feature = "times and rates"
    if here.front_end == "jupyterlite":
        return Consequence(feature, "no", _LITE, _ELSEWHERE)
    compare = "Compare within one run only, and read the validity report."
    if here.front_end in _SHARED:
        return Consequence(feature, "in part", "Others use the same machine.", compare)
    if core_limit is not None and core_limit < 2:
        return Consequence(feature, "in part", f"Only the time of {core_limit:g} cores may be used.", compare)
    return Consequence(feature, "yes", "Each result brings its own validity report.")


def _replay(here: Environment, replay: bool) -> Consequence:
    feature = "replay of recordings"
    if here.front_end == "jupyterlite":
        return Consequence(feature, "not tested", "It needs no sockets, but packages that may be missing there.")
    if replay:
        return Consequence(
            feature, "yes", "It is on: nothing that you see is measured here.", "Unset RTLAB_REPLAY."
        )
    return Consequence(feature, "yes", "The recordings come with rtlab; no sockets are needed.")
