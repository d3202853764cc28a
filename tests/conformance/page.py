"""Writes the tables of CONFORMANCE.md from the dated runs in ``data/``.

::

    uv run python tests/conformance/page.py
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rtlab.conformance.archive import shipped_league
from rtlab.conformance.run import EVERY_FEEDING, Entrant, Judgement

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "CONFORMANCE.md"
VERDICTS = ("OK", "INFORMATIONAL", "NON-STRICT", "UNIMPLEMENTED", "FAILED")
CUTS = {
    "sse": {"as given": ["as given"], "one chunk": ["one chunk"]},
    "websocket": {"as given": ["frame by frame"], "one chunk": ["one chunk"]},
}
BYTE_BY_BYTE = ["byte by byte", "in pieces of 64 KiB"]


def markdown(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Give a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def autobahn_runs() -> list[dict[str, Any]]:
    """Give all runs of the suite that are kept, the newest day last."""
    runs = []
    for path in sorted((ROOT / "data" / "conformance").glob("*.json")):
        runs += json.loads(path.read_text(encoding="utf-8"))["runs"]
    return runs


def autobahn(cases: int) -> str:
    """Give the table of the runs with so many cases."""
    rows = []
    for run in autobahn_runs():
        if run["cases"] != cases:
            continue
        name = f"{run['testee']} {run['version']}"
        counts = [run["verdicts"].get(verdict, 0) for verdict in VERDICTS]
        shown = f"**{name}**" if run["testee"] == "rtlab" else name
        switch = "on" if run["compression"] else "off"
        if run["compression"] and run["verdicts"].get("UNIMPLEMENTED"):
            switch = "has none"
        rows.append([shown, run["role"], switch, *counts, in_short(run["failed"])])
    head = ["testee", "role", "compression", *(verdict.lower() for verdict in VERDICTS), "failed cases"]
    return markdown(head, rows)


def in_short(ids: Sequence[str]) -> str:
    """Join ids; those of one group that follow one another become a range."""
    groups: list[tuple[str, list[int]]] = []
    for id in ids:
        group, _, number = id.rpartition(".")
        if groups and groups[-1][0] == group and groups[-1][1][-1] + 1 == int(number):
            groups[-1][1].append(int(number))
        else:
            groups.append((group, [int(number)]))
    return ", ".join(
        f"{group}.{numbers[0]}" + (f"–{numbers[-1]}" if len(numbers) > 1 else "") for group, numbers in groups
    )


def vectors() -> str:
    """Give the table of the vectors in their three feedings."""
    run = shipped_league()
    found: dict[tuple[str, str], list[Judgement]] = {}
    for one in run.judgements:
        found.setdefault((one.protocol, one.peer), []).append(one)
    rows = [row(entrant, found[entrant.protocol, entrant.peer]) for entrant in run.entrants if entrant.date_utc]
    head = ["protocol", "peer", "vectors", "as given", "one chunk", "byte by byte", "all three", "not applicable"]
    return markdown(head, rows)


def row(entrant: Entrant, judgements: Sequence[Judgement]) -> list[object]:
    """Count the vectors that a peer takes as the standard wants, in each feeding."""
    fitting = [one for one in judgements if one.verdict != "UNIMPLEMENTED"]

    def good(one: Judgement, cut: Sequence[str]) -> bool:
        if one.verdict in ("OK", "INFORMATIONAL"):
            return True
        return one.feeding != EVERY_FEEDING and not set(cut) & set(one.feeding.split(", "))

    cuts = [*CUTS[entrant.protocol].values(), BYTE_BY_BYTE]
    counts = [sum(good(one, cut) for one in fitting) for cut in cuts]
    whole = sum(one.verdict in ("OK", "INFORMATIONAL") for one in fitting)
    name = f"{entrant.peer} {entrant.version}"
    shown = f"**{name}**" if entrant.peer == "rtlab" else name
    return [entrant.protocol, shown, len(judgements), *counts, whole, len(judgements) - len(fitting)]


def tables() -> dict[str, str]:
    """Give each table of the page under its name."""
    return {"autobahn-517": autobahn(517), "autobahn-261": autobahn(261), "vectors": vectors()}


def written(page: str) -> str:
    """Give the page with the tables of today."""
    for name, table in tables().items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(end)
        page = f"{before}{begin}\n{table}\n{end}{after}"
    return page


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
