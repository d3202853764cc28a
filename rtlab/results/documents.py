"""``documents()``: a lab's channels as AsyncAPI and OpenAPI, made from what was seen on the wire."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from rtlab.errors import InputError, MissingExtra
from rtlab.experiments.observation import Application, observe, publish_prices, served_in_this_process
from rtlab.exports.asyncapi import asyncapi_document
from rtlab.exports.catalogue import make_catalogue
from rtlab.exports.openapi import openapi_document
from rtlab.exports.validation import require_valid
from rtlab.exports.yaml_text import yaml_text
from rtlab.findings.documents import Catalogue
from rtlab.results.direction import Finding
from rtlab.results.document_view import DocumentView
from rtlab.results.text_files import write_files
from rtlab.servers.lab import Lab
from rtlab.tables.documents import message_kinds_table

Format = Literal["asyncapi", "openapi"]


class Documents(Finding):
    """Two documents of the same channels.

    Args:
        catalogue: What was seen on the channels.
        title: Their title.
    """

    def __init__(self, catalogue: Catalogue, title: str) -> None:
        self.catalogue = catalogue
        self.title = title

    @cached_property
    def asyncapi(self) -> dict[str, Any]:
        """The AsyncAPI 3.1 document as plain values: streams and WebSockets."""
        return asyncapi_document(self.catalogue, title=self.title)

    @cached_property
    def openapi(self) -> dict[str, Any]:
        """The OpenAPI 3.2 document as plain values: streams, and of WebSockets only the opening."""
        return openapi_document(self.catalogue, title=self.title)

    @property
    def table(self) -> pd.DataFrame:
        """One row a channel, transport and name (``describe("message_kinds")``)."""
        return message_kinds_table(self.catalogue)

    @property
    def text(self) -> str:
        """What each format covers, as one sentence."""
        kinds = len({(kind.channel, kind.event) for kind in self.catalogue.kinds})
        channels = len(self.catalogue.channels)
        return (
            f"{kinds} kind{'s' * (kinds != 1)} of messages on {channels} channel{'s' * (channels != 1)}: AsyncAPI "
            "describes them over both transports, the event stream as plain HTTP with extensions; OpenAPI "
            "describes each event, and of a WebSocket only its opening."
        )

    def of(self, format: Format) -> dict[str, Any]:
        """Give one of the documents.

        Args:
            format: ``"asyncapi"`` or ``"openapi"``.

        Raises:
            InputError: There is no such format.
        """
        if format not in ("asyncapi", "openapi"):
            raise InputError(f'The formats are "asyncapi" and "openapi", not {format!r}.')
        return self.asyncapi if format == "asyncapi" else self.openapi

    def validate(self, *formats: Format) -> tuple[str, ...]:
        """Hold the documents against the schemas of their makers.

        Args:
            *formats: Which; none takes both, and says of OpenAPI what to install if it cannot be checked here.

        Returns:
            What they are, such as ``"AsyncAPI 3.1.0"``.

        Raises:
            InputError: One is broken, which would be our mistake; the text says where.
            MissingExtra: openapi-spec-validator is not installed, and OpenAPI is asked for by its name.
        """
        if formats:
            return tuple(require_valid(self.of(format)) for format in formats)
        try:
            openapi = require_valid(self.openapi)
        except MissingExtra as error:
            openapi = f"OpenAPI was not checked here. {error}"
        return require_valid(self.asyncapi), openapi

    def show(self, format: Format = "asyncapi", *, viewer: bool | None = None) -> DocumentView:
        """Show a document in the notebook, as its format's own viewer or as an outline.

        Args:
            format: ``"asyncapi"`` or ``"openapi"``.
            viewer: True wants the viewer, False the outline; None takes the viewer if it has been fetched.

        Raises:
            InputError: There is no such format.
            MissingExtra: The viewer is wanted and has not been fetched.
        """
        return DocumentView(self.of(format), viewer=viewer)

    def save(self, folder: str | Path) -> tuple[Path, ...]:
        """Write both documents as JSON and as YAML.

        Args:
            folder: Where to; it is made if it is not there. Files of these names are replaced.

        Returns:
            The files.

        Raises:
            RecordingError: A file cannot be written.
        """
        files = {}
        for format, document in (("asyncapi", self.asyncapi), ("openapi", self.openapi)):
            files[f"{format}.json"] = json.dumps(document, indent=2) + "\n"
            files[f"{format}.yaml"] = yaml_text(document)
        return write_files(files, Path(folder))


def documents(
    lab: Lab,
    channels: Sequence[str] = ("news",),
    application: Application = publish_prices,
    *,
    title: str = "A lab's channels",
    timeout_s: float = 10.0,
) -> Documents:
    """Describe a lab's channels as AsyncAPI and OpenAPI documents, from the messages that an application sends.

    Args:
        lab: A running lab in this kernel.
        channels: Which channels to listen to.
        application: Called once with the lab; it publishes each kind of message at least once. The one that is
            there publishes two prices and a notice on the channel ``news``.
        title: The documents' title.
        timeout_s: How long the messages may take, in seconds.

    Returns:
        Both documents; ``validate()`` checks them, ``show()`` shows them, ``save()`` writes them.

    Raises:
        InputError: The application published nothing on these channels, or the lab is isolated.
        WaitTimeout: A message did not arrive.
    """
    resumption = served_in_this_process(lab).resumption
    seen = observe(lab, channels, application, timeout_s=timeout_s)
    return Documents(make_catalogue(seen, lab.http_url, ids=resumption.ids, retry_ms=resumption.retry_ms), title)


def validate(described: Documents) -> tuple[str, ...]:
    """Hold both documents against the schemas of their makers, as ``described.validate()`` does.

    Args:
        described: What ``documents()`` gave.

    Returns:
        What they are, such as ``"AsyncAPI 3.1.0"``, or what to install to check OpenAPI here.

    Raises:
        InputError: One is broken; the text says where.
    """
    return described.validate()
