from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from rtlab.errors import LabError, WaitTimeout
from rtlab.experiments.errand import carry_out


@dataclass(frozen=True)
class Order:
    number: int


@pytest.fixture
def errand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path / "errand_of_a_test.py"


def test_the_order_goes_and_what_was_found_comes_back(errand: Path) -> None:
    errand.write_text("import json; print(json.dumps({'next': json.loads(input())['number'] + 1}))")
    assert carry_out(errand.stem, Order(4), 20) == {"next": 5}


def test_what_it_says_before_it_fails_is_told(errand: Path) -> None:
    errand.write_text("input(); raise SystemExit('no luck')")
    with pytest.raises(LabError, match="errand_of_a_test failed: no luck"):
        carry_out(errand.stem, Order(4), 20)


def test_an_error_that_it_found_is_told(errand: Path) -> None:
    errand.write_text("import json; input(); print(json.dumps({'error': 'nobody there'}))")
    with pytest.raises(LabError, match="errand_of_a_test: nobody there"):
        carry_out(errand.stem, Order(4), 20)


def test_one_that_does_not_come_back_is_not_waited_for(errand: Path) -> None:
    errand.write_text("import threading; threading.Event().wait()")
    with pytest.raises(WaitTimeout, match=r"within 0\.5 s"):
        carry_out(errand.stem, Order(4), 0.5)
