"""One kind of finding, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of finding.

    Attributes:
        title: What is the matter, as one sentence.
        clause: What it rests on; empty where it is practice and no standard.
        fix: A key of :data:`rtlab.probes.fixes.FIXES`; empty if nothing general can be said.
        fine: What to say where this was tried and held; empty if that is not worth a line.
    """

    title: str
    clause: str = ""
    fix: str = ""
    fine: str = ""
