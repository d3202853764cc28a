"""``browser.binary_types()``: what a script gets for text and for bytes."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments.message_forms import send_forms
from rtlab.figures.page_sockets import figure_message_forms
from rtlab.findings.page_sockets import MessageForm
from rtlab.pages.page import Page
from rtlab.pages.records import PageFacts
from rtlab.results.page_finding import PageFinding
from rtlab.tables.page_sockets import message_forms_table


class MessageForms(PageFinding):
    """What a script got for each message.

    Args:
        facts: What the page is.
        forms: One for each way and message.
    """

    def __init__(self, facts: PageFacts, forms: Sequence[MessageForm]) -> None:
        super().__init__(facts)
        self.forms = tuple(forms)

    @property
    def table(self) -> pd.DataFrame:
        """One row a way and message (``describe("message_forms")``)."""
        return message_forms_table(self.forms)

    @property
    def dull(self) -> list[str]:
        """Whether each came unchanged, if all did: the sentence says so."""
        return ["same"] if self.table["same"].all() else []

    @property
    def text(self) -> str:
        """In what form bytes came, and what they cost where only text can travel."""
        table = self.table
        bytes_ = table[(table["kind"] == "binary") & (table["form"] != "")]
        said = [f"{way} gave {', '.join(forms.unique())}" for way, forms in bytes_.groupby("way")["form"]]
        encoded = [form for form in self.forms if form.way == "EventSource" and form.kind == "binary"]
        longest = max(encoded, key=lambda form: form.sent_bytes)
        cost = (
            f" {longest.sent_bytes:,} bytes took {longest.carried_bytes:,} characters of base64 there, "
            f"{longest.carried_bytes / longest.sent_bytes:.2f} times as many."
        )
        whole = int(table["same"].sum())
        return (
            f"{whole} of {len(table)} messages came whole and in order, the empty ones, too. "
            f"For bytes, {'; '.join(said)}: an event stream carries text only.{cost}"
        )

    def figure(self) -> go.Figure:
        """Draw how much was carried for each message."""
        return figure_message_forms(self.table)


def binary_types(page: Page) -> MessageForms:
    """Send text, bytes, empty and long messages to a script: over a WebSocket, and over an event stream beside it.

    Args:
        page: The page, from ``rtlab.browser_lab()``.

    Returns:
        What the script got for each, and what had to be carried for it.

    Raises:
        WaitTimeout: The page does not answer.
    """
    facts = page.facts
    return MessageForms(facts, send_forms(page))
