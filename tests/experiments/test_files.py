from __future__ import annotations

from collections.abc import Callable

import pytest

from rtlab.errors import InputError, LabError
from rtlab.experiments import files
from rtlab.experiments.files import size_limits, transfer_files
from rtlab.findings.performance import SizeLimit
from rtlab.servers.guards import Guards
from rtlab.servers.lab import Lab


def test_files_arrive_whole_and_their_bytes_on_the_wire_are_those_of_the_formats() -> None:
    found = {(each.way, each.size_bytes): each for each in transfer_files([1_000, 300_000], repeats=2)}
    assert found["websocket", 1_000].wire_bytes == 1_004
    assert found["websocket", 300_000].wire_bytes == 300_010
    event = len("data: \n\n") + 400_000
    assert found["sse", 300_000].wire_bytes == event + len(f"{event:x}\r\n\r\n")
    for each in found.values():
        assert len(each.mb_per_s) == 2
        assert each.memory_bytes >= each.size_bytes
        assert not each.refused


def test_a_file_beyond_the_limits_of_the_client_is_refused() -> None:
    found = {each.way: each for each in transfer_files([17_000_000], repeats=1)}
    assert found["websocket"].refused == "close code 1009"
    assert "longer than" in found["sse"].refused
    assert all(each.mb_per_s == () and each.wire_bytes == 0 for each in found.values())


@pytest.mark.parametrize("largest", [100_000, 131_072])
def test_the_limits_are_found_to_the_byte(make_lab: Callable[..., Lab], largest: int) -> None:
    lab = make_lab(guards=Guards(max_message_bytes=largest))
    assert size_limits(lab) == (SizeLimit("server", largest, 1009), SizeLimit("client", 16_777_216, 1009))


def test_an_end_without_a_limit_is_told(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_NOISE_BYTES", 500_000)
    with pytest.raises(LabError, match="server accepts"):
        size_limits(lab)


def test_settings_that_cannot_work_are_refused() -> None:
    with pytest.raises(InputError, match="sizes_bytes"):
        transfer_files([0])
    with pytest.raises(InputError, match="repeats"):
        transfer_files([1_000], repeats=0)
