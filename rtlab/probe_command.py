"""``rtlab probe``: what is wrong with an endpoint, in the terminal and as files for people and machines."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rtlab.errors import InputError

if TYPE_CHECKING:
    from rtlab.results.probe import Probe

UNREACHABLE = 2
_STYLES = {"error": "bold red", "warning": "yellow", "info": "cyan", "fine": "green"}
_BAR_SIGNS = 40
_SEVERITY_SIGNS = 8


def run(options: argparse.Namespace) -> int:
    """Probe an endpoint, print what was found, and write what was asked for.

    Args:
        options: The command line's settings.

    Returns:
        The exit code: 0; 1 if a finding is as grave as ``--fail-on``; 2 if nobody answers.

    Raises:
        InputError: A setting cannot work, or the endpoint is on another machine and consent is not given.
    """
    from rtlab.results.probe import probe  # here, so that help does not wait for pandas

    for path in (options.json, options.html, options.sarif, options.junit):
        if path and not path.resolve().parent.is_dir():
            raise InputError(f"The folder of {path} does not exist; make it first.")
    try:
        ca_pem = options.ca_file.read_text(encoding="ascii") if options.ca_file else ""
    except (OSError, ValueError) as error:
        raise InputError(f"{options.ca_file} cannot be read as PEM: {error}.") from error
    headers = [_header(text) for text in options.header]
    try:
        result = probe(
            options.url,
            seconds=options.seconds,
            headers=headers,
            ca_pem=ca_pem,
            subprotocols=options.subprotocol,
            consent=options.consent,
            intrusive=options.intrusive,
        )
    except InputError as error:
        # The words are those of the notebook; here an option does it.
        said = str(error).replace("consent=True", "--consent").replace("intrusive=True", "--intrusive")
        raise InputError(said.replace("leave intrusive out", "leave --intrusive out")) from error
    console = Console(highlight=False, markup=False)
    _print(result, console, with_fixes=options.fixes)
    savers = (
        (options.json, result.save_json),
        (options.html, result.save_html),
        (options.sarif, result.save_sarif),
    )
    for path, save in savers:
        if path:
            console.print(f"Saved: {save(path)}", soft_wrap=True)
    if options.junit:
        console.print(f"Saved: {result.save_junit(options.junit, fail_on=options.fail_on)}", soft_wrap=True)
    if not result.reached:
        return UNREACHABLE
    return 1 if result.at_least(options.fail_on) else 0


def _print(result: Probe, console: Console, *, with_fixes: bool) -> None:
    for finding in result.findings:
        grid = Table.grid()
        grid.add_column(width=_SEVERITY_SIGNS)
        grid.add_column()
        grid.add_row(
            Text(finding.severity, style=_STYLES[finding.severity]), Text(f"{finding.id}  {finding.title}")
        )
        told = [finding.evidence, finding.clause]
        if finding.severity in ("error", "warning") and finding.fix:
            told.append(f"Fix: {finding.fix.text}")
            told += [f"{name}:\n{lines}" for name, lines in finding.fix.snippets if with_fixes]
        for said in filter(None, told):
            grid.add_row("", Text(said))
        console.print(grid)
    console.print()
    for name, value in result.facts.items():
        console.print(f"{name}: {value:.4g}" if isinstance(value, float) else f"{name}: {value}", soft_wrap=True)
    counts = [(str(gap), int(count)) for gap, count in result.gaps.itertuples(index=False)]
    most = max((count for _, count in counts), default=0)
    for gap, count in counts if most else ():
        console.print(f"{gap:>16} {'#' * -(-count * _BAR_SIGNS // most)} {count}")
    console.print(result.text, soft_wrap=True)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise InputError(f"A header is NAME:VALUE, not {text!r}.")
    return name.strip(), value.strip()
