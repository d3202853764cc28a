"""``environment()``: where this runs, and what follows for the course."""

from __future__ import annotations

import os
from dataclasses import dataclass

from rtlab.surroundings import machine
from rtlab.surroundings.consequences import Consequence, Works, consequences
from rtlab.surroundings.place import Environment, FrontEnd, where
from rtlab.surroundings.plain_table import html_table, text_table
from rtlab.surroundings.routes import Distortion, distortions

_NAMES: dict[FrontEnd, str] = {
    "jupyterlab": "JupyterLab",
    "notebook": "Jupyter Notebook",
    "vscode": "VS Code",
    "colab": "Colab",
    "binder": "Binder",
    "jupyterhub": "a JupyterHub",
    "jupyterlite": "JupyterLite",
    "console": "a Jupyter console",
    "no front end": "a kernel without a front end",
    "terminal-ipython": "IPython in a terminal",
    "python": "plain Python",
}
_WAYS = {
    "direct": "A page of it most likely opens a lab's own port.",
    "proxy": "A page of it reaches a lab through the notebook server's proxy.",
    "kernel only": "No page reaches a lab; Python clients do.",
}
_SYMBOLS: dict[Works, str] = {"yes": "✓", "in part": "◐", "no": "✗", "not tested": "?"}
_COLOURS: dict[Works, str] = {
    "yes": "var(--jp-success-color1, green)",
    "in part": "var(--jp-warn-color1, orange)",
    "no": "var(--jp-error-color1, red)",
    "not tested": "var(--jp-info-color1, steelblue)",
}


@dataclass(frozen=True, slots=True)
class Overview:
    """Where this runs and what follows; it displays itself.

    Attributes:
        place: What was seen of the place.
        facts: One pair of name and value a fact.
        follows: Which parts of the course work here, and what to do about the others.
        changes: What the page's way to a lab changes; empty where it changes nothing.
    """

    place: Environment
    facts: tuple[tuple[str, str], ...]
    follows: tuple[Consequence, ...]
    changes: tuple[Distortion, ...]

    @property
    def summary(self) -> str:
        """Where we are and how much of the course works, in a few short sentences."""
        short = [each for each in self.follows if each.works != "yes"]
        rest = f"{len(short)} of {len(self.follows)} parts of the course need care." if short else "All parts work."
        if self.place.front_end == "jupyterlite":
            return f"This is JupyterLite. Labs need sockets, and there are none. {rest}"
        return f"This is {_NAMES[self.place.front_end]}. {_WAYS[self.place.route]} {rest}"

    def _repr_html_(self) -> str:
        head = ("Part of the course", "Works here?", "Why", "What to do")
        rows = [
            (each.feature, f"{_SYMBOLS[each.works]} {each.works}", each.why, each.instead) for each in self.follows
        ]
        tables = [
            f"<p>{self.summary}</p>",
            html_table("What follows", head, rows, [_COLOURS[each.works] for each in self.follows]),
        ]
        if self.changes:
            changed = [(each.feature, each.name, each.happens) for each in self.changes]
            tables.append(html_table("What the proxy changes", ("Key", "What", "What happens"), changed))
        return "".join([*tables, html_table("Where this runs", ("What", "Value"), self.facts)])

    def __repr__(self) -> str:
        lines = [self.summary, ""]
        for line, each in zip(
            text_table([(f.works, f.feature, f.why) for f in self.follows]).splitlines(), self.follows, strict=True
        ):
            lines += [line, f"            -> {each.instead}"] if each.instead else [line]
        if self.changes:
            lines += ["", "What the proxy changes", text_table([(c.feature, c.happens) for c in self.changes])]
        return "\n".join([*lines, "", text_table(self.facts)])


def environment() -> Overview:
    """Tell where this runs, and which parts of the course work here.

    Returns:
        An overview that displays itself: what works, what to do instead, and the facts of machine and versions
        for a report or a question. It names no user, host or folder, and opens no connection.
    """
    here, limit = where(), machine.core_limit()
    # The same words as the front door takes for "off".
    replay = os.environ.get("RTLAB_REPLAY", "").strip().lower() not in ("", "0", "no", "off", "false", "record")
    follows = consequences(here, chromium=machine.chromium() is not None, core_limit=limit, replay=replay)
    return Overview(here, _facts(here, limit), follows, distortions(here.route))


def _facts(here: Environment, limit: float | None) -> tuple[tuple[str, str], ...]:
    load, memory = machine.load_1min(), machine.memory_bytes()
    return (
        ("front end", here.front_end),
        ("widgets", "yes" if here.has_widgets else "no"),
        ("route of a page", here.route),
        ("Python", here.python),
        ("system", here.system),
        ("processor", machine.cpu_model()),
        ("cores", f"{machine.cores()}" + ("" if limit is None else f", limited to the time of {limit:g}")),
        ("load, 1 minute", "not known" if load is None else f"{load:.2f}"),
        ("memory", "not known" if memory is None else f"{memory / 2**30:.1f} GiB"),
        *here.versions.items(),
    )
