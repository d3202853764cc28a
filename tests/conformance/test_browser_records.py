from __future__ import annotations

import re
from datetime import date

from rtlab.conformance.browser_records import status_records


def test_each_record_names_browser_version_and_day() -> None:
    records = status_records()
    assert [record.browser for record in records] == ["Chromium"]
    for record in records:
        assert re.fullmatch(r"\d+(\.\d+)+", record.version)
        assert date.fromisoformat(record.date)
        assert record.source == f"{record.browser} {record.version.split('.')[0]}, recorded on {record.date}"
        assert record.cells
