"""A small picture of what came when, for a report that is one file: it needs no script and no network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from rtlab.probes.buffering import Piece
from rtlab.probes.gaps import gap_counts

_WIDTH, _TOP, _BASE, _LEFT = 720, 20, 130, 10
_BAR_TOP, _BAR_BASE = 180, 280
_MARGIN = 10
_MOST_MARKS = 2_000


def arrivals_svg(pieces: Sequence[Piece], gaps_ms: Sequence[float], verdict: str) -> str:
    """Draw pieces over time, and the times between events by class.

    Args:
        pieces: What came.
        gaps_ms: The gaps, in milliseconds.
        verdict: What is said of buffering; may be empty.

    Returns:
        An SVG element in the page's own colours; empty if nothing came.
    """
    if not pieces:
        return ""
    shown = pieces[:_MOST_MARKS]
    last_ms, largest = max(shown[-1].at_ms, 1.0), max(piece.size_bytes for piece in shown)
    cut = sum(piece.ends_inside for piece in shown)
    told = f"{len(shown)} pieces came within {last_ms / 1e3:.3g} s; {cut} of them, with a cross, ended inside an "
    told += f"event.{f' Buffering: {verdict}.' * bool(verdict)}"
    parts = [
        f'<figure><svg viewBox="0 0 {_WIDTH} 320" role="img" aria-label="{escape(told)}">',
        f'<text x="{_LEFT}" y="12">size of each piece, up to {largest:,} bytes, over {last_ms / 1e3:.3g} s</text>',
        f'<path d="M{_LEFT} {_BASE}H{_WIDTH - _MARGIN}" class="axis"/>',
        *(_mark(piece, last_ms, largest) for piece in shown),
        f'<text x="{_LEFT}" y="{_BAR_TOP - 22}">times from one event to the next</text>',
        *_bars(gap_counts(gaps_ms)),
        f"</svg><figcaption>{escape(told)}</figcaption></figure>",
    ]
    return "".join(parts)


def _mark(piece: Piece, last_ms: float, largest: int) -> str:
    """Draw a stem; one that ends inside an event has a cross at its head."""
    x = _LEFT + (_WIDTH - _LEFT - _MARGIN) * max(piece.at_ms, 0.0) / last_ms
    y = _BASE - (_BASE - _TOP) * piece.size_bytes / max(largest, 1)
    head = f"M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8" if piece.ends_inside else ""
    return f'<path d="M{x:.1f} {_BASE}V{y:.1f}{head}" class="{"cut" if piece.ends_inside else "whole"}"/>'


def _bars(counts: Sequence[tuple[str, int]]) -> list[str]:
    most = max(1, *(count for _, count in counts))
    step = (_WIDTH - _LEFT - _MARGIN) / len(counts)
    parts = []
    for index, (name, count) in enumerate(counts):
        x, height = _LEFT + index * step, (_BAR_BASE - _BAR_TOP) * count / most
        middle = x + step / 2
        parts.append(
            f'<rect x="{x + 4:.1f}" y="{_BAR_BASE - height:.1f}" width="{step - 8:.1f}" height="{height:.1f}"/>'
            f'<text x="{middle:.1f}" y="{_BAR_BASE - height - 4:.1f}" class="middle">{count or ""}</text>'
            f'<text x="{middle:.1f}" y="{_BAR_BASE + 16}" class="middle small">{name}</text>'
        )
    return [f'<path d="M{_LEFT} {_BAR_BASE}H{_WIDTH - _MARGIN}" class="axis"/>', *parts]
