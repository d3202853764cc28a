from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.experiments.listeners import DESIGNS
from rtlab.experiments.restart import restart_under_clients


def test_who_names_the_last_id_misses_nothing_although_the_numbers_start_again() -> None:
    found = {each.client: each for each in restart_under_clients(messages=3)}
    assert list(found) == list(DESIGNS)
    for name in ("EventSource", "WebSocket, resumed"):
        assert found[name].returned
        assert (found[name].account.lost, found[name].account.doubled) == (0, 0)
    for name in ("sseclient-py", "WebSocket"):
        assert not found[name].returned
        assert (found[name].account.delivered, found[name].account.lost) == (3, 3)
    assert found["WebSocket, reopened"].returned


@pytest.mark.parametrize("messages", [0, 101])
def test_a_number_out_of_its_range_is_refused(messages: int) -> None:
    with pytest.raises(InputError, match="messages"):
        restart_under_clients(messages=messages)
