"""A row of buttons under something else, with a line that says what the last one did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import ipywidgets  # type: ignore[import-untyped]  # it ships no types

from rtlab.errors import RtlabError


class ButtonRow(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets ships no types
    """Something to look at, and buttons that change it.

    A button works while no cell runs. In code: ``press("name")``.

    Args:
        shown: The widget above the buttons.
        actions: What each button does, by its text; it gives one sentence that says what happened.
        hints: What a button is for, shown when the pointer rests on it.
        label: What the row is, for whoever does not see it.
    """

    def __init__(
        self,
        shown: ipywidgets.DOMWidget,
        actions: Mapping[str, Callable[[], str]],
        *,
        hints: Mapping[str, str] | None = None,
        label: str = "",
    ) -> None:
        self._actions = dict(actions)
        self._label = label
        self.said = ""
        self._status = ipywidgets.HTML(_status(""))
        buttons = []
        for name in actions:
            button = ipywidgets.Button(description=name, tooltip=(hints or {}).get(name, ""))
            button.layout.width = "auto"
            button.on_click(lambda _, name=name: self.press(name))
            buttons.append(button)
        self._buttons = ipywidgets.HBox(buttons, layout=ipywidgets.Layout(flex_flow="row wrap"))
        super().__init__([shown, self._buttons, self._status])

    def press(self, name: str) -> str:
        """Do what a button does.

        Args:
            name: The button's text.

        Returns:
            What happened, one sentence.
        """
        try:
            self.said = self._actions[name]()
        except RtlabError as error:  # a page shows no traceback of a button
            self.said = str(error)
        self._status.value = _status(self.said)
        return self.said

    def disable(self, said: str) -> None:
        """Switch the buttons off, because there is nothing left to change.

        Args:
            said: One sentence that says so.
        """
        for button in self._buttons.children:
            button.disabled = True
        self.said = said
        self._status.value = _status(said)

    def __repr__(self) -> str:
        return f"{self._label}: {', '.join(self._actions)}. In code: .press({next(iter(self._actions))!r})"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["text/plain"] = repr(self)
        return bundle


def _status(text: str) -> str:
    return f'<div role="status">{escape(text)}</div>'
