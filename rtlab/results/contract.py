"""``contract()``: holds what is on the wire against the documents, message by message."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from rtlab.errors import InputError, MissingExtra
from rtlab.experiments.ended_streams import EndedStreams
from rtlab.experiments.observation import Application, observe, publish_prices
from rtlab.exports.contract import Contract
from rtlab.findings.documents import Breach, ContractCheck, Sighting, StreamKind
from rtlab.results.direction import Finding
from rtlab.results.documents import Documents
from rtlab.servers.lab import Lab
from rtlab.tables.documents import breaches_table, contract_checks_table
from rtlab.tools.schemathesis import INSTALL, check_streams, find_schemathesis


class ContractChecks(Finding):
    """Who checked what, and what broke the contract.

    Args:
        checks: One for each checker, document and transport.
        left_out: What was not run, and why; empty if nothing.
    """

    def __init__(self, checks: Sequence[ContractCheck], left_out: str = "") -> None:
        self.checks = tuple(checks)
        self.left_out = left_out

    @property
    def kept(self) -> bool:
        """True if no check found a breach."""
        return not any(each.breaches for each in self.checks)

    @property
    def table(self) -> pd.DataFrame:
        """One row a check (``describe("contract_checks")``)."""
        return contract_checks_table(self.checks)

    @property
    def breaches(self) -> pd.DataFrame:
        """One row a breach and checker (``describe("breaches")``)."""
        return breaches_table(self.checks)

    @property
    def text(self) -> str:
        """Whether the contract is kept, and the first breach that was found, as a sentence or two."""
        left_out = f" {self.left_out}" if self.left_out else ""
        found = [breach for each in self.checks for breach in each.breaches]
        if not found:
            return f"Every message kept the contract.{left_out}"
        first = found[0]
        name = f"{first.event} on {first.channel}, {first.where}".rstrip(", ")
        finders = ", ".join(dict.fromkeys(each.checker for each in self.checks if each.breaches))
        return f"The contract is broken; {finders} found it. First: {name}: {first.problem}.{left_out}"


def contract(
    lab: Lab,
    documents: Documents | Mapping[str, Any],
    application: Application = publish_prices,
    *,
    channels: Sequence[str] = (),
    schemathesis: bool | None = None,
    timeout_s: float = 10.0,
) -> ContractChecks:
    """Check each message that an application sends against the documents, as it comes.

    Our own check reads both transports and tells every breach. Schemathesis reads whole streams against the
    OpenAPI document; for it each stream is ended after one round of the application.

    Args:
        lab: The running lab, in this kernel.
        documents: What ``documents()`` gave, or one document of your own, AsyncAPI 3.1 or OpenAPI 3.2.
        application: Called once with the lab for each round; it publishes some messages.
        channels: Which channels; for documents of ``documents()`` all of theirs.
        schemathesis: True demands it, False leaves it out; None runs it where it is installed.
        timeout_s: How long the messages may take, in seconds.

    Returns:
        One row a checker, document and transport, and the breaches.

    Raises:
        InputError: No channel is named, or nothing was published.
        MissingExtra: Schemathesis is demanded and not installed.
        LabError: Schemathesis failed or saw nothing, or the application failed.
        WaitTimeout: A message, or Schemathesis, took too long.
    """
    if isinstance(documents, Documents):
        held, channels = [documents.asyncapi, documents.openapi], channels or documents.catalogue.channels
    else:
        held = [dict(documents)]
    contracts = [Contract(document) for document in held]
    seen = observe(lab, channels, application, timeout_s=timeout_s)
    if not seen:
        raise InputError("The application published nothing on these channels, so nothing was checked.")
    checks = []
    for each in contracts:
        transports: tuple[StreamKind, ...] = ("sse", "websocket") if each.covers_websocket else ("sse",)
        checks += [_own_check(each, transport, seen) for transport in transports]
    described = next((document for document in held if "openapi" in document), None)
    left_out = ""
    if described is not None and schemathesis is not False:
        try:
            find_schemathesis()
        except MissingExtra:
            if schemathesis:
                raise
            left_out = f"Schemathesis is not installed here, so it was left out; install it: {INSTALL}."
        else:
            checks.append(_by_schemathesis(lab, described, application))
    return ContractChecks(checks, left_out)


def _own_check(contract: Contract, transport: StreamKind, seen: Sequence[Sighting]) -> ContractCheck:
    messages = [each for each in seen if each.transport == transport]
    breaches: list[Breach] = []
    for each in messages:
        breaches += contract.breaches(each)
    return ContractCheck("rtlab", contract.name, transport, len(messages), "messages", tuple(breaches))


def _by_schemathesis(lab: Lab, document: Mapping[str, Any], application: Application) -> ContractCheck:
    with tempfile.TemporaryDirectory(prefix="rtlab-contract-") as folder, EndedStreams(lab, application):
        return check_streams(document, lab.http_url, Path(folder), ca_pem=lab.ca_pem)
