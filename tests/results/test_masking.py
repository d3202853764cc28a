"""The text of ``security.masking()`` follows from what was seen."""

from __future__ import annotations

from dataclasses import replace

from rtlab.results.masking import Masking, masking


def test_the_text_tells_who_got_whose_script() -> None:
    found = masking()
    assert found.text.startswith("A frame without a mask poisoned the cache")
    assert found.text.endswith("did not poison it, and the next client got the site's own.")
    unpoisoned = Masking([replace(attempt, succeeded=False) for attempt in found.attempts])
    assert unpoisoned.text.startswith("A frame without a mask did not poison the cache")
