from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.experiments.nagle import two_writes_us


@pytest.mark.parametrize("no_delay", [True, False])
def test_whole_answers_arrive_with_and_without_the_algorithm(no_delay: bool) -> None:
    assert two_writes_us(no_delay, messages=2) > 0


def test_settings_that_cannot_work_are_refused() -> None:
    with pytest.raises(InputError, match="messages"):
        two_writes_us(True, messages=0)
