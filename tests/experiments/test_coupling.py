from __future__ import annotations

from rtlab.experiments.coupling import CHANGES, try_changes
from rtlab.servers.lab import Lab


def test_a_new_field_harms_nobody_and_a_name_that_is_gone_harms_both(lab: Lab) -> None:
    found = try_changes(lab)
    assert set(found) == {(way, change) for way in ("sse", "websocket") for change in CHANGES}
    for way in ("sse", "websocket"):
        assert found[way, "nothing"] == found[way, "add a field"] == "reads it"
        assert found[way, "drop a field"] == "fails"
        assert found[way, "rename the event"] == "misses it"
