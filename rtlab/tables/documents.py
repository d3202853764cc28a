"""What was seen on a lab's channels, and what became of its contract, as tidy tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from rtlab.findings.documents import Catalogue, ContractCheck, OwnTest, PostmanStep
from rtlab.tables.schema import rows_table


def message_kinds_table(catalogue: Catalogue) -> pd.DataFrame:
    """List the kinds of messages.

    Args:
        catalogue: What was seen.

    Returns:
        The ``message_kinds`` table (``describe("message_kinds")``), one row a channel, transport and name.
    """
    return rows_table([{**asdict(kind), "seen": kind.count} for kind in catalogue.kinds], "message_kinds")


def contract_checks_table(checks: Sequence[ContractCheck]) -> pd.DataFrame:
    """List who checked what.

    Args:
        checks: One for each checker, document and transport.

    Returns:
        The ``contract_checks`` table (``describe("contract_checks")``), one row a check.
    """
    return rows_table([{**asdict(each), "breaches": len(each.breaches)} for each in checks], "contract_checks")


def breaches_table(checks: Sequence[ContractCheck]) -> pd.DataFrame:
    """List what broke the contract.

    Args:
        checks: One for each checker, document and transport.

    Returns:
        The ``breaches`` table (``describe("breaches")``), one row a breach and checker.
    """
    rows = [
        {**asdict(breach), "checker": each.checker, "document": each.document}
        for each in checks
        for breach in each.breaches
    ]
    return rows_table(rows, "breaches")


def postman_table(steps: Sequence[PostmanStep]) -> pd.DataFrame:
    """List what Postman's programs did.

    Args:
        steps: One for each program, collection and step.

    Returns:
        The ``postman_steps`` table (``describe("postman_steps")``), one row a step.
    """
    return rows_table([asdict(each) for each in steps], "postman_steps")


def own_tests_table(tests: Iterable[OwnTest]) -> pd.DataFrame:
    """List what each test said (``describe("own_tests")``), one row a test."""
    return rows_table([asdict(each) for each in tests], "own_tests")


def viewers_table(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """List the viewers of documents.

    Args:
        rows: One for each viewer.

    Returns:
        The ``viewers`` table (``describe("viewers")``), one row a viewer.
    """
    return rows_table(rows, "viewers")
