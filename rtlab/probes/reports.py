"""What a probe found, as files for people and for machines: HTML, JSON, SARIF 2.1.0 and JUnit XML."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from rtlab.errors import RecordingError
from rtlab.probes.buffering import Piece
from rtlab.probes.chart import arrivals_svg
from rtlab.probes.examination import Fact
from rtlab.probes.finding import ProbeFinding
from rtlab.probes.gaps import gap_counts
from rtlab.probes.rules import RULES

FORMAT = "rtlab-probe-1"
_SARIF_KINDS = {"error": "fail", "warning": "fail", "info": "informational", "fine": "pass"}
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_STYLE = """
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse }
th, td { text-align: left; padding: .2rem .8rem; border-bottom: 1px solid #8886 }
section { margin-top: 1.5rem; padding-left: .8rem; border-left: .3rem solid #8888 }
.error { border-color: #d64545 } .warning { border-color: #b7791f } .fine { border-color: #2f855a }
figure { margin: 1rem 0 } svg { width: 100%; max-width: 45rem; height: auto; fill: currentColor; font-size: 12px }
svg path { stroke: currentColor; fill: none } svg .whole { stroke: #0f7dc2; stroke-width: 2 }
svg .cut { stroke: #d64545; stroke-width: 2 } svg rect { fill: #0f7dc2 }
.middle { text-anchor: middle } .small { font-size: 9px }
pre { overflow-x: auto; padding: .5rem; border: 1px solid #8886 } code { overflow-wrap: anywhere }
"""


def to_json(
    url: str,
    reached: bool,
    facts: Mapping[str, Fact],
    gaps_ms: Sequence[float],
    findings: Sequence[ProbeFinding],
) -> dict[str, Any]:
    """Give all of it as values that JSON has."""
    return {
        "format": FORMAT,
        "url": url,
        "reached": reached,
        "facts": dict(facts),
        "gaps": dict(gap_counts(gaps_ms)),
        "findings": [
            {
                "id": each.id,
                "severity": each.severity,
                "title": each.title,
                "evidence": each.evidence,
                "clause": each.clause,
                "fix": each.fix.text if each.fix else "",
                "snippets": dict(each.fix.snippets) if each.fix else {},
            }
            for each in findings
        ],
    }


def to_sarif(url: str, findings: Sequence[ProbeFinding]) -> dict[str, Any]:
    """Give the findings as SARIF 2.1.0; what is fine is a result of the kind ``pass``."""
    used = sorted({each.id for each in findings})
    rules = [
        {
            "id": id,
            "shortDescription": {"text": RULES[id].title},
            "properties": {"clause": RULES[id].clause},
        }
        for id in used
    ]
    results = [
        {
            "ruleId": each.id,
            "ruleIndex": used.index(each.id),
            "kind": _SARIF_KINDS[each.severity],
            "level": each.severity if each.severity in ("error", "warning") else "none",
            "message": {"text": f"{each.title} {each.evidence}".strip()},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": url}}}],
        }
        for each in findings
    ]
    driver = {"name": "rtlab probe", "rules": rules}
    return {
        "$schema": _SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }


def to_junit(url: str, findings: Sequence[ProbeFinding], failed: Sequence[ProbeFinding]) -> str:
    """Give the findings as JUnit XML, a test case each."""
    numbers = {"tests": str(len(findings)), "failures": str(len(failed))}
    suite = ElementTree.Element("testsuite", {"name": f"rtlab probe {url}", **numbers})
    for each in findings:
        case = ElementTree.SubElement(suite, "testcase", {"classname": url, "name": f"{each.id} {each.title}"})
        said = f"{each.evidence}\n{each.clause}\n{each.fix.text if each.fix else ''}".strip()
        if each in failed:
            ElementTree.SubElement(case, "failure", {"type": each.severity, "message": each.title}).text = said
        elif said:
            ElementTree.SubElement(case, "system-out").text = f"{each.severity}: {said}"
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(suite, encoding="unicode")


def to_html(
    url: str,
    text: str,
    facts: Mapping[str, Fact],
    pieces: Sequence[Piece],
    gaps_ms: Sequence[float],
    findings: Sequence[ProbeFinding],
) -> str:
    """Give it as one page that needs no network."""
    measured = [(name, f"{value:.4g}" if isinstance(value, float) else str(value)) for name, value in facts.items()]
    gaps = [(name, str(count)) for name, count in gap_counts(gaps_ms)] if gaps_ms else []
    title = f"Probe of {url}"
    return "\n".join(
        (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<style>{_STYLE}</style></head><body>",
            f"<main><h1>{escape(title)}</h1><p>{escape(text)}</p>",
            arrivals_svg(pieces, gaps_ms, str(facts.get("buffering", ""))),
            *map(_section, findings),
            _table("What was measured", measured),
            _table("Times between events", gaps) if gaps else "",
            "</main></body></html>",
        )
    )


def write(content: dict[str, Any] | str, path: str | os.PathLike[str]) -> Path:
    """Write a file.

    Raises:
        RecordingError: It cannot be written.
    """
    target = Path(path)
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, indent=1)
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RecordingError(f"The result cannot be written to {target}: {error}.") from error
    return target


def _section(finding: ProbeFinding) -> str:
    fix = finding.fix
    parts = [
        f'<section class="{finding.severity}"><h2>{finding.severity}: {escape(finding.title)}</h2>',
        f"<p>{finding.id}{', ' * bool(finding.clause)}{escape(finding.clause)}</p>",
        f"<p>Seen: <code>{escape(finding.evidence)}</code></p>" if finding.evidence else "",
        f"<p>{escape(fix.text)}</p>" if fix else "",
        *(f"<h3>{escape(name)}</h3><pre>{escape(lines)}</pre>" for name, lines in (fix.snippets if fix else ())),
        "</section>",
    ]
    return "".join(parts)


def _table(caption: str, rows: Sequence[tuple[str, str]]) -> str:
    body = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in rows)
    return f"<table><caption>{escape(caption)}</caption>{body}</table>"
