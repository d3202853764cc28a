"""What was seen on a lab's channels, and what became of its contract, as tidy tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from rtlab.findings.documents import Catalogue, ContractCheck, OwnTest, PostmanStep
from rtlab.tables.schema import TABLES, check


def message_kinds_table(catalogue: Catalogue) -> pd.DataFrame:
    """List the kinds of messages.

    Args:
        catalogue: What was seen.

    Returns:
        The ``message_kinds`` table (``describe("message_kinds")``), one row a channel, transport and name.
    """
    return _table(
        (
            {
                "channel": kind.channel,
                "transport": kind.transport,
                "event": kind.event,
                "is_json": kind.is_json,
                "seen": kind.count,
                "example": kind.example,
            }
            for kind in catalogue.kinds
        ),
        "message_kinds",
    )


def contract_checks_table(checks: Sequence[ContractCheck]) -> pd.DataFrame:
    """List who checked what.

    Args:
        checks: One for each checker, document and transport.

    Returns:
        The ``contract_checks`` table (``describe("contract_checks")``), one row a check.
    """
    return _table(
        (
            {
                "checker": each.checker,
                "document": each.document,
                "transport": each.transport,
                "checked": each.checked,
                "unit": each.unit,
                "breaches": len(each.breaches),
            }
            for each in checks
        ),
        "contract_checks",
    )


def breaches_table(checks: Sequence[ContractCheck]) -> pd.DataFrame:
    """List what broke the contract.

    Args:
        checks: One for each checker, document and transport.

    Returns:
        The ``breaches`` table (``describe("breaches")``), one row a breach and checker.
    """
    return _table(
        (
            {
                "checker": each.checker,
                "document": each.document,
                "transport": breach.transport,
                "channel": breach.channel,
                "event": breach.event,
                "where": breach.where,
                "problem": breach.problem,
            }
            for each in checks
            for breach in each.breaches
        ),
        "breaches",
    )


def postman_table(steps: Sequence[PostmanStep]) -> pd.DataFrame:
    """List what Postman's programs did.

    Args:
        steps: One for each program, collection and step.

    Returns:
        The ``postman_steps`` table (``describe("postman_steps")``), one row a step.
    """
    return _table((asdict(each) for each in steps), "postman_steps")


def own_tests_table(tests: Iterable[OwnTest]) -> pd.DataFrame:
    """List what each test said (``describe("own_tests")``), one row a test."""
    return _table((asdict(each) for each in tests), "own_tests")


def viewers_table(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """List the viewers of documents.

    Args:
        rows: One for each viewer.

    Returns:
        The ``viewers`` table (``describe("viewers")``), one row a viewer.
    """
    return _table(rows, "viewers")


def _table(rows: Iterable[dict[str, Any]], name: str) -> pd.DataFrame:
    names = [column.name for column in TABLES[name]]
    return check(pd.DataFrame(list(rows), columns=names, dtype="object"), name)
